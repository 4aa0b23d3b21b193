#pragma once

#include "core/files/byte_source.h"
#include "core/files/npy_header.h"
#include "core/torch.h"

#include <string>

namespace barlow {

/// The type of the values; throws Exception where they are no numbers that can be read.
torch::ScalarType npyType(const std::string& file, const NpyHeader& header);

/// The values behind a header, in C order, of all the bytes that are left in `source`.
torch::Tensor readNpyValues(const std::string& file, const NpyHeader& header, ByteSource& source);

}  // namespace barlow
