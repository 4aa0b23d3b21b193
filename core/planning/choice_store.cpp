#include "core/planning/choice_store.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/base/system.h"
#include "core/device/accelerator.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <torch/version.h>

namespace barlow {
namespace {

constexpr std::uint64_t kMaxBytes = 1 << 20;
// Raised whenever what was measured before is not to be trusted any more. 2: accelerators warm up
// untimed, and tf32 is among the candidates.
constexpr int kWayOfMeasuring = 2;

nlohmann::json readAll(const std::filesystem::path& file) {
  try {
    auto json = parseJsonQuietly(readFileText(file, kMaxBytes));
    return json.is_object() ? json : nlohmann::json::object();
  } catch (const Exception&) {
    return nlohmann::json::object();  // as promised: it costs another measuring
  }
}

}  // namespace

std::string machineKey(const torch::Device& device, int threads) {
  return fmt::format("{}|{}|{} threads|torch {}|way {}",
                     processorName(),
                     device.is_cpu() ? device.str() : acceleratorName(device),
                     threads,
                     TORCH_VERSION,
                     kWayOfMeasuring);
}

MeasuredChoice knownChoice(const std::filesystem::path& file, const std::string& key) {
  MeasuredChoice choice;
  const nlohmann::json known = readAll(file).value(key, nlohmann::json::object());
  if (known.is_object()) {
    for (const auto& [name, value] : known.items()) {
      if (value.is_string()) {
        choice[name] = value.get<std::string>();
      }
    }
  }
  return choice;
}

void keepChoice(const std::filesystem::path& file,
                const std::string& key,
                const MeasuredChoice& choice) {
  try {
    nlohmann::json all = readAll(file);
    all[key] = choice;
    makeFolder(file.parent_path());
    writeFileAtomically(file, jsonText(all, 1) + "\n");
  } catch (const Exception&) {
    // As promised: the next run measures again.
  }
}

}  // namespace barlow
