#pragma once

#include "core/matrix/viewport.h"
#include "ui/inspector/order_request.h"
#include "ui/plots/matrix_frame.h"

#include <QByteArray>

#include <filesystem>
#include <optional>

namespace barlow::ui {

/// How a person left a matrix: what comes back with the run.
struct DisplayState {
  MatrixKind kind = MatrixKind::CrossCorrelation;
  RenderSettings settings;
  OrderRequest order;                // computed anew; a saved order is not kept
  std::optional<MatrixPlace> place;  // nothing: all of it, at any size of the window
};

/// JSON with "format": 1.
QByteArray toJson(const DisplayState& state);
/// Nothing for what is no view state. A value that is missing, unknown or beyond its limits is the
/// default.
std::optional<DisplayState> displayStateFromJson(const QByteArray& json);

/// RUN/view.json. Blocks on the disk; a view that cannot be written or read costs nothing but
/// itself.
void writeViewState(const std::filesystem::path& runFolder, const DisplayState& state);
std::optional<DisplayState> readViewState(const std::filesystem::path& runFolder);

}  // namespace barlow::ui
