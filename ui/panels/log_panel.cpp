#include "ui/panels/log_panel.h"

#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListView>
#include <QScrollBar>
#include <QTime>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {

void LogModel::append(LogLevel level, const QString& text) {
  if (static_cast<int>(lines_.size()) >= kMost) {
    beginRemoveRows({}, 0, 0);
    lines_.pop_front();
    endRemoveRows();
  }
  const int row = static_cast<int>(lines_.size());
  const QString mark = level == LogLevel::Warning ? tr("Warning: ")
                       : level == LogLevel::Error ? tr("Error: ")
                                                  : QString();
  beginInsertRows({}, row, row);
  lines_.push_back(
      {level, QTime::currentTime().toString(QStringLiteral("HH:mm:ss  ")) + mark + text});
  endInsertRows();
}

void LogModel::clear() {
  beginResetModel();
  lines_.clear();
  endResetModel();
}

int LogModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(lines_.size());
}

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) {
    return {};
  }
  const Line& line = lines_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return line.text;
    case Qt::ToolTipRole:
      return wrappedTip(line.text);
    case Qt::ForegroundRole:
      return line.level == LogLevel::Error     ? QVariant(colors(QApplication::palette()).bad)
             : line.level == LogLevel::Warning ? QVariant(colors(QApplication::palette()).attention)
                                               : QVariant();
    case LevelRole:
      return static_cast<int>(line.level);
    default:
      return {};
  }
}

void LogFilter::setLowest(LogLevel level) {
  lowest_ = level;
  invalidateFilter();
}

bool LogFilter::filterAcceptsRow(int row, const QModelIndex& parent) const {
  return sourceModel()->index(row, 0, parent).data(LogModel::LevelRole).toInt() >=
             static_cast<int>(lowest_) &&
         QSortFilterProxyModel::filterAcceptsRow(row, parent);
}

LogPanel::LogPanel(QWidget* parent)
    : QWidget(parent),
      model_(new LogModel(this)),
      filter_(new LogFilter(this)),
      list_(new QListView(this)) {
  filter_->setSourceModel(model_);
  filter_->setFilterCaseSensitivity(Qt::CaseInsensitive);
  list_->setModel(filter_);
  list_->setObjectName(QStringLiteral("logLines"));
  list_->setAccessibleName(tr("Log"));
  list_->setUniformItemSizes(true);
  list_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  list_->setFrameShape(QFrame::NoFrame);

  auto* level = new QComboBox(this);
  level->setObjectName(QStringLiteral("logLevel"));
  level->setAccessibleName(tr("Lowest level shown"));
  level->addItem(tr("Everything"), static_cast<int>(LogLevel::Debug));
  level->addItem(tr("Messages"), static_cast<int>(LogLevel::Info));
  level->addItem(tr("Warnings"), static_cast<int>(LogLevel::Warning));
  level->addItem(tr("Errors"), static_cast<int>(LogLevel::Error));
  level->setCurrentIndex(1);
  connect(level, &QComboBox::currentIndexChanged, this, [this, level] {
    filter_->setLowest(static_cast<LogLevel>(level->currentData().toInt()));
  });
  auto* search = new QLineEdit(this);
  search->setObjectName(QStringLiteral("logSearch"));
  search->setAccessibleName(tr("Search the log"));
  search->setPlaceholderText(tr("Search"));
  search->setClearButtonEnabled(true);
  connect(search, &QLineEdit::textChanged, filter_, &QSortFilterProxyModel::setFilterFixedString);
  auto* copy = new QAction(tr("Copy"), list_);
  copy->setShortcut(QKeySequence::Copy);
  copy->setShortcutContext(Qt::WidgetShortcut);
  connect(copy, &QAction::triggered, this, &LogPanel::copySelected);
  list_->addAction(copy);
  list_->setContextMenuPolicy(Qt::ActionsContextMenu);

  auto* row = new QHBoxLayout;
  row->setSpacing(kGap);
  row->addWidget(level);
  row->addWidget(search, 1);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, kGap, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(row);
  column->addWidget(list_, 1);
}

void LogPanel::append(LogLevel level, const QString& text) {
  const QScrollBar* bar = list_->verticalScrollBar();
  const bool isAtEnd = bar->value() == bar->maximum();
  model_->append(level, text);
  if (isAtEnd) {
    list_->scrollToBottom();
  }
}

void LogPanel::copySelected() {
  auto rows = list_->selectionModel()->selectedRows();
  std::sort(rows.begin(), rows.end());
  QStringList lines;
  for (const auto& row : rows) {
    lines << row.data().toString();
  }
  QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

}  // namespace barlow::ui
