#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace barlow {

/// Whether a run that has begun can go on with another value: not with what shaped its weights, its
/// data or its step count.
enum class Change { MidRun, AtStart };

/// When a parameter makes a difference: where the choice `key` has one of `values`, separated by
/// blanks, or, after a '!', none of them. An empty key: always.
struct Relevance {
  std::string key;
  std::string values;
};

/// What every parameter says about itself. `key` is the name in files and on the command line
/// ("optim.momentum"), `label` the one in forms, `unit` may be empty, `help` is one sentence.
struct ParamInfo {
  std::string key;
  std::string label;
  std::string unit;
  std::string help;
  bool isCommon = false;  // shown first in forms, the rest under "More"
  /// Its value, as text, in files from before there was this key. Empty: they made no difference.
  std::string before = "";
  Change change = Change::MidRun;
  Relevance relevance = {};
  /// Older names, which files and command lines may still use; files are written with them as well.
  std::vector<std::string> aliases = {};

  // Said after the rest: ParamInfo{...}.atStart().
  ParamInfo&& atStart() && {
    change = Change::AtStart;
    return std::move(*this);
  }
  ParamInfo&& where(std::string choice, std::string values) && {
    relevance = {std::move(choice), std::move(values)};
    return std::move(*this);
  }
  ParamInfo&& formerly(std::string name) && {
    aliases.push_back(std::move(name));
    return std::move(*this);
  }
};

/// Whether `key` is its name or an older one of it.
inline bool isNamed(const ParamInfo& info, std::string_view key) {
  return info.key == key ||
         std::find(info.aliases.begin(), info.aliases.end(), key) != info.aliases.end();
}

// The kinds of field. A visitor has one call operator per kind.

/// A number in [min, max]; `step` is what one press of an arrow key changes.
template <class T>
struct Range {
  T min;
  T max;
  T step;
};
/// Yes or no.
struct Flag {};
/// Free text.
struct Text {};
/// One of the names in kEnumNames of the field's type.
struct Choice {};
/// Whole numbers joined by '-', each in [min, max], between minCount and maxCount of them:
/// "2048-2048-2048".
struct NumberList {
  int min;
  int max;
  int minCount;
  int maxCount;
};
/// One number per colour channel (red, green, blue), each in [min, max].
struct PerChannel {
  double min;
  double max;
};

/// A value of an enumeration, its name in files, and the words in forms.
template <class E>
struct EnumName {
  E value;
  std::string_view text;
  std::string_view label;
};
/// Specialised beside every enumeration: all its values in the order in which a form shows them.
template <class E>
inline constexpr std::array<EnumName<E>, 0> kEnumNames{};

template <class E>
std::string_view toText(E value) requires(kEnumNames<E>.size() > 0) {
  for (const auto& name : kEnumNames<E>) {
    if (name.value == value) {
      return name.text;
    }
  }
  return "?";
}
template <class E>
std::optional<E> fromText(std::string_view text) {
  for (const auto& name : kEnumNames<E>) {
    if (name.text == text) {
      return name.value;
    }
  }
  return std::nullopt;
}

/// One thing that is wrong with a configuration: which key, and a sentence with what to do.
struct Problem {
  std::string key;
  std::string message;
  bool operator==(const Problem&) const = default;
};

}  // namespace barlow
