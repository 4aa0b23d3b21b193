#include "core/params/field_value.h"

#include "core/params/config_io.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <limits>

namespace barlow {
namespace {

template <class T>
std::optional<T> parseWhole(std::string_view text) {
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) {
      return parts;
    }
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::string numberText(double value) { return fmt::format("{}", value); }

std::string joinNames(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += i == 0 ? "" : i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::optional<std::string> FieldSetter::asText() const {
  if (json_ == nullptr) {
    return text_;
  }
  return json_->is_string() ? std::optional(json_->get<std::string>()) : std::nullopt;
}

std::optional<double> FieldSetter::asDouble() const {
  if (json_ == nullptr) {
    return parseWhole<double>(text_);
  }
  return json_->is_number() ? std::optional(json_->get<double>()) : std::nullopt;
}

std::optional<std::int64_t> FieldSetter::asInteger() const {
  if (json_ == nullptr) {
    return parseWhole<std::int64_t>(text_);
  }
  if (json_->is_number_unsigned()) {
    const auto value = json_->get<std::uint64_t>();
    return value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
               ? std::optional(static_cast<std::int64_t>(value))
               : std::nullopt;
  }
  return json_->is_number_integer() ? std::optional(json_->get<std::int64_t>()) : std::nullopt;
}

std::string FieldSetter::shown() const {
  std::string text = json_ == nullptr ? text_ : json_->dump();
  if (text.size() > 60) {
    text.resize(57);
    text += "...";
  }
  return text;
}

void FieldSetter::rejectChoice(const std::vector<std::string>& names) {
  const auto text = asText();
  const std::string near = text ? nearestName(*text, names) : "";
  reason_ = fmt::format("'{}' is none of {}{}",
                        text.value_or(shown()),
                        joinNames(names),
                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

void FieldSetter::operator()(const ParamInfo& info, std::string& field, Text) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  if (auto text = asText()) {
    field = std::move(*text);
  } else {
    reason_ = fmt::format("needs text, not {}", shown());
  }
}

void FieldSetter::operator()(const ParamInfo& info, bool& field, Flag) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  if (json_ != nullptr && json_->is_boolean()) {
    field = json_->get<bool>();
  } else if (json_ == nullptr &&
             (text_ == "true" || text_ == "yes" || text_ == "on" || text_ == "1")) {
    field = true;
  } else if (json_ == nullptr &&
             (text_ == "false" || text_ == "no" || text_ == "off" || text_ == "0")) {
    field = false;
  } else {
    reason_ = fmt::format("needs true or false, not '{}'", shown());
  }
}

template <class T>
void FieldSetter::setInteger(const ParamInfo& info, T& field) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  const auto value = asInteger();
  if (!value) {
    reason_ = fmt::format("needs a whole number, not '{}'", shown());
  } else if (*value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) {
    reason_ = fmt::format("{} is too large", *value);
  } else {
    field = static_cast<T>(*value);
  }
}

void FieldSetter::operator()(const ParamInfo& info, int& field, Range<int>) {
  setInteger(info, field);
}

void FieldSetter::operator()(const ParamInfo& info, std::int64_t& field, Range<std::int64_t>) {
  setInteger(info, field);
}

void FieldSetter::operator()(const ParamInfo& info, double& field, Range<double>) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  const auto value = asDouble();
  if (value && std::isfinite(*value)) {
    field = *value;
  } else {
    reason_ = fmt::format("needs a number, not '{}'", shown());
  }
}

void FieldSetter::operator()(const ParamInfo& info, std::vector<int>& field, NumberList) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  std::vector<int> numbers;
  const auto text = asText();
  if (!text) {
    reason_ = fmt::format("needs widths joined by '-' such as \"2048-2048-2048\", not {}", shown());
    return;
  }
  for (std::string_view part : split(*text, '-')) {
    const auto number = parseWhole<int>(part);
    if (!number) {
      reason_ = fmt::format("needs widths joined by '-' such as 2048-2048-2048, not '{}'", shown());
      return;
    }
    numbers.push_back(*number);
  }
  field = std::move(numbers);
}

void FieldSetter::operator()(const ParamInfo& info, std::array<double, 3>& field, PerChannel) {
  if (!isNamed(info, key_)) {
    return;
  }
  found_ = true;
  std::array<double, 3> channels{};
  bool isGood = false;
  if (json_ != nullptr) {
    isGood = json_->is_array() && json_->size() == 3;
    for (std::size_t c = 0; isGood && c < 3; ++c) {
      isGood = (*json_)[c].is_number();
      channels[c] = isGood ? (*json_)[c].get<double>() : 0.0;
    }
  } else {
    const auto parts = split(text_, ',');
    isGood = parts.size() == 3;
    for (std::size_t c = 0; isGood && c < 3; ++c) {
      const auto number = parseWhole<double>(parts[c]);
      isGood = number.has_value() && std::isfinite(*number);
      channels[c] = number.value_or(0.0);
    }
  }
  if (isGood) {
    field = channels;
  } else {
    reason_ = fmt::format("needs three numbers (red, green, blue) such as 0.5,0.5,0.5, not '{}'",
                          shown());
  }
}

}  // namespace barlow
