#pragma once

#include "core/torch.h"

#include <filesystem>
#include <map>
#include <string>

namespace barlow {

/// What was measured on this machine, so that it is measured once and two fresh runs agree: an
/// object of JSON in a file of the user's cache folder. A damaged file is as none; where it cannot
/// be written the next run measures again.
using MeasuredChoice = std::map<std::string, std::string>;

/// The machine's part of a key: processor, device (an accelerator by its model and driver), compute
/// threads, LibTorch, and the way of measuring.
std::string machineKey(const torch::Device& device, int threads);

/// Empty where nothing is known.
MeasuredChoice knownChoice(const std::filesystem::path& file, const std::string& key);
void keepChoice(const std::filesystem::path& file,
                const std::string& key,
                const MeasuredChoice& choice);

}  // namespace barlow
