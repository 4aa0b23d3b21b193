#include "ui/window/opened_path.h"

#include "core/base/text.h"
#include "core/params/config_io.h"
#include "core/runs/run_folder.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/matrix_files.h"
#include "core/studio/weight_view.h"

#include <QCoreApplication>
#include <QFile>
#include <QFileInfo>

namespace barlow::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("OpenedPath", text); }

bool isMatrixFile(const QString& path) {
  const QFileInfo info(QString::fromStdString(fileOf(path.toStdString()).string()));
  const QString suffix = info.suffix().toLower();
  return info.isFile() && (suffix == QLatin1String("npy") || suffix == QLatin1String("npz") ||
                           suffix == QLatin1String("safetensors"));
}

}  // namespace

PathKind pathKind(const QString& path) {
  const QFileInfo info(path);
  const std::filesystem::path native = info.absoluteFilePath().toStdString();
  if (info.isDir()) {
    return isRunFolder(native) ? PathKind::Run : PathKind::Folder;
  }
  if (isWeightFile(native)) {
    return PathKind::Weights;
  }
  if (isMatrixFile(path)) {
    return PathKind::Matrix;
  }
  if (info.isFile() && info.suffix().toLower() == QLatin1String("json")) {
    return PathKind::Configuration;
  }
  return whyNoPicture(path.toStdString()).empty() ? PathKind::Image : PathKind::Unknown;
}

QString refusalOf(const QString& path) {
  return pathKind(path) == PathKind::Unknown
             ? QString::fromStdString(whyNoPicture(path.toStdString()))
             : QString();
}

std::optional<RunConfig> readConfiguration(const QString& path, QString& problem) {
  QFile file(path);
  RunConfig config;
  const auto problems = file.open(QIODevice::ReadOnly)
                            ? applyJson(file.readAll().toStdString(), config)
                            : std::vector<Problem>{{"", "the file cannot be read."}};
  if (problems.empty()) {
    return config;
  }
  const auto& [key, message] = problems.front();
  const QString text = QString::fromStdString(message);
  problem = key.empty() ? tr("%1 is not a configuration: %2").arg(path, text)
                        : tr("%1 is not a configuration, at \"%2\": %3")
                              .arg(path, QString::fromStdString(key), text);
  return std::nullopt;
}

}  // namespace barlow::ui
