#include "core/report/view_plan.h"

#include "core/base/json_text.h"

#include <nlohmann/json.hpp>

namespace barlow {
namespace {

const char* name(ColorOp op) {
  switch (op) {
    case ColorOp::Brightness:
      return "brightness";
    case ColorOp::Contrast:
      return "contrast";
    case ColorOp::Saturation:
      return "saturation";
    case ColorOp::Hue:
      return "hue";
  }
  return "?";
}

}  // namespace

std::string toJson(const ViewPlan& plan) {
  nlohmann::ordered_json json;
  json["crop"] = {{"x", plan.crop.x},
                  {"y", plan.crop.y},
                  {"width", plan.crop.width},
                  {"height", plan.crop.height}};
  json["flip"] = plan.flip;
  json["jitter"] = nullptr;
  if (plan.jitter) {
    nlohmann::ordered_json jitter;
    jitter["order"] = nlohmann::ordered_json::array();
    for (ColorOp op : plan.jitter->order) {
      jitter["order"].push_back(name(op));
    }
    jitter["brightness"] = plan.jitter->brightness;
    jitter["contrast"] = plan.jitter->contrast;
    jitter["saturation"] = plan.jitter->saturation;
    jitter["hue"] = plan.jitter->hue;
    json["jitter"] = std::move(jitter);
  }
  json["gray"] = plan.gray;
  json["blur_sigma"] = plan.blurSigma;
  json["solarize_threshold"] = nullptr;
  if (plan.solarizeThreshold) {
    json["solarize_threshold"] = *plan.solarizeThreshold;
  }
  return jsonText(json);
}

}  // namespace barlow
