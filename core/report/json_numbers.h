#pragma once

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>

namespace barlow {

/// JSON has no NaN and no infinities: they travel as the strings "nan", "inf" and "-inf". Internal
/// to .cpp files.
inline nlohmann::ordered_json numberToJson(double value) {
  if (std::isnan(value)) {
    return "nan";
  }
  if (std::isinf(value)) {
    return value > 0 ? "inf" : "-inf";
  }
  return value;
}

inline std::optional<double> numberFromJson(const nlohmann::json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  if (value == "nan") {
    return std::nan("");
  }
  if (value == "inf") {
    return HUGE_VAL;
  }
  if (value == "-inf") {
    return -HUGE_VAL;
  }
  return std::nullopt;
}

}  // namespace barlow
