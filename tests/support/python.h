#pragma once

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

#include <cstdlib>
#include <string>
#include <vector>

namespace barlow {

/// A Python that can import all of `modules`: BARLOW_PEERS_PYTHON, or the one beside LibTorch.
/// Empty where there is none: such tests skip.
inline std::string pythonWith(const std::vector<std::string>& modules) {
  std::string line = "import sys";
  for (const std::string& module : modules) {
    line += ", " + module;
  }
  const char* peers = std::getenv("BARLOW_PEERS_PYTHON");
  for (const std::string& python :
       {std::string(peers == nullptr ? "" : peers), std::string(BARLOW_TORCH_PYTHON)}) {
    const TempDir scratch;
    if (!python.empty() && runProcess({python, "-c", line}, scratch.path()).exitCode == 0) {
      return python;
    }
  }
  return "";
}

}  // namespace barlow
