#include "core/report/scan_report.h"

#include "core/base/json_text.h"

#include <nlohmann/json.hpp>

namespace barlow {

std::string toJson(const ScanReport& report) {
  nlohmann::ordered_json json;
  json["source"] = report.source;
  json["images"] = report.images;
  json["turned"] = report.turned;
  json["classes"] = nlohmann::ordered_json::object();
  for (const auto& [name, count] : report.classes) {
    json["classes"][name] = count;
  }
  json["splits"] = nlohmann::ordered_json::object();
  for (const auto& [name, count] : report.splits) {
    json["splits"][name] = count;
  }
  json["sizes"]["min"] = {report.minSize.width, report.minSize.height};
  json["sizes"]["max"] = {report.maxSize.width, report.maxSize.height};
  json["unreadable"] = nlohmann::ordered_json::array();
  for (const SampleProblem& problem : report.unreadable) {
    json["unreadable"].push_back({{"path", problem.path}, {"reason", problem.reason}});
  }
  return jsonText(json);
}

}  // namespace barlow
