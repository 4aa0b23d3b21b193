#include "core/report/scan_report.h"

#include "core/base/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace barlow {

void addLeftOut(std::vector<LeftOut>& leftOut, const std::string& reason, const std::string& path) {
  auto same = std::find_if(
      leftOut.begin(), leftOut.end(), [&](const LeftOut& entry) { return entry.reason == reason; });
  if (same == leftOut.end()) {
    same = leftOut.insert(same, {.reason = reason, .count = 0, .paths = {}});
  }
  ++same->count;
  std::vector<std::string>& paths = same->paths;  // folders are listed in no order
  paths.insert(std::upper_bound(paths.begin(), paths.end(), path), path);
  if (paths.size() > LeftOut::kMostPaths) {
    paths.pop_back();
  }
}

std::int64_t countOf(const std::vector<LeftOut>& leftOut) {
  std::int64_t count = 0;
  for (const LeftOut& entry : leftOut) {
    count += entry.count;
  }
  return count;
}

std::string toText(const LeftOut& leftOut) {
  return leftOut.count == 1 ? leftOut.paths.front() + " is left out: " + leftOut.reason
                            : std::to_string(leftOut.count) + " are left out, such as " +
                                  leftOut.paths.front() + ": " + leftOut.reason;
}

std::string toText(const std::vector<SplitUse>& splits) {
  std::string text;
  for (const SplitUse& split : splits) {
    text += (text.empty() ? "" : ", ") + split.split + " " + std::to_string(split.images) + " (" +
            split.use + ")";
  }
  return text;
}

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
  json["left_out"] = nlohmann::ordered_json::array();
  json["left_out_count"] = countOf(report.leftOut);
  json["left_out_reasons"] = nlohmann::ordered_json::object();
  for (const LeftOut& entry : report.leftOut) {
    json["left_out_reasons"][entry.reason] = entry.count;
    for (const std::string& path : entry.paths) {
      json["left_out"].push_back({{"path", path}, {"reason", entry.reason}});
    }
  }
  json["split_uses"] = nlohmann::ordered_json::object();
  for (const SplitUse& split : report.uses) {
    json["split_uses"][split.split] = split.use;
  }
  return jsonText(json);
}

}  // namespace barlow
