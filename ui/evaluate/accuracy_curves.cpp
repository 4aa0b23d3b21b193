#include "ui/evaluate/accuracy_curves.h"

#include "core/report/published_rows.h"
#include "ui/evaluate/evaluation_text.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace barlow::ui {
namespace {

using Curves = std::vector<AccuracyChart::Series>;

QString tr(const char* text) { return QCoreApplication::translate("AccuracyCurves", text); }

Curves measuredCurves(const std::vector<StoredEvaluation>& evaluations) {
  Curves curves;
  std::vector<const EvaluationReport*> first;
  // The newest way of measuring first, as in the table.
  for (auto each = evaluations.rbegin(); each != evaluations.rend(); ++each) {
    const EvaluationReport& report = each->report;
    if (!report.top1) {
      continue;
    }
    const auto found = std::find_if(first.begin(), first.end(), [&](const EvaluationReport* other) {
      return isComparable(*other, report);
    });
    const auto at = static_cast<std::size_t>(found - first.begin());
    if (found == first.end()) {
      first.push_back(&report);
      curves.push_back({.name = groupText(report)});
    }
    const QPointF point(static_cast<double>(report.model.epoch), *report.top1);
    auto& points = curves[at].points;
    if (std::find(points.begin(), points.end(), point) == points.end()) {
      points.push_back(point);
    }
  }
  for (auto& each : curves) {
    std::sort(each.points.begin(), each.points.end(), [](const QPointF& a, const QPointF& b) {
      return a.x() < b.x();
    });
  }
  return curves;
}

// Curves of their own: fewer images vote there than when a checkpoint is evaluated.
void addTrained(const std::vector<EvaluationResult>& trained, Curves& curves) {
  AccuracyChart::Series curve;
  for (const EvaluationResult& each : trained) {
    const QString name = groupText(each);
    if (name != curve.name && !curve.points.empty()) {  // the settings were edited on the way
      curves.push_back(std::exchange(curve, {}));
    }
    curve.name = name;
    curve.points.emplace_back(static_cast<double>(each.epoch), each.top1);
  }
  if (!curve.points.empty()) {
    curves.push_back(std::move(curve));
  }
  AccuracyChart::Series online{.name = tr("While training: online linear classifier")};
  for (const EvaluationResult& each : trained) {
    if (each.onlineTop1) {
      online.points.emplace_back(static_cast<double>(each.epoch), *each.onlineTop1);
    }
  }
  if (!online.points.empty()) {
    curves.push_back(std::move(online));
  }
}

// Of the data and probes that were measured. Other methods' stand in the table.
void addPublished(const std::vector<StoredEvaluation>& evaluations, Curves& curves) {
  double last = 1;
  for (const auto& each : curves) {
    last = std::max(last, each.points.back().x());
  }
  std::set<std::pair<std::string, std::string>> measured;
  for (const StoredEvaluation& each : evaluations) {
    if (each.report.top1) {
      measured.insert({each.report.data.source, each.report.probe});
    }
  }
  for (const auto& [source, probe] : measured) {
    AccuracyChart::Series curve{.isPublished = true};
    for (const PublishedRow& row : publishedFor(source, probe)) {
      // Far beyond what was trained it would leave no room for one's own.
      if (row.method == kBarlowTwins && row.epoch <= std::max(50.0, 2 * last)) {
        const QString name =
            tr("Published: %1, %2")
                .arg(QString::fromStdString(row.source), QString::fromStdString(row.protocol));
        if (name != curve.name && !curve.points.empty()) {
          curves.push_back(std::exchange(curve, {.isPublished = true}));
        }
        curve.name = name;
        curve.points.emplace_back(row.epoch, row.top1);
      }
    }
    if (!curve.points.empty()) {
      curves.push_back(std::move(curve));
    }
  }
}

}  // namespace

std::vector<AccuracyChart::Series> accuracyCurves(const std::vector<StoredEvaluation>& evaluations,
                                                  const std::vector<EvaluationResult>& trained,
                                                  bool withPublished) {
  Curves curves = measuredCurves(evaluations);
  addTrained(trained, curves);
  if (withPublished) {
    addPublished(evaluations, curves);
  }
  return curves;
}

}  // namespace barlow::ui
