#include "ui/panels/run_list_model.h"

#include "ui/theme/tool_tip.h"

#include <QDateTime>
#include <QDir>
#include <QLocale>

#include <utility>

namespace barlow::ui {
namespace {

QString nameOf(const RunHeadline& run) {
  return QString::fromStdString(run.record.name.empty() ? run.folder.filename().string()
                                                        : run.record.name);
}

QString startedText(const RunHeadline& run) {
  const QDateTime started =
      QDateTime::fromString(QString::fromStdString(run.record.started), Qt::ISODateWithMs)
          .toLocalTime();
  if (!started.isValid()) {
    return {};
  }
  const QLocale locale;
  QString format = locale.timeFormat(QLocale::ShortFormat);
  const QString time = locale.toString(started.time(), format.remove(QStringLiteral(":ss")));
  const qint64 days = started.date().daysTo(QDate::currentDate());
  if (days == 0) {
    return RunListModel::tr("today %1").arg(time);
  }
  if (days == 1) {
    return RunListModel::tr("yesterday %1").arg(time);
  }
  return locale.toString(started.date(), QLocale::ShortFormat) + QLatin1Char(' ') + time;
}

QString cellText(const RunHeadline& run, int column) {
  switch (column) {
    case RunListModel::Name:
      return nameOf(run);
    case RunListModel::Data:
      return dataName(run.source);
    case RunListModel::State:
      return stateText(run);
    case RunListModel::Started:
      return startedText(run);
    case RunListModel::Steps:
      return run.record.steps > 0 ? QLocale().toString(static_cast<qlonglong>(run.record.steps))
                                  : QStringLiteral("–");
    default:
      return {};
  }
}

}  // namespace

QString dataName(const std::string& source) {
  const QString text = QString::fromStdString(source);
  if (isGenerated(source)) {
    return RunListModel::tr("Generated shapes");
  }
  for (const auto& [scheme, name] :
       {std::pair{"cifar100", "CIFAR-100"}, std::pair{"cifar10", "CIFAR-10"}}) {
    if (text == QLatin1String(scheme) ||
        text.startsWith(QLatin1String(scheme) + QLatin1Char(':'))) {
      return QString::fromLatin1(name);
    }
  }
  return QDir(text).dirName();
}

QString stateText(const RunHeadline& run) {
  if (run.endedUnexpectedly) {
    return RunListModel::tr("ended unexpectedly – resume?");
  }
  if (run.isTraining) {
    return run.record.state == "paused" ? RunListModel::tr("paused") : RunListModel::tr("training");
  }
  for (const char* known : {QT_TRANSLATE_NOOP("RunListModel", "finished"),
                            QT_TRANSLATE_NOOP("RunListModel", "stopped"),
                            QT_TRANSLATE_NOOP("RunListModel", "failed")}) {
    if (run.record.state == known) {
      return RunListModel::tr(known);
    }
  }
  return QString::fromStdString(run.record.state);
}

void RunListModel::setRuns(std::vector<RunHeadline> runs) {
  if (runs == runs_) {
    return;  // a selection stays
  }
  beginResetModel();
  runs_ = std::move(runs);
  endResetModel();
}

QString RunListModel::folderAt(int row) const {
  return QString::fromStdString(runs_.at(static_cast<std::size_t>(row)).folder.string());
}

int RunListModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(runs_.size());
}

int RunListModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant RunListModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= rowCount()) {
    return {};
  }
  const RunHeadline& run = runs_[static_cast<std::size_t>(index.row())];
  switch (role) {
    case Qt::DisplayRole:
      return cellText(run, index.column());
    case Qt::ToolTipRole:
      return plainTip(index.column() == Data ? QString::fromStdString(run.source)
                                             : QDir::toNativeSeparators(folderAt(index.row())));
    case Qt::TextAlignmentRole:
      return index.column() == Steps ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                     : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case NeedsAttentionRole:
      return index.column() == State && (run.endedUnexpectedly || run.record.state == "failed");
    default:
      return {};
  }
}

QVariant RunListModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount) {
    return {};
  }
  if (role == Qt::TextAlignmentRole) {
    return section == Steps ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
  }
  if (role != Qt::DisplayRole) {
    return {};
  }
  switch (section) {
    case Name:
      return tr("Run");
    case Data:
      return tr("Data");
    case State:
      return tr("State");
    case Started:
      return tr("Started");
    default:
      return tr("Steps");
  }
}

}  // namespace barlow::ui
