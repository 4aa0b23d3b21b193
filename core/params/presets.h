#pragma once

#include "core/params/run_config.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// A configuration from resources/presets, compiled into the program. A file says its "title",
/// "for_whom", "follows" and "config"; where "extends" names one before it in the list, its
/// "config" holds what differs from that one's.
struct Preset {
  std::string name;
  std::string group;  // the heading that it stands under in lists; empty for the first ones
  std::string title;
  std::string forWhom;  // one sentence
  std::string follows;  // the published row it follows, or empty
  RunConfig config;
};

/// All presets, simplest first; those of a group stand together.
const std::vector<Preset>& presets();
std::optional<Preset> findPreset(std::string_view name);
/// The preset that fits a data source when none was named; for photos one that a machine without a
/// GPU can train, where there is none.
const Preset& presetForSource(std::string_view source, bool hasGpu = true);

}  // namespace barlow
