#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace barlow {

/// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(std::span<const std::byte> bytes);
/// Of a file of any size, read in pieces. Throws Exception naming the path.
std::string sha256OfFile(const std::filesystem::path& path);

}  // namespace barlow
