#include "core/params/config_io.h"

#include "core/base/json_text.h"
#include "core/params/field_value.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace barlow {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

Json* place(Json& root, const std::string& key) {
  Json* node = &root;
  std::size_t begin = 0;
  for (std::size_t dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
    node = &(*node)[key.substr(begin, dot - begin)];
    begin = dot + 1;
  }
  return &(*node)[key.substr(begin)];
}

std::string listText(const std::vector<int>& numbers) {
  return fmt::format("{}", fmt::join(numbers, "-"));
}

// Under the older names as well: scripts look for them.
struct JsonWriter {
  Json& root;
  template <class T>
  void put(const ParamInfo& info, const T& value) {
    for (const std::string& alias : info.aliases) {
      *place(root, alias) = value;
    }
    *place(root, info.key) = value;
  }
  template <class T, class Kind>
  void operator()(const ParamInfo& info, const T& value, Kind) {
    put(info, value);
  }
  void operator()(const ParamInfo& info, const std::vector<int>& value, NumberList) {
    put(info, listText(value));
  }
  template <class E>
  void operator()(const ParamInfo& info, const E& value, Choice) {
    put(info, toText(value));
  }
};

struct Lister {
  std::vector<DescribedValue> values;
  void add(const ParamInfo& info, std::string value, std::string accepts) {
    values.push_back({info, std::move(value), std::move(accepts)});
  }
  void operator()(const ParamInfo& info, const std::string& value, Text) {
    add(info, value, "text");
  }
  void operator()(const ParamInfo& info, const bool& value, Flag) {
    add(info, value ? "true" : "false", "true or false");
  }
  template <class T>
  void operator()(const ParamInfo& info, const T& value, const Range<T>& range) {
    const bool isOpen = static_cast<double>(range.max) >= 1e8;
    add(info,
        fmt::format("{}", value),
        isOpen ? fmt::format("at least {}", range.min)
               : fmt::format("{} to {}", range.min, range.max));
  }
  void operator()(const ParamInfo& info, const std::vector<int>& value, const NumberList& list) {
    add(info,
        listText(value),
        fmt::format("{} to {} widths joined by '-'", list.minCount, list.maxCount));
  }
  void operator()(const ParamInfo& info,
                  const std::array<double, 3>& value,
                  const PerChannel& limits) {
    add(info,
        fmt::format("{},{},{}", value[0], value[1], value[2]),
        fmt::format("three numbers, each {} to {}", limits.min, limits.max));
  }
  template <class E>
  void operator()(const ParamInfo& info, const E& value, Choice) {
    std::vector<std::string> names;
    for (const auto& name : kEnumNames<E>) {
      names.emplace_back(name.text);
    }
    add(info, std::string(toText(value)), joinNames(names));
  }
};

bool holds(const Relevance& relevance, const std::map<std::string, std::string>& choices) {
  if (relevance.key.empty()) {
    return true;
  }
  const bool isInverted = relevance.values.starts_with('!');
  const std::string listed = ' ' + relevance.values.substr(isInverted ? 1 : 0) + ' ';
  return (listed.find(' ' + choices.at(relevance.key) + ' ') != std::string::npos) != isInverted;
}

// Those that most configurations use come first: of two that are equally near, they are meant.
std::vector<std::string> allKeys() {
  std::vector<DescribedValue> values = describedValues(RunConfig{});
  std::stable_partition(
      values.begin(), values.end(), [](const DescribedValue& value) { return value.isRelevant; });
  std::vector<std::string> keys;
  for (const DescribedValue& value : values) {
    keys.push_back(value.info.key);
  }
  return keys;
}

Problem unknownKey(const std::string& key) {
  const std::string near = nearestName(key, allKeys());
  return {key,
          near.empty() ? "there is no such key"
                       : fmt::format("there is no such key; did you mean '{}'?", near)};
}

// Keys of older files that nothing reads any more.
constexpr std::array<std::string_view, 1> kRetiredKeys = {"run.matrix_interval_ms"};

