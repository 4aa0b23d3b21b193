#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace barlow {

/// Bytes of a contiguous tensor; nothing when they or its strides would not fit into 62 bits.
/// `shape` holds no negative number.
std::optional<std::uint64_t> tensorBytes(const std::vector<std::int64_t>& shape,
                                         std::uint64_t elementBytes);

/// Throws Exception when the tensors of `path` need more memory than there is: a file can be
/// sparse, and its size is no proof that somebody once held so much.
void requireMemory(const std::filesystem::path& path, std::uint64_t bytes);

}  // namespace barlow
