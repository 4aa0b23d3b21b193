#pragma once

#include "core/studio/run_browser.h"

#include <QAbstractTableModel>

#include <string>
#include <vector>

namespace barlow::ui {

/// "finished", "training", "ended unexpectedly – resume?".
QString stateText(const RunHeadline& run);

/// What a person calls a SPEC: "Generated shapes", "CIFAR-10", or the folder's own name.
QString dataName(const std::string& source);

/// Runs as rows, in the order given.
class RunListModel final : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Name, Data, State, Started, Steps, ColumnCount };
  enum Role { NeedsAttentionRole = Qt::UserRole };

  using QAbstractTableModel::QAbstractTableModel;
  void setRuns(std::vector<RunHeadline> runs);
  QString folderAt(int row) const;

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  std::vector<RunHeadline> runs_;
};

}  // namespace barlow::ui
