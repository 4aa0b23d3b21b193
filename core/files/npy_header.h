#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// All of a .npy file (version 1.0, C order) that comes before the values. `type`: "<f4", "<i8" ...
std::string npyHeader(std::string_view type, const std::vector<std::int64_t>& shape);

}  // namespace barlow
