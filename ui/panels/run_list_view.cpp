#include "ui/panels/run_list_view.h"

#include "ui/panels/run_list_model.h"
#include "ui/theme/theme.h"

#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
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

void RunListView::contextMenuEvent(QContextMenuEvent* event) {
  const bool isKey = event->reason() == QContextMenuEvent::Keyboard;
  const QModelIndex index = isKey ? currentIndex() : indexAt(event->pos());
  if (!index.isValid()) {
    return;
  }
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("runMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(tr("&Open"), this, [this, row = index.row()] { Q_EMIT chosen(row); });
  menu->addAction(
      tr("&Export weights..."), this, [this, row = index.row()] { Q_EMIT exportRequested(row); });
  menu->popup(isKey ? viewport()->mapToGlobal(visualRect(index).bottomLeft()) : event->globalPos());
}

}  // namespace barlow::ui
