#pragma once

#include "core/base/console.h"

#include <fmt/format.h>

#include <utility>

namespace barlow::cli {

/// A line for the person, on standard error. Where that is closed or full the line is dropped.
template <class... T>
void say(fmt::format_string<T...> format, T&&... values) {
  writeStandardError(fmt::format(format, std::forward<T>(values)...));
}

}  // namespace barlow::cli
