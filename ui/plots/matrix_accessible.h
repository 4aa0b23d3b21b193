#pragma once

namespace barlow::ui {

class MatrixCanvas;

/// Assistive technology sees a canvas as a table of all cells of its matrix, of which a cell is
/// made when it is asked for. On the window's thread.

/// Before the first canvas is asked for; more often does nothing.
void installMatrixAccessibility();
/// The cell cursor stands elsewhere: its cell has the focus.
void announceCell(MatrixCanvas* canvas);
/// The table has another shape.
void resetMatrixAccessibility(MatrixCanvas* canvas);

}  // namespace barlow::ui
