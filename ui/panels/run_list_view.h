#pragma once

#include <QTreeView>

namespace barlow::ui {

/// The rows of a RunListModel; a click or Return opens one, its menu has more.
class RunListView final : public QTreeView {
  Q_OBJECT

 public:
  explicit RunListView(QWidget* parent = nullptr);
  /// After the model was set.
  void fitColumns();

 Q_SIGNALS:
  void chosen(int row);
  void exportRequested(int row);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
};

}  // namespace barlow::ui
