#pragma once

#include "core/files/byte_source.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// All of a .npy file (version 1.0, C order) that comes before the values. `type`: "<f4", "<i8" ...
std::string npyHeader(std::string_view type, const std::vector<std::int64_t>& shape);

/// What a .npy file says about its values.
struct NpyHeader {
  std::string type;
  bool isFortran = false;  // the first index runs fastest
  std::vector<std::int64_t> shape;
};

/// Leaves `source` at the first value. Versions 1 to 3. `file` is what messages call it.
NpyHeader readNpyHeader(const std::string& file, ByteSource& source);

/// "FILE cannot be read as .npy: REASON."
[[noreturn]] void refuseNpy(const std::string& file, const std::string& reason);

}  // namespace barlow
