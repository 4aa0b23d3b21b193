#include "ui/panels/run_list_view.h"

#include "ui/panels/run_list_model.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QStyledItemDelegate>

namespace barlow::ui {
namespace {

class RunDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QSize size = QStyledItemDelegate::sizeHint(option, index);
    size.setHeight(option.fontMetrics.height() + 2 * kGap);
    size.rwidth() += kWideGap;  // columns do not touch
    return size;
  }

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    const Colors& tone = colors(option->palette);
    if (index.data(RunListModel::NeedsAttentionRole).toBool()) {
      option->palette.setColor(QPalette::Text, tone.attention);
    } else if (index.column() != RunListModel::Name) {
      option->palette.setColor(QPalette::Text, tone.quiet);
    }
    option->state.setFlag(QStyle::State_HasFocus, false);  // the whole row is marked
  }
};

}  // namespace

RunListView::RunListView(QWidget* parent) : QTreeView(parent) {
  setItemDelegate(new RunDelegate(this));
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setAllColumnsShowFocus(true);
  setFrameShape(QFrame::NoFrame);
  setSelectionMode(QAbstractItemView::SingleSelection);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  connect(this, &QTreeView::clicked, this, [this](const QModelIndex& index) {
    Q_EMIT chosen(index.row());
  });
}

void RunListView::fitColumns() {
  header()->setStretchLastSection(false);
  header()->setSectionsMovable(false);
  header()->setHighlightSections(false);
  header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  header()->setSectionResizeMode(RunListModel::Name, QHeaderView::Stretch);
}

void RunListView::keyPressEvent(QKeyEvent* event) {
  const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (isReturn && currentIndex().isValid()) {
    Q_EMIT chosen(currentIndex().row());
    return;
  }
  QTreeView::keyPressEvent(event);
}

}  // namespace barlow::ui
