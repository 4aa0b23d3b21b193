#include "core/report/metric_point.h"

#include "core/base/json_text.h"
#include "core/report/json_numbers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// The columns that every run has behind its terms, named once for both directions.
template <class Point, class Visit>
void visitRates(Point& point, Visit&& visit) {
  visit("learning_rate", point.learningRate);
  visit("pairs_per_second", point.pairsPerSecond);
  visit("data_wait_ms", point.dataWaitMs);
  visit("seconds", point.seconds);
}

std::optional<double> numberIn(const nlohmann::json& json, const std::string& key) {
  return json.contains(key) ? numberFromJson(json[key]) : std::nullopt;
}

std::optional<std::int64_t> integerIn(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json[key].is_number_integer()
             ? std::optional(json[key].get<std::int64_t>())
             : std::nullopt;
}

std::optional<CollapseNumbers> collapseIn(const nlohmann::json& json,
                                          std::int64_t step,
                                          const MetricSchema& schema) {
  const auto rank = numberIn(json, "effective_rank");
  const auto dead = integerIn(json, "dead_dimensions");
  const auto std = numberIn(json, "embedding_std");
  if (!rank || !dead || !std) {
    return std::nullopt;
  }
  CollapseNumbers numbers{.step = integerIn(json, "collapse_step").value_or(step),
                          .effectiveRank = *rank,
                          .deadDimensions = *dead,
                          .embeddingStd = *std};
  const auto correlation = [&](const char* key) {
    return termIndex(schema, key) ? std::nullopt : numberIn(json, key);
  };
  numbers.meanDiagonal = correlation("mean_diagonal");
  numbers.rmsOffDiagonal = correlation("rms_off_diagonal");
  return numbers;
}

}  // namespace

double valueOf(const MetricPoint& point, const MetricSchema& schema, std::string_view key) {
  if (key == schema.loss.key) {
    return point.loss;
  }
  const auto index = termIndex(schema, key);
  return index && *index < point.terms.size() ? point.terms[*index] : kUnknown;
}

namespace {

// Of the terms that are measured now and then.
bool lacksTerm(const MetricPoint& point, const MetricSchema& schema, std::size_t index) {
  return index >= point.terms.size() ||
         (schema.terms[index].comesLater && std::isnan(point.terms[index]));
}

bool isWhole(const MetricPoint& point, const MetricSchema& schema) {
  for (std::size_t i = 0; i < schema.terms.size(); ++i) {
    if (lacksTerm(point, schema, i)) {
      return false;
    }
  }
  return point.collapse.has_value();
}

}  // namespace

void addMissing(MetricPoint& point, const MetricPoint& older, const MetricSchema& schema) {
  if (!point.collapse) {
    point.collapse = older.collapse;
  }
  for (std::size_t i = 0; i < std::min(schema.terms.size(), older.terms.size()); ++i) {
    if (lacksTerm(point, schema, i)) {
      point.terms.resize(std::max(point.terms.size(), i + 1), kUnknown);
      point.terms[i] = older.terms[i];
    }
  }
}

MetricPoint newestOf(const std::vector<MetricPoint>& points, const MetricSchema& schema) {
  MetricPoint newest = points.back();
  for (std::size_t i = points.size() - 1; i > 0 && !isWhole(newest, schema); --i) {
    addMissing(newest, points[i - 1], schema);
  }
  return newest;
}

std::string toJson(const MetricPoint& point, const MetricSchema& schema) {
  nlohmann::ordered_json json;
  json["step"] = point.step;
  json["epoch"] = point.epoch;
  json["loss"] = numberToJson(point.loss);
  for (std::size_t i = 0; i < std::min(point.terms.size(), schema.terms.size()); ++i) {
    json[schema.terms[i].key] = numberToJson(point.terms[i]);
  }
  visitRates(point, [&](const char* name, double value) { json[name] = numberToJson(value); });
  if (point.collapse) {
    json["effective_rank"] = numberToJson(point.collapse->effectiveRank);
    json["dead_dimensions"] = point.collapse->deadDimensions;
    json["embedding_std"] = numberToJson(point.collapse->embeddingStd);
    if (point.collapse->meanDiagonal) {
      json["mean_diagonal"] = numberToJson(*point.collapse->meanDiagonal);
    }
    if (point.collapse->rmsOffDiagonal) {
      json["rms_off_diagonal"] = numberToJson(*point.collapse->rmsOffDiagonal);
    }
    if (point.collapse->step != point.step) {
      json["collapse_step"] = point.collapse->step;
    }
  }
  return jsonText(json);
}

std::optional<MetricPoint> metricPointFromJson(const std::string& line,
                                               const MetricSchema& schema) {
  const nlohmann::json json = parseJsonQuietly(line);
  const auto step = json.is_object() ? integerIn(json, "step") : std::nullopt;
  if (!step) {
    return std::nullopt;
  }
  MetricPoint point;
  point.step = *step;
  point.epoch = integerIn(json, "epoch").value_or(0);
  point.loss = numberIn(json, "loss").value_or(kUnknown);
  for (const MetricColumn& column : schema.terms) {
    point.terms.push_back(numberIn(json, column.key).value_or(kUnknown));
  }
  visitRates(point, [&](const char* name, double& value) {
    value = numberIn(json, name).value_or(kUnknown);
  });
  point.collapse = collapseIn(json, point.step, schema);
  return point;
}

}  // namespace barlow