// One setting, given under its name and under an older one, with two values.
template <class Value>
void rejectContradictions(const std::vector<std::pair<std::string, Value>>& assignments,
                          std::vector<Problem>& problems) {
  for (const DescribedValue& described : describedValues(RunConfig{})) {
    for (const std::string& alias : described.info.aliases) {
      const auto valueOf = [&](const std::string& key) {
        const auto found = std::find_if(assignments.rbegin(),
                                        assignments.rend(),
                                        [&](const auto& given) { return given.first == key; });
        return found == assignments.rend() ? nullptr : &found->second;
      };
      const Value* const older = valueOf(alias);
      const Value* const newer = valueOf(described.info.key);
      if (older != nullptr && newer != nullptr && *older != *newer) {
        problems.push_back({described.info.key,
                            fmt::format("is the same setting as {} and has another value: give one "
                                        "of the two",
                                        alias)});
      }
    }
  }
}

// What brings other settings along; `before` is `config` without this one.
void takeAlong(const std::string& key, const RunConfig& before, RunConfig& config) {
  if (key == "augment.recipe") {
    config.augment = withRecipe(config.augment, config.augment.recipe);
  } else if (key == "objective.name") {
    config = withObjective(before, config.objective.name);
  }
}

// Applies assignments in order, first those that bring others along. `Value` is what FieldSetter
// takes.
template <class Value>
std::vector<Problem> applyAll(const std::vector<std::pair<std::string, Value>>& assignments,
                              RunConfig& config) {
  RunConfig result = config;
  std::vector<Problem> problems;
  rejectContradictions(assignments, problems);
  const auto apply = [&](const std::pair<std::string, Value>& assignment) {
    FieldSetter setter(assignment.first, assignment.second);
    RunConfig::describe(result, setter);
    const bool isRetired =
        std::find(kRetiredKeys.begin(), kRetiredKeys.end(), assignment.first) != kRetiredKeys.end();
    if (!setter.found()) {
      if (!isRetired) {
        problems.push_back(unknownKey(assignment.first));
      }
    } else if (!setter.reason().empty()) {
      problems.push_back({assignment.first, setter.reason()});
    }
  };
  const auto isFirst = [](const std::string& key) {
    return key == "augment.recipe" || key == "objective.name";
  };
  for (const auto& assignment : assignments) {
    if (isFirst(assignment.first)) {
      const RunConfig before = result;
      apply(assignment);
      takeAlong(assignment.first, before, result);
    }
  }
  for (const auto& assignment : assignments) {
    if (!isFirst(assignment.first)) {
      apply(assignment);
    }
  }
  if (problems.empty()) {
    config = result;
  }
  return problems;
}

using Assignments = std::vector<std::pair<std::string, nlohmann::json>>;

void flatten(const std::string& prefix, const nlohmann::json& node, Assignments& out) {
  for (const auto& [name, value] : node.items()) {
    const std::string key = prefix.empty() ? name : prefix + "." + name;
    if (value.is_object()) {
      flatten(key, value, out);
    } else {
      out.emplace_back(key, value);
    }
  }
}

// What a file says by leaving a key out that is younger than it.
std::vector<std::pair<std::string, std::string>> valuesBefore(const Assignments& given) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const DescribedValue& value : describedValues(RunConfig{})) {
    const bool isGiven = std::any_of(given.begin(), given.end(), [&](const auto& assignment) {
      return isNamed(value.info, assignment.first);
    });
    if (!value.info.before.empty() && !isGiven) {
      values.emplace_back(value.info.key, value.info.before);
    }
  }
  return values;
}

std::vector<Problem> applyDocument(std::string_view json, bool isOwn, RunConfig& config) {
  nlohmann::json root;
  try {
    root = parseJson(json);
  } catch (const nlohmann::json::exception&
               error) {  // bad syntax (names the byte), a number out of range
    return {{"", fmt::format("this is not readable JSON: {}", error.what())}};
  }
  if (!root.is_object()) {
    return {{"", "a configuration is a JSON object with the sections data, augment, model, ..."}};
  }
  if (const auto format = root.find("format"); format != root.end()) {
    if (!format->is_number_integer() || format->get<std::int64_t>() != kFormat) {
      return {{"format",
               fmt::format(
                   "this program reads format {}, the file says {}", kFormat, jsonText(*format))}};
    }
    root.erase(format);
  }
  Assignments assignments;
  flatten("", root, assignments);
  RunConfig result = config;
  if (!isOwn) {
    applyAll(valuesBefore(assignments), result);
  }
  const std::vector<Problem> problems = applyAll(assignments, result);
  if (problems.empty()) {
    config = result;
  }
  return problems;
}

