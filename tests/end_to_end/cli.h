#pragma once

#include "core/base/rng.h"
#include "core/image/decode.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace barlow {

/// Keeps images and measured choices out of the cache of the person who runs the tests.
inline std::vector<std::string> barlowCommand(std::vector<std::string> arguments) {
  const auto cache = std::filesystem::temp_directory_path() / "barlow-tests-cache";
  arguments.insert(arguments.begin(),
                   {"/usr/bin/env",
                    "--default-signal",  // whatever the one who runs the tests ignores
                    "XDG_CACHE_HOME=" + cache.string(),
                    BARLOW_PROGRAM});
  return arguments;
}

inline ProcessResult barlowCli(const TempDir& scratch, std::vector<std::string> arguments) {
  return runProcess(barlowCommand(std::move(arguments)), scratch.path());
}

/// A folder of noisy pictures in four classes, which is opened faster than shapes are drawn.
inline void writePictures(const std::filesystem::path& folder, int count) {
  Rng rng(1);
  for (int i = 0; i < count; ++i) {
    RgbImage picture(20, 20);
    for (std::uint8_t& value : picture.pixels) {
      value = static_cast<std::uint8_t>(rng.next());
    }
    const std::filesystem::path place = folder / ("class-" + std::to_string(i % 4));
    std::filesystem::create_directories(place);
    writePng(place / (std::to_string(i) + ".png"), picture);
  }
}

/// A run that takes a second: 64 generated images, a tiny network, 4 steps an epoch.
inline std::vector<std::string> tinyTraining(const std::string& out,
                                             std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"train",
                                        "--preset",
                                        "quick-shapes",
                                        "--out",
                                        out,
                                        "--threads",
                                        "1",
                                        "--set",
                                        "data.limit=64",
                                        "--set",
                                        "run.batch_size=16",
                                        "--set",
                                        "run.epochs=4",
                                        "--set",
                                        "model.width=4",
                                        "--set",
                                        "model.projector=24-16",
                                        "--set",
                                        "evaluate.bank=64",
                                        "--set",
                                        "evaluate.queries=32",
                                        "--set",
                                        "evaluate.every_epochs=2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace barlow
