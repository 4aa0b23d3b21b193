#include "app/cli/config_options.h"

#include "app/cli/commands.h"
#include "core/base/atomic_file.h"
#include "core/params/config_io.h"
#include "core/params/presets.h"
#include "core/runs/run_folder.h"
#include "core/studio/dataset_browser.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

namespace barlow::cli {
namespace {

constexpr std::uint64_t kMaxConfigBytes = 1 << 20;

std::string listed(const std::vector<Problem>& problems) {
  constexpr std::size_t kMost = 8;
  std::string text = problems.size() == 1
                         ? "the configuration has a problem:"
                         : fmt::format("the configuration has {} problems:", problems.size());
  for (std::size_t i = 0; i < problems.size() && i < kMost; ++i) {
    text += fmt::format(
        "\n  {}{}{}", problems[i].key, problems[i].key.empty() ? "" : ": ", problems[i].message);
  }
  if (problems.size() > kMost) {
    text += fmt::format("\n  and {} more", problems.size() - kMost);
  }
  return text;
}

void require(const std::vector<Problem>& problems) {
  if (!problems.empty()) {
    throw UsageError(listed(problems));
  }
}

std::vector<Setting> givenSettings(const ConfigOptions& options) {
  std::vector<Setting> settings;
  if (!options.data.empty()) {
    settings.push_back({"data.source", recognizedSource(options.data)});
  }
  if (options.steps >= 0) {
    settings.push_back({"run.max_steps", std::to_string(options.steps)});
  }
  if (!options.device.empty()) {
    settings.push_back({"run.device", options.device});
  }
  if (options.threads >= 0) {
    settings.push_back({"run.threads", std::to_string(options.threads)});
  }
  const auto more = parseSettings(options.settings);
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

RunConfig baseConfig(const ConfigOptions& options,
                     const std::vector<Setting>& settings,
                     std::vector<Problem>& problems) {
  if (!options.configFile.empty()) {
    RunConfig config;
    problems = applyJson(readFileText(options.configFile, kMaxConfigBytes), config);
    for (Problem& problem : problems) {
      problem.message += fmt::format(" (in {})", options.configFile);
    }
    return config;
  }
  if (!options.preset.empty()) {
    const auto preset = findPreset(options.preset);
    if (!preset) {
      std::vector<std::string> names;
      for (const Preset& known : presets()) {
        names.push_back(known.name);
      }
      throw UsageError(unknownName("preset", options.preset, names));
    }
    RunConfig config = preset->config;
    config.run.name = preset->name;
    return config;
  }
  std::string source = "shapes";
  for (const Setting& setting : settings) {
    source = setting.key == "data.source" ? setting.value : source;
  }
  const Preset& preset = presetForSource(source);
  RunConfig config = preset.config;
  config.run.name = preset.name;
  return config;
}

}  // namespace

std::string unknownName(const std::string& what,
                        const std::string& name,
                        const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& known : names) {
    all += (all.empty() ? "" : ", ") + known;
  }
  const std::string near = nearestName(name, names);
  return fmt::format("there is no {} '{}'{}; there are: {}",
                     what,
                     name,
                     near.empty() ? "" : fmt::format(", did you mean '{}'?", near),
                     all);
}

void addConfigOptions(CLI::App& command, ConfigOptions& options) {
  auto* preset =
      command.add_option("--preset", options.preset, "A configuration that comes with the program");
  command
      .add_option("--config",
                  options.configFile,
                  "A configuration file (JSON), such as a run's config.json")
      ->excludes(preset);
  command
      .add_option("--set", options.settings, "key=value, any number of times; see the keys below")
      ->type_name("KEY=VALUE")
      ->expected(1, -1)
      ->allow_extra_args(false)
      ->take_all();
  command.add_option(
      "--data", options.data, "shapes, cifar10:DIR, cifar100:DIR or a folder of images");
  command.add_option("--steps", options.steps, "Stop after this many steps in all (run.max_steps)")
      ->check(CLI::Range(0, 1'000'000'000));
  command.add_option("--device", options.device, "auto, cpu, cuda or cuda:0");
  command
      .add_option(
          "--threads", options.threads, "Compute threads; 0: as OMP_NUM_THREADS says, or all cores")
      ->check(CLI::Range(0, 1'000'000'000));
}

RunConfig chosenConfig(const ConfigOptions& options) {
  const std::vector<Setting> settings = givenSettings(options);
  std::vector<Problem> problems;
  RunConfig config = baseConfig(options, settings, problems);
  const auto more = applySettings(settings, config);
  problems.insert(problems.end(), more.begin(), more.end());
  if (problems.empty()) {
    problems = validate(config);
  }
  require(problems);
  return config;
}

std::vector<Setting> parseSettings(const std::vector<std::string>& texts) {
  std::vector<Setting> settings;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError(fmt::format("--set needs key=value, such as run.epochs=5, not '{}'", text));
    }
    settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return settings;
}

void checkEdits(const std::filesystem::path& run, const std::vector<Setting>& edits) {
  if (edits.empty() || !isRunFolder(run)) {
    return;  // what is no run is said by whoever opens it
  }
  RunConfig config = readRunConfig(run);
  require(applyEdits(edits, config));
}

std::string keysHelp() {
  std::string text =
      "Configuration keys (for --set and --config), with defaults before any preset:\n";
  for (const DescribedValue& value : describedValues(RunConfig{})) {
    const std::string unit = value.info.unit.empty() ? "" : fmt::format(" [{}]", value.info.unit);
    const Relevance& relevance = value.info.relevance;
    const std::string where =
        relevance.key.empty() ? "" : fmt::format(" ({}={})", relevance.key, relevance.values);
    text += fmt::format("  {:<38} {:<18} {}{}\n{:60}{}{}\n",
                        value.info.key,
                        value.value.empty() ? "-" : value.value,
                        value.accepts,
                        unit,
                        "",
                        value.info.help,
                        where);
  }
  return text;
}

void requireDeviceName(const std::string& name) {
  RunConfig config;
  config.run.device = name;
  if (const auto problems = validate(config); !problems.empty()) {
    throw UsageError(fmt::format("--device: {}", problems.front().message));
  }
}

}  // namespace barlow::cli
