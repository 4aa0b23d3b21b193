#pragma once

#include "core/params/run_config.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace barlow {

/// One assignment as it stands on a command line or in a file: {"optim.name", "sgd"}.
struct Setting {
  std::string key;
  std::string value;
};

/// The whole configuration as indented JSON, sections nested, with "format": 1.
std::string toJson(const RunConfig& config);

/// Applies a JSON document (nested sections or dotted keys) over `config`. Returns every problem
/// found, and then leaves `config` as it was: bad JSON, unknown key (with the nearest name), wrong
/// type. Ranges are validate()'s. A recipe and an objective, which bring other settings along, are
/// applied before the keys that stand beside them, wherever they stand. The document is a file,
/// which may be older than some keys: where such a key is missing, it gets the value that was so
/// before it (ParamInfo::before).
std::vector<Problem> applyJson(std::string_view json, RunConfig& config);

/// The same for a document that is a part of this program, as presets are: missing keys stay.
std::vector<Problem> applyOwnJson(std::string_view json, RunConfig& config);

/// The same for settings given as text; the last one wins.
std::vector<Problem> applySettings(const std::vector<Setting>& settings, RunConfig& config);

/// Everything that is out of range or does not go together. Empty: the configuration can run.
std::vector<Problem> validate(const RunConfig& config);

/// The settings of `config` with another objective: the projector's form comes along, where it is
/// another one.
RunConfig withObjective(const RunConfig& config, ObjectiveName name);

/// The sizes that the objective of a run needs; `images` 0: unknown.
ObjectiveSizes objectiveSizes(const RunConfig& config, std::int64_t images);

/// What is wrong with the objective's settings for a data set of so many images; 0: unknown, then
/// what validate() says.
std::vector<Problem> objectiveProblems(const RunConfig& config, std::int64_t images);

/// Keys whose values differ, with both values as text; without those that make no difference on
/// either side.
struct Difference {
  std::string key;
  std::string left;
  std::string right;
  bool operator==(const Difference&) const = default;
};
std::vector<Difference> differences(const RunConfig& left, const RunConfig& right);

/// Whether a run that has begun can go on with another value of `key` (ParamInfo::change).
bool canChangeMidRun(std::string_view key);

/// applySettings() for a run that has begun, with validate(): keys that cannot change are problems
/// as well.
std::vector<Problem> applyEdits(const std::vector<Setting>& edits, RunConfig& config);

/// The value of every key as text, in the order of describe().
struct DescribedValue {
  ParamInfo info;
  std::string value;
  std::string accepts;     // "0 to 1", "lars, sgd, adam or adamw", "text"
  bool isRelevant = true;  // makes a difference in this configuration (ParamInfo::relevance)
};
std::vector<DescribedValue> describedValues(const RunConfig& config);

/// The chosen objective's name and all its settings as one JSON object: {"name":"simclr",
/// "temperature":0.2}.
std::string objectiveJson(const RunConfig& config);

/// The candidate nearest to `word` by edit distance, or empty when none is near.
std::string nearestName(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace barlow
