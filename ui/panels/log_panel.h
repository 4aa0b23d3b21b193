#pragma once

#include "core/base/log.h"

#include <QAbstractListModel>
#include <QSortFilterProxyModel>
#include <QWidget>

#include <deque>

class QComboBox;
class QLineEdit;
class QListView;

namespace barlow::ui {

/// Lines of the log, oldest first; the oldest go when there are more than kMost.
class LogModel final : public QAbstractListModel {
  Q_OBJECT

 public:
  static constexpr int kMost = 100'000;
  enum Role { LevelRole = Qt::UserRole };
  using QAbstractListModel::QAbstractListModel;
  void append(LogLevel level, const QString& text);
  void clear();
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  struct Line {
    LogLevel level;
    QString text;  // with the time
  };
  std::deque<Line> lines_;
};

/// Shows lines of a level and above that contain the searched words.
class LogFilter final : public QSortFilterProxyModel {
  Q_OBJECT

 public:
  using QSortFilterProxyModel::QSortFilterProxyModel;
  void setLowest(LogLevel level);

 protected:
  bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

 private:
  LogLevel lowest_ = LogLevel::Info;
};

/// The log with a level filter and a search; follows the newest line unless scrolled away; selected
/// lines can be copied.
class LogPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit LogPanel(QWidget* parent = nullptr);
  void append(LogLevel level, const QString& text);
  void clear() { model_->clear(); }
  const LogModel& model() const { return *model_; }
  const QAbstractItemModel& shown() const { return *filter_; }

 private:
  void copySelected();

  LogModel* model_;
  LogFilter* filter_;
  QListView* list_;
};

}  // namespace barlow::ui
