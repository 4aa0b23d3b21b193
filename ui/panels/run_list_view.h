#pragma once

#include <QTreeView>

namespace barlow::ui {

/// The rows of a RunListModel; a click or Return opens one.
class RunListView final : public QTreeView {
  Q_OBJECT

 public:
  explicit RunListView(QWidget* parent = nullptr);
  /// After the model was set.
  void fitColumns();

 Q_SIGNALS:
  void chosen(int row);

 protected:
  void keyPressEvent(QKeyEvent* event) override;
};

}  // namespace barlow::ui
