#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace barlow {

/// Indices as a person writes them: "0-255, 812" is 0 to 255, both included, and 812. In the order
/// in which they stand, each once, however often it is named; nothing but spaces means all of [0,
/// size). The error is a sentence that names what is wrong.
Result<std::vector<std::int32_t>> parseIndexRanges(std::string_view text, std::int64_t size);

}  // namespace barlow
