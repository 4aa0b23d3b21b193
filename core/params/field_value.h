#pragma once

#include "core/params/run_config.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace barlow {

/// Sets one described field from JSON or, for a command line, from text. Internal to core/params.
class FieldSetter {
 public:
  FieldSetter(std::string key, const nlohmann::json& value) : key_(std::move(key)), json_(&value) {}
  FieldSetter(std::string key, std::string text) : key_(std::move(key)), text_(std::move(text)) {}

  void operator()(const ParamInfo& info, std::string& field, Text);
  void operator()(const ParamInfo& info, bool& field, Flag);
  void operator()(const ParamInfo& info, int& field, Range<int>);
  void operator()(const ParamInfo& info, std::int64_t& field, Range<std::int64_t>);
  void operator()(const ParamInfo& info, double& field, Range<double>);
  void operator()(const ParamInfo& info, std::vector<int>& field, NumberList);
  void operator()(const ParamInfo& info, std::array<double, 3>& field, PerChannel);
  template <class E>
  void operator()(const ParamInfo& info, E& field, Choice) {
    if (!isNamed(info, key_)) {
      return;
    }
    found_ = true;
    const auto text = asText();
    const auto value = text ? fromText<E>(*text) : std::nullopt;
    if (value) {
      field = *value;
      return;
    }
    std::vector<std::string> names;
    for (const auto& name : kEnumNames<E>) {
      names.emplace_back(name.text);
    }
    rejectChoice(names);
  }

  bool found() const { return found_; }
  /// Empty: the value was taken.
  const std::string& reason() const { return reason_; }

 private:
  std::optional<std::string> asText() const;
  std::optional<double> asDouble() const;
  std::optional<std::int64_t> asInteger() const;
  std::string shown() const;
  void rejectChoice(const std::vector<std::string>& names);
  template <class T>
  void setInteger(const ParamInfo& info, T& field);

  std::string key_;
  const nlohmann::json* json_ = nullptr;
  std::string text_;
  bool found_ = false;
  std::string reason_;
};

/// "a, b or c".
std::string joinNames(const std::vector<std::string>& names);
/// The value of a number as the shortest text that reads back to it.
std::string numberText(double value);

}  // namespace barlow
