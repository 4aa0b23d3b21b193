#include "core/report/events.h"

#include "core/base/json_text.h"
#include "core/base/system.h"
#include "core/report/json_numbers.h"

#include <nlohmann/json.hpp>

#include <array>

namespace barlow {

std::string_view toText(EventKind kind) {
  static constexpr std::array<std::string_view, 12> kNames = {"preparing",
                                                              "started",
                                                              "paused",
                                                              "resumed",
                                                              "epoch",
                                                              "checkpoint",
                                                              "evaluation",
                                                              "edited",
                                                              "held",
                                                              "warning",
                                                              "finished",
                                                              "failed"};
  return kNames.at(static_cast<std::size_t>(kind));
}

std::string toJson(const SessionEvent& event) {
  nlohmann::ordered_json json;
  json["time"] = utcNow();
  json["event"] = toText(event.kind);
  json["step"] = event.step;
  json["epoch"] = event.epoch;
  if (!event.text.empty()) {
    json["text"] = event.text;
  }
  if (!event.path.empty()) {
    json["path"] = event.path;
  }
  if (!event.error.message.empty()) {
    json["message"] = event.error.message;
  }
  if (event.evaluation) {
    const EvaluationResult& result = *event.evaluation;
    json["probe"] = result.probe;
    json["k"] = result.k;
    json["temperature"] = result.temperature;
    json["metric"] = result.metric;
    json["bank"] = result.bankSplit;
    json["bank_size"] = result.bankSize;
    json["split"] = result.querySplit;
    json["queries"] = result.queries;
    json["top1"] = numberToJson(result.top1);
    json["top5"] = numberToJson(result.top5);
    if (result.onlineTop1) {
      json["online_linear_top1"] = numberToJson(*result.onlineTop1);
    }
    json["seconds"] = result.seconds;
  }
  // Paths and messages may hold bytes that are no UTF-8: they are replaced rather than refused.
  return jsonText(json);
}

}  // namespace barlow
