#include "core/params/presets.h"

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/params/config_io.h"
#include "core/params/preset_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace barlow {
namespace {

// `known`: those before it in the list.
Preset parse(const PresetFile& file, const std::vector<Preset>& known) {
  const nlohmann::json json = parseJson(file.text);
  Preset preset;
  preset.name = file.name;
  preset.group = json.value("group", "");
  if (const std::string base = json.value("extends", ""); !base.empty()) {
    const auto found = std::find_if(
        known.begin(), known.end(), [&](const Preset& other) { return other.name == base; });
    if (found == known.end()) {
      throw Exception(
          fmt::format("The preset {} is broken: it extends {}, which does not come before it.",
                      file.name,
                      base));
    }
    preset.config = found->config;
  }
  preset.title = json.at("title");
  preset.forWhom = json.at("for_whom");
  preset.follows = json.at("follows");
  const auto problems = applyOwnJson(jsonText(json.at("config")), preset.config);
  if (!problems.empty()) {
    throw Exception(fmt::format(
        "The preset {} is broken: {}: {}", file.name, problems[0].key, problems[0].message));
  }
  return preset;
}

}  // namespace

const std::vector<Preset>& presets() {
  static const std::vector<Preset> all = [] {
    std::vector<Preset> list;
    for (const PresetFile& file : kPresetFiles) {
      list.push_back(parse(file, list));
    }
    return list;
  }();
  return all;
}

std::optional<Preset> findPreset(std::string_view name) {
  for (const Preset& preset : presets()) {
    if (preset.name == name) {
      return preset;
    }
  }
  return std::nullopt;
}

const Preset& presetForSource(std::string_view source, bool hasGpu) {
  const std::string_view name = isGenerated(source)             ? "quick-shapes"
                                : source.starts_with("cifar10") ? "cifar10-small"
                                : hasGpu                        ? "folder-224"
                                                                : "photos-laptop";
  for (const Preset& preset : presets()) {
    if (preset.name == name) {
      return preset;
    }
  }
  throw Exception(
      fmt::format("The program was built without the preset {}; build it again.", name));
}

}  // namespace barlow
