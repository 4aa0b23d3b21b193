#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "core/base/json_text.h"
#include "core/params/config_io.h"
#include "core/params/presets.h"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

namespace barlow::cli {
namespace {

nlohmann::ordered_json presetJson(const Preset& preset) {
  nlohmann::ordered_json json;
  json["name"] = preset.name;
  json["group"] = preset.group;
  json["title"] = preset.title;
  json["for_whom"] = preset.forWhom;
  json["follows"] = preset.follows;
  json["config"] = parseOrderedJson(toJson(preset.config));
  return json;
}

// Each group under its heading.
void printList() {
  std::size_t width = 0;
  for (const Preset& preset : presets()) {
    width = std::max(width, preset.name.size());
  }
  std::string group;
  for (const Preset& preset : presets()) {
    if (preset.group != group) {
      group = preset.group;
      fmt::print("\n{}\n", group);
    }
    fmt::print("{:<{}} {}\n", preset.name, width, preset.forWhom);
  }
}

}  // namespace

void addPresets(CLI::App& app, int& exitCode) {
  struct Options {
    std::string name;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("presets", "Configurations that come with the program");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "Names, and for whom each is");
  addOutputOptions(*list, options->output);
  list->callback([options, &exitCode] {
    if (options->output.isJson) {
      nlohmann::ordered_json json = nlohmann::ordered_json::array();
      for (const Preset& preset : presets()) {
        json.push_back(presetJson(preset));
      }
      fmt::print("{}\n", jsonText(nlohmann::ordered_json{{"presets", json}}));
    } else {
      printList();
    }
    exitCode = kDone;
  });
  CLI::App* show = command->add_subcommand("show", "One configuration, as a file for --config");
  show->add_option("name", options->name, "The preset's name")->required();
  addOutputOptions(*show, options->output);
  show->callback([options, &exitCode] {
    const auto preset = findPreset(options->name);
    if (!preset) {
      std::vector<std::string> names;
      for (const Preset& known : presets()) {
        names.push_back(known.name);
      }
      throw UsageError(unknownName("preset", options->name, names));
    }
    if (options->output.isJson) {
      fmt::print("{}\n", jsonText(parseOrderedJson(toJson(preset->config))));
    } else {
      say("{}\n{}\n", preset->forWhom, preset->follows);
      fmt::print("{}", toJson(preset->config));
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
