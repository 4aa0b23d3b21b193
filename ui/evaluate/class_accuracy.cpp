#include "ui/evaluate/class_accuracy.h"

#include "ui/evaluate/evaluation_text.h"
#include "ui/theme/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

enum Column { Name, Share, Bar, Mistake, ColumnCount };
constexpr int kIndexRole = Qt::UserRole;
constexpr int kShareRole = Qt::UserRole + 1;

class BarDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter,
             const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const Colors& tone = colors(option.palette);
    if (option.state.testFlag(QStyle::State_Selected)) {
      painter->fillRect(option.rect, option.palette.brush(QPalette::Highlight));
    }
    const double share = index.data(kShareRole).toDouble();
    const QRect track = option.rect.adjusted(kGap / 2, 0, -kGap / 2, 0);
    const QRect bar(track.left(), option.rect.center().y() - 4, track.width(), 8);
    painter->fillRect(bar, tone.line);
    if (std::isfinite(share)) {
      painter->fillRect(QRect(bar.topLeft(), QSize(qRound(bar.width() * share), bar.height())),
                        tone.accent);
    }
  }
};

// By the number, not by its text.
class Item final : public QTreeWidgetItem {
 public:
  using QTreeWidgetItem::QTreeWidgetItem;
  bool operator<(const QTreeWidgetItem& other) const override {
    const int column = treeWidget()->sortColumn();
    if (column == Share || column == Bar) {
      const double own = data(Share, kShareRole).toDouble();
      const double their = other.data(Share, kShareRole).toDouble();
      return std::isnan(own) ? false : std::isnan(their) || own < their;
    }
    return QTreeWidgetItem::operator<(other);
  }
};

}  // namespace

ClassAccuracy::ClassAccuracy(QWidget* parent) : QTreeWidget(parent) {
  setObjectName(QStringLiteral("classAccuracy"));
  setAccessibleName(tr("Accuracy of each class"));
  setColumnCount(ColumnCount);
  setHeaderLabels({tr("Class"), tr("Recognised"), {}, tr("Most often taken for")});
  setItemDelegateForColumn(Bar, new BarDelegate(this));
  setRootIsDecorated(false);
  setUniformRowHeights(true);
  setSortingEnabled(true);
  sortByColumn(Share, Qt::AscendingOrder);
  header()->setStretchLastSection(false);
  header()->setSectionResizeMode(QHeaderView::ResizeToContents);
  header()->setSectionResizeMode(Bar, QHeaderView::Stretch);
  connect(this, &QTreeWidget::itemActivated, this, [this](const QTreeWidgetItem* item) {
    Q_EMIT classChosen(item->data(Name, kIndexRole).toInt());
  });
}

std::vector<ClassAccuracy::Row> ClassAccuracy::rowsOf(const EvaluationReport& report) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < report.classAccuracy.size(); ++i) {
    Row row{.name = className(report.classes, i), .share = report.classAccuracy[i]};
    if (i < report.confusion.size()) {
      std::vector<std::int64_t> others = report.confusion[i];
      others[i] = 0;
      const auto most = std::max_element(others.begin(), others.end());
      if (most != others.end() && *most > 0) {
        const auto mistaken = static_cast<std::size_t>(most - others.begin());
        row.mistake = tr("%1 (%2)").arg(className(report.classes, mistaken)).arg(*most);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void ClassAccuracy::setRows(const std::vector<Row>& rows) {
  setSortingEnabled(false);
  clear();
  int index = 0;
  for (const Row& row : rows) {
    const bool isKnown = std::isfinite(row.share);
    auto* item = new Item(
        this,
        QStringList{
            row.name, isKnown ? percent(row.share) : tr("no image"), QString(), row.mistake});
    item->setData(Name, kIndexRole, index++);
    item->setData(Share, kShareRole, row.share);
    item->setData(Bar, kShareRole, row.share);
    item->setTextAlignment(Share, Qt::AlignRight | Qt::AlignVCenter);
    item->setToolTip(Name, tr("Return or a double click shows the mistakes"));
  }
  setSortingEnabled(true);
}

}  // namespace barlow::ui
