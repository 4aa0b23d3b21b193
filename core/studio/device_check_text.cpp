#include "core/base/json_text.h"
#include "core/report/json_numbers.h"
#include "core/studio/device_check.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

constexpr std::size_t kTitleWidth = 33;

nlohmann::ordered_json jsonOf(const DeviceCheckFigure& figure) {
  if (const auto* number = std::get_if<double>(&figure.value)) {
    return numberToJson(*number);
  }
  if (const auto* count = std::get_if<std::int64_t>(&figure.value)) {
    return *count;
  }
  return std::get<std::string>(figure.value);
}

std::string textOf(const DeviceCheckFigure& figure) {
  if (const auto* number = std::get_if<double>(&figure.value)) {
    return std::abs(*number) >= 1000 && std::isfinite(*number) ? fmt::format("{:.0f}", *number)
                                                               : fmt::format("{:.3g}", *number);
  }
  if (const auto* count = std::get_if<std::int64_t>(&figure.value)) {
    return std::to_string(*count);
  }
  return std::get<std::string>(figure.value);
}

const char* word(DeviceCheckOutcome outcome) {
  switch (outcome) {
    case DeviceCheckOutcome::Passed:
      return "OK";
    case DeviceCheckOutcome::Failed:
      return "FAILED";
    case DeviceCheckOutcome::Skipped:
      return "left out";
  }
  return "";
}

}  // namespace

std::string toJson(const DeviceCheckResult& result) {
  nlohmann::ordered_json json;
  json["check"] = result.check;
  json["passed"] = nullptr;
  if (result.outcome != DeviceCheckOutcome::Skipped) {
    json["passed"] = result.outcome == DeviceCheckOutcome::Passed;
  }
  json["figures"] = nlohmann::ordered_json::object();
  for (const DeviceCheckFigure& figure : result.figures) {
    json["figures"][figure.name] = jsonOf(figure);
  }
  json["text"] = result.text;
  json["seconds"] = std::round(1000 * result.seconds) / 1000;
  return jsonText(json);
}

std::string figuresText(const DeviceCheckResult& result, int indentation) {
  std::size_t width = 0;
  for (const DeviceCheckFigure& figure : result.figures) {
    width = std::max(width, figure.name.size());
  }
  std::string text;
  for (const DeviceCheckFigure& figure : result.figures) {
    std::string name = figure.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    text += fmt::format("{}{:{}}{:<{}}  {}",
                        text.empty() ? "" : "\n",
                        "",
                        indentation,
                        name,
                        width,
                        textOf(figure));
  }
  return text;
}

std::string toText(const DeviceCheckResult& result) {
  constexpr int kIndentation = 12;
  return fmt::format("{:<9} {:<{}} {}{}{}",
                     word(result.outcome),
                     result.title,
                     kTitleWidth,
                     result.text,
                     result.figures.empty() ? "" : "\n",
                     figuresText(result, kIndentation));
}

std::string verdictText(const DeviceCheckReport& report) {
  const int made = report.passed + static_cast<int>(report.failed.size());
  const std::string out =
      report.skipped > 0 ? fmt::format("; {} left out", report.skipped) : std::string();
  if (!report.failed.empty()) {
    std::string titles;
    for (const std::string& title : report.failed) {
      titles += (titles.empty() ? "" : ", ") + title;
    }
    return fmt::format("{} of {} checks failed ({}){}{}.",
                       report.failed.size(),
                       made,
                       titles,
                       out,
                       report.wasStopped ? "; stopped before the end" : "");
  }
  if (report.wasStopped && made == 0) {
    return "Stopped before a check was made.";
  }
  if (report.wasStopped) {
    return fmt::format("Stopped; the {} made until then passed.",
                       made == 1 ? "check" : std::to_string(made) + " checks");
  }
  return fmt::format("All {} checks passed{}: this device is set up right.", made, out);
}

}  // namespace barlow