std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearestName(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t bestDistance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    // A key without its section ("momentum") is as near as the key itself.
    const std::size_t dot = candidate.rfind('.');
    const std::string_view last =
        dot == std::string::npos ? candidate : std::string_view(candidate).substr(dot + 1);
    const std::size_t distance = word == last ? 0 : editDistance(word, candidate);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string toJson(const RunConfig& config) {
  Json root;
  root["format"] = kFormat;
  RunConfig::describe(config, JsonWriter{root});
  return jsonText(root, 2) + "\n";
}

std::vector<Problem> applyJson(std::string_view json, RunConfig& config) {
  return applyDocument(json, /*isOwn=*/false, config);
}

std::vector<Problem> applyOwnJson(std::string_view json, RunConfig& config) {
  return applyDocument(json, /*isOwn=*/true, config);
}

std::vector<Problem> applySettings(const std::vector<Setting>& settings, RunConfig& config) {
  std::vector<std::pair<std::string, std::string>> assignments;
  for (const Setting& setting : settings) {
    assignments.emplace_back(setting.key, setting.value);
  }
  return applyAll(assignments, config);
}

std::vector<DescribedValue> describedValues(const RunConfig& config) {
  Lister lister;
  RunConfig::describe(config, lister);
  std::map<std::string, std::string> choices;
  for (const DescribedValue& value : lister.values) {
    choices[value.info.key] = value.value;
  }
  for (DescribedValue& value : lister.values) {
    value.isRelevant = holds(value.info.relevance, choices);
  }
  return lister.values;
}

RunConfig withObjective(const RunConfig& config, ObjectiveName name) {
  RunConfig result = config;
  result.objective.name = name;
  if (name != config.objective.name) {
    const ProjectorForm& form = result.objective.info().projector;
    result.model.projectorBias = form.hasBias;
    result.model.projectorNorm = form.hasNorm;
    result.model.projectorLastNorm = form.hasLastNorm;
    result.model.projectorLastAffine = form.lastNormLearns;
  }
  return result;
}

std::string objectiveJson(const RunConfig& config) {
  Json root;
  RunConfig::describe(config, JsonWriter{root});
  const std::string name(toText(config.objective.name));
  Json result;
  result["name"] = name;
  result.update(root["objective"][name]);
  return jsonText(result);
}

std::vector<Difference> differences(const RunConfig& left, const RunConfig& right) {
  const auto a = describedValues(left);
  const auto b = describedValues(right);
  std::vector<Difference> result;
  for (std::size_t i = 0; i < a.size(); ++i) {  // both lists have all keys, in one order
    const bool counts = a[i].isRelevant || b[i].isRelevant;
    if (counts && a[i].value != b[i].value) {
      result.push_back({a[i].info.key, a[i].value, b[i].value});
    }
  }
  return result;
}

bool canChangeMidRun(std::string_view key) {
  const auto all = describedValues(RunConfig{});
  return std::none_of(all.begin(), all.end(), [&](const DescribedValue& value) {
    return value.info.change == Change::AtStart && isNamed(value.info, key);
  });
}

std::vector<Problem> applyEdits(const std::vector<Setting>& edits, RunConfig& config) {
  std::vector<Problem> problems;
  for (const Setting& edit : edits) {  // one by one, so that every problem is found
    RunConfig alone = config;
    const auto own = applySettings({edit}, alone);
    problems.insert(problems.end(), own.begin(), own.end());
    for (const Difference& change : differences(config, alone)) {
      if (!canChangeMidRun(change.key)) {
        problems.push_back(
            {change.key,
             fmt::format("is {} in this run and cannot change any more; {}start a new "
                         "run for {}",
                         change.left,
                         change.key == "data.source"
                             ? "name the place of data that moved with --data, or "
                             : "",
                         change.right)});
      }
    }
  }
  RunConfig edited = config;
  if (problems.empty()) {
    problems = applySettings(edits, edited);
  }
  if (problems.empty()) {
    problems = validate(edited);
  }
  if (problems.empty()) {
    config = edited;
  }
  return problems;
}

}  // namespace barlow
