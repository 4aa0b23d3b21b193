#include "core/report/run_summary.h"

#include "core/base/json_text.h"
#include "core/report/json_numbers.h"

#include <nlohmann/json.hpp>

namespace barlow {

std::vector<std::pair<std::string, double>> namedTerms(const MetricPoint& point,
                                                       const MetricSchema& schema) {
  std::vector<std::pair<std::string, double>> named;
  for (const MetricColumn& column : schema.terms) {
    named.emplace_back(column.key, valueOf(point, schema, column.key));
  }
  return named;
}

std::string toJson(const RunSummary& summary) {
  nlohmann::ordered_json json;
  json["run"] = summary.run;
  json["state"] = summary.state;
  json["steps"] = summary.steps;
  json["epochs"] = summary.epochs;
  json["loss"] = numberToJson(summary.loss);
  for (const auto& [key, value] : summary.terms) {
    json[key] = numberToJson(value);
  }
  json["knn_top1"] = nullptr;
  if (summary.knnTop1) {
    json["knn_top1"] = numberToJson(*summary.knnTop1);
  }
  if (summary.onlineTop1) {
    json["online_linear_top1"] = numberToJson(*summary.onlineTop1);
  }
  json["pairs_per_second"] = numberToJson(summary.pairsPerSecond);
  json["seconds"] = summary.seconds;
  return jsonText(json);
}

}  // namespace barlow
