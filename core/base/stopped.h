#pragma once

#include "core/base/error.h"

#include <stop_token>
#include <string>
#include <utility>

namespace barlow {

/// Work that was asked to stop before it was done; no failure.
class Stopped : public Exception {
 public:
  explicit Stopped(std::string message = "Stopped before it was done.")
      : Exception(std::move(message)) {}
};

/// Throws Stopped when that was asked for.
inline void throwIfStopped(const std::stop_token& stop) {
  if (stop.stop_requested()) {
    throw Stopped();
  }
}

}  // namespace barlow
