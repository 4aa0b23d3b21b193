#include "core/report/metric_point.h"

#include "core/base/json_text.h"
#include "core/report/json_numbers.h"

#include <nlohmann/json.hpp>

#include <utility>

namespace barlow {
namespace {

// The real-valued columns, named once for both directions.
template <class Point, class Visit>
void visitNumbers(Point& point, Visit&& visit) {
  visit("loss", point.loss);
  visit("on_diagonal", point.onDiagonal);
  visit("off_diagonal", point.offDiagonal);
  visit("floor", point.floor);
  visit("mean_diagonal", point.meanDiagonal);
  visit("rms_off_diagonal", point.rmsOffDiagonal);
  visit("learning_rate", point.learningRate);
  visit("pairs_per_second", point.pairsPerSecond);
  visit("data_wait_ms", point.dataWaitMs);
  visit("seconds", point.seconds);
}

}  // namespace

std::string toJson(const MetricPoint& point) {
  nlohmann::ordered_json json;
  json["step"] = point.step;
  json["epoch"] = point.epoch;
  visitNumbers(point, [&](const char* name, double value) { json[name] = numberToJson(value); });
  if (point.collapse) {
    json["effective_rank"] = numberToJson(point.collapse->effectiveRank);
    json["dead_dimensions"] = point.collapse->deadDimensions;
    json["embedding_std"] = numberToJson(point.collapse->embeddingStd);
    if (point.collapse->step != point.step) {
      json["collapse_step"] = point.collapse->step;
    }
  }
  return jsonText(json);
}

std::optional<MetricPoint> metricPointFromJson(const std::string& line) {
  const nlohmann::json json = parseJsonQuietly(line);
  if (!json.is_object() || !json.contains("step") || !json["step"].is_number_integer() ||
      !json.contains("epoch") || !json["epoch"].is_number_integer()) {
    return std::nullopt;
  }
  MetricPoint point;
  point.step = json["step"];
  point.epoch = json["epoch"];
  bool isComplete = true;
  visitNumbers(point, [&](const char* name, double& value) {
    const auto number = json.contains(name) ? numberFromJson(json[name]) : std::nullopt;
    isComplete = isComplete && number.has_value();
    value = number.value_or(0.0);
  });
  if (!isComplete) {
    return std::nullopt;
  }
  if (json.contains("effective_rank") && json.contains("dead_dimensions") &&
      json.contains("embedding_std") && json["dead_dimensions"].is_number_integer()) {
    const auto rank = numberFromJson(json["effective_rank"]);
    const auto std = numberFromJson(json["embedding_std"]);
    if (rank && std) {
      const bool hasStep =
          json.contains("collapse_step") && json["collapse_step"].is_number_integer();
      point.collapse =
          CollapseNumbers{.step = hasStep ? json["collapse_step"].get<std::int64_t>() : point.step,
                          .effectiveRank = *rank,
                          .deadDimensions = json["dead_dimensions"],
                          .embeddingStd = *std};
    }
  }
  return point;
}

}  // namespace barlow
