#include "ui/evaluate/evaluation_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QLocale>
#include <QStringList>

#include <cmath>

namespace barlow::ui {
namespace {

struct EvaluationText {
  Q_DECLARE_TR_FUNCTIONS(EvaluationText)
};

QString whole(std::int64_t value) { return QLocale().toString(static_cast<qlonglong>(value)); }

// A folder by its name, which is what a person calls it.
QString shortSource(const std::string& source) {
  const QString text = QString::fromStdString(source);
  const auto colon = text.indexOf(QLatin1Char(':'));
  if (colon > 1) {
    return text.left(colon);
  }
  return text.contains(QLatin1Char('/')) ? QFileInfo(text).fileName() : text;
}

QString imagesText(const EvaluatedData& data) {
  QStringList parts{shortSource(data.source)};
  if (data.split.empty()) {
    return parts.front();
  }
  return EvaluationText::tr("%1 %2, %3 images")
      .arg(shortSource(data.source), QString::fromStdString(data.split), whole(data.queries));
}

}  // namespace

QString percent(std::optional<double> share, int decimals) {
  return share && std::isfinite(*share)
             ? EvaluationText::tr("%1 %").arg(QLocale().toString(100 * *share, 'f', decimals))
             : QStringLiteral("–");
}

QString groupText(const EvaluationReport& report) {
  QStringList parts{QString::fromStdString(toText(report.protocol))};
  if (report.model.part != "backbone") {
    parts << QString::fromStdString(report.model.part);
  }
  parts << imagesText(report.data);
  if (report.data.isTransfer) {
    parts << EvaluationText::tr("transfer");
  }
  return parts.join(QStringLiteral(" · "));
}

QString groupText(const EvaluationResult& result) {
  const KnnProtocol protocol{
      .k = result.k, .temperature = result.temperature, .metric = result.metric};
  return EvaluationText::tr("While training: %1 · %2, %3 images by %4")
      .arg(QString::fromStdString(toText(EvaluationProtocol(protocol))),
           QString::fromStdString(result.querySplit),
           whole(result.queries),
           whole(result.bankSize));
}

bool isComparable(const EvaluationReport& a, const EvaluationReport& b) {
  return a.probe == b.probe && a.protocol == b.protocol && a.data == b.data &&
         a.model.part == b.model.part && a.model.imageSize == b.model.imageSize && a.seed == b.seed;
}

QString detailText(const EvaluationReport& report) {
  QStringList lines;
  lines << QString::fromStdString(toText(report.protocol));
  if (report.data.bankSize > 0) {
    lines << EvaluationText::tr("%1 images of %2 (%3) judged with %4 of %5")
                 .arg(whole(report.data.queries),
                      QString::fromStdString(report.data.source),
                      QString::fromStdString(report.data.split),
                      whole(report.data.bankSize),
                      QString::fromStdString(report.data.bankSplit));
  }
  lines << EvaluationText::tr("%1, step %2, epoch %3; %4 features of the %5 at %6 px; seed %7")
               .arg(QString::fromStdString(report.model.checkpoint),
                    whole(report.model.step),
                    whole(report.model.epoch),
                    whole(report.model.features),
                    QString::fromStdString(report.model.part))
               .arg(report.model.imageSize)
               .arg(report.seed);
  for (const EvaluationMetric& metric : report.metrics) {
    lines << EvaluationText::tr("%1: %2. %3")
                 .arg(QString::fromStdString(metric.label),
                      QLocale().toString(metric.value, 'g', 4),
                      QString::fromStdString(metric.sentence));
  }
  for (const std::string& note : report.notes) {
    lines << QString::fromStdString(note);
  }
  return lines.join(QLatin1Char('\n'));
}

QString className(const std::vector<std::string>& classes, std::size_t index) {
  return index < classes.size() ? QString::fromStdString(classes[index]) : QString::number(index);
}

QString whenText(const std::string& utc) {
  const QDateTime time =
      QDateTime::fromString(QString::fromStdString(utc), Qt::ISODateWithMs).toLocalTime();
  return time.isValid() ? QLocale().toString(time, QStringLiteral("d MMM yyyy HH:mm")) : QString();
}

}  // namespace barlow::ui
