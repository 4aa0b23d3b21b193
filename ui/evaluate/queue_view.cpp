#include "ui/evaluate/queue_view.h"

#include "ui/evaluate/evaluation_queue.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QSignalBlocker>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

namespace barlow::ui {
namespace {

enum Role { IdRole = Qt::UserRole, LineRole, ShareRole, FailedRole };

constexpr int kBarHeight = 3;

class EntryDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter,
             const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    painter->save();
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected) {
      painter->fillRect(option.rect, option.palette.brush(QPalette::Highlight));
    }
    const Colors& tone = colors(option.palette);
    const QRect area = option.rect.adjusted(kGap / 2, 2, -kGap / 2, -2);
    const int line = option.fontMetrics.height();
    const QColor plain =
        option.palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text);
    const bool hasFailed = index.data(FailedRole).toBool();
    painter->setPen(plain);
    painter->drawText(
        QRect(area.left(), area.top(), area.width(), line),
        Qt::AlignVCenter,
        option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, area.width()));
    painter->setPen(isSelected ? plain : hasFailed ? tone.bad : tone.quiet);
    painter->drawText(QRect(area.left(), area.top() + line, area.width(), line),
                      Qt::AlignVCenter,
                      option.fontMetrics.elidedText(
                          index.data(LineRole).toString(), Qt::ElideRight, area.width()));
    const double share = index.data(ShareRole).toDouble();
    if (share >= 0) {
      const QRect track(area.left(), area.bottom() - kBarHeight, area.width(), kBarHeight);
      painter->fillRect(track, tone.line);
      painter->fillRect(QRect(track.topLeft(), QSize(qRound(track.width() * share), kBarHeight)),
                        isSelected ? plain : tone.accent);
    }
    painter->restore();
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
    return {80, 2 * option.fontMetrics.height() + kBarHeight + kGap};
  }
};

}  // namespace

QueueView::QueueView(EvaluationQueue& queue, QWidget* parent)
    : QWidget(parent),
      queue_(queue),
      empty_(makeLabel(tr("Nothing waits."), TextRole::Quiet, this)),
      list_(new QListWidget(this)),
      up_(new QToolButton(this)),
      down_(new QToolButton(this)),
      remove_(new QToolButton(this)) {
  list_->setObjectName(QStringLiteral("evaluationQueue"));
  list_->setAccessibleName(tr("Evaluations that wait or are at work"));
  list_->setItemDelegate(new EntryDelegate(list_));
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  list_->setMinimumHeight(2 * (2 * list_->fontMetrics().height() + kGap));
  connect(list_, &QListWidget::currentRowChanged, this, &QueueView::allow);
  auto* removal = new QAction(tr("Stop or remove"), list_);
  removal->setShortcut(QKeySequence::Delete);
  removal->setShortcutContext(Qt::WidgetShortcut);
  list_->addAction(removal);
  connect(removal, &QAction::triggered, this, [this] { queue_.remove(chosen()); });
  const auto make = [&](QToolButton* button,
                        const char* name,
                        const QString& text,
                        const QString& tip,
                        auto&& slot) {
    button->setObjectName(QString::fromLatin1(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setAutoRaise(true);
    connect(button, &QToolButton::clicked, this, slot);
  };
  make(up_, "queueUp", QStringLiteral("↑"), tr("Earlier"), [this] { queue_.move(chosen(), -1); });
  make(down_, "queueDown", QStringLiteral("↓"), tr("Later"), [this] { queue_.move(chosen(), 1); });
  make(remove_, "queueRemove", QStringLiteral("×"), tr("Stop or remove (Delete)"), [this] {
    queue_.remove(chosen());
  });
  auto* head = new QHBoxLayout;
  head->setSpacing(2);
  head->addWidget(makeLabel(tr("Queue"), TextRole::Heading, this));
  head->addStretch(1);
  head->addWidget(up_);
  head->addWidget(down_);
  head->addWidget(remove_);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addLayout(head);
  column->addWidget(empty_);
  column->addWidget(list_, 1);
  connect(&queue_, &EvaluationQueue::changed, this, &QueueView::show);
  show();
}

qint64 QueueView::chosen() const {
  const QListWidgetItem* item = list_->currentItem();
  return item != nullptr ? item->data(IdRole).toLongLong() : 0;
}

void QueueView::show() {
  const qint64 before = chosen();
  const auto& entries = queue_.entries();
  {
    const QSignalBlocker quiet(list_);
    while (list_->count() > static_cast<int>(entries.size())) {
      delete list_->takeItem(list_->count() - 1);
    }
    int row = 0;
    int current = -1;
    for (const EvaluationQueue::Entry& entry : entries) {
      if (row == list_->count()) {
        list_->addItem(new QListWidgetItem);
      }
      QListWidgetItem* item = list_->item(row);
      const bool isWorking = entry.state == EvaluationQueue::State::Working;
      const QString line = entry.state == EvaluationQueue::State::Waiting ? tr("waits")
                           : isWorking && entry.line.isEmpty()            ? tr("begins")
                                                                          : entry.line;
      item->setText(entry.title);
      item->setData(IdRole, entry.id);
      item->setData(LineRole, line);
      item->setData(ShareRole, isWorking ? entry.share : -1.0);
      item->setData(FailedRole, entry.state == EvaluationQueue::State::Failed);
      item->setData(Qt::AccessibleTextRole,
                    isWorking
                        ? tr("%1: %2, %3 %").arg(entry.title, line).arg(qRound(100 * entry.share))
                        : QStringLiteral("%1: %2").arg(entry.title, line));
      item->setToolTip(plainTip(entry.title) + wrappedTip(line));
      current = entry.id == before ? row : current;
      ++row;
    }
    list_->setCurrentRow(current >= 0 ? current : entries.empty() ? -1 : 0);
  }
  empty_->setVisible(entries.empty());
  list_->setVisible(!entries.empty());
  allow();
}

void QueueView::allow() {
  const int row = list_->currentRow();
  up_->setEnabled(row > 0);
  down_->setEnabled(row >= 0 && row + 1 < list_->count());
  remove_->setEnabled(row >= 0);
}

}  // namespace barlow::ui
