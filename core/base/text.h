#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace barlow {

/// "1.5 GiB", "312 MiB", "17 bytes".
std::string formatBytes(std::uint64_t bytes);

/// `text` on one line that does nothing to a terminal: control characters, as a file's name may
/// hold them, are written as \n, \t or \x1b.
std::string plainLine(std::string_view text);

/// "1 image", "12 images".
std::string counted(std::int64_t number, std::string_view thing);

/// The letters of ASCII in small ones, for names and endings of files.
std::string lowerCase(std::string text);

/// "8 s", "3 min", "2 h 05 min"; "under 1 s" below that.
std::string formatDuration(double seconds);

}  // namespace barlow
