#pragma once

#include "app/cli/commands.h"
#include "core/params/config_io.h"

#include <filesystem>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace barlow::cli {

/// What decides a run's configuration on the command line.
struct ConfigOptions {
  std::string preset;
  std::string configFile;
  std::vector<std::string> settings;  // key=value
  std::string data;
  std::string device;
  int steps = -1;  // -1: not given
  int threads = -1;
};
void addConfigOptions(CLI::App& command, ConfigOptions& options);

/// Preset or file (or the preset that fits the data), then --data, --steps, --device, --threads,
/// then --set. Throws UsageError with every problem.
RunConfig chosenConfig(const ConfigOptions& options);

/// {"run.epochs", "5"} of "run.epochs=5". Throws UsageError for text that is no assignment.
std::vector<Setting> parseSettings(const std::vector<std::string>& texts);

/// Throws UsageError with every reason why this run cannot go on with these settings.
void checkEdits(const std::filesystem::path& run, const std::vector<Setting>& edits);

/// All keys with defaults, limits and help, for `barlow train --help`.
std::string keysHelp();

/// "did you mean" for a name that is none of `names`.
std::string unknownName(const std::string& what,
                        const std::string& name,
                        const std::vector<std::string>& names);

/// The value of this name. Throws UsageError with those that there are.
template <class E>
E requireName(const std::string& what, const std::string& name) {
  if (const auto value = fromText<E>(name)) {
    return *value;
  }
  std::vector<std::string> names;
  for (const auto& known : kEnumNames<E>) {
    names.emplace_back(known.text);
  }
  throw UsageError(unknownName(what, name, names));
}

/// Throws UsageError for what run.device does not accept.
void requireDeviceName(const std::string& name);

}  // namespace barlow::cli
