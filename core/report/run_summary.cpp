#include "core/report/run_summary.h"

#include "core/base/json_text.h"
#include "core/report/json_numbers.h"

#include <nlohmann/json.hpp>

namespace barlow {

std::string toJson(const RunSummary& summary) {
  nlohmann::ordered_json json;
  json["run"] = summary.run;
  json["state"] = summary.state;
  json["steps"] = summary.steps;
  json["epochs"] = summary.epochs;
  json["loss"] = numberToJson(summary.loss);
  json["floor"] = numberToJson(summary.floor);
  json["mean_diagonal"] = numberToJson(summary.meanDiagonal);
  json["knn_top1"] = nullptr;
  if (summary.knnTop1) {
    json["knn_top1"] = numberToJson(*summary.knnTop1);
  }
  json["pairs_per_second"] = numberToJson(summary.pairsPerSecond);
  json["seconds"] = summary.seconds;
  return jsonText(json);
}

}  // namespace barlow
