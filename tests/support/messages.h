#pragma once

#include "core/base/error.h"

#include <functional>
#include <string>

namespace barlow {

/// What the action's Exception says; empty where it throws none.
inline std::string messageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.info().message;
  }
  return "";
}

}  // namespace barlow
