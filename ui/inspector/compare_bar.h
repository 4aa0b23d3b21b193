#pragma once

#include "ui/inspector/matrix_arranger.h"

#include <QString>
#include <QWidget>

class QAction;
class QComboBox;
class QToolButton;

namespace barlow::ui {

/// How one or two matrices are laid out.
enum class Layout {
  Single,
  SideBySide,
  Difference,
  MagnitudeDifference,
  SplitVertical,
  SplitHorizontal,
  Flicker,
  RedBlue,
  Asymmetry,
  Transposed,
  Grid2,  // small multiples of the run's moments
  Grid3,
};
/// What the arranger makes for it.
Derivation derivationOf(Layout layout);
bool needsSecond(Layout layout);

/// What stands beside the matrix, how the two are put together, and what is locked between them.
class CompareBar final : public QWidget {
  Q_OBJECT

 public:
  explicit CompareBar(QWidget* parent = nullptr);

  Layout layout() const;
  /// Chooses a layout; one that cannot be had now is ignored.
  void setLayout(Layout layout);
  /// The name of the second matrix; empty: there is none.
  void setSecondName(const QString& name);
  /// Whether there are moments for a grid.
  void setHasMoments(bool hasMoments);
  bool locksZoom() const;
  bool locksPlace() const;
  bool locksColors() const;

 Q_SIGNALS:
  void layoutChanged(barlow::ui::Layout layout);
  /// By the person, after layoutChanged().
  void layoutChosen(barlow::ui::Layout before, barlow::ui::Layout layout);
  void locksChanged();
  /// The person asks for a second matrix.
  void holdShownRequested();  // the one on screen, so that the first can move on
  void firstMomentRequested();
  void runRequested();
  void filesRequested();
  void nothingRequested();

 private:
  void offer();
  void change(Layout layout);

  QToolButton* with_;
  QComboBox* layout_;
  QToolButton* locks_;
  QAction* zoom_;
  QAction* place_;
  QAction* colors_;
  QAction* first_;
  QAction* nothing_;
  Layout before_ = Layout::Single;
  Layout now_ = Layout::Single;
  bool hasSecond_ = false;
  bool hasMoments_ = false;
};

}  // namespace barlow::ui
