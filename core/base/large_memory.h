#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

/// Memory for arrays of megabytes that come and go, as matrices do while a run is followed. Any
/// thread.
namespace barlow {

/// `bytes` (0 as well) that nobody has written yet, or that an array before has left. Large blocks
/// are in large pages where the system has them (Linux), and a block that was given back is kept
/// for the next one of its size while no more than kMostKeptMemory are in use and kept together:
/// writing new pages for the first time takes as long as the arithmetic on them. Throws
/// std::bad_alloc.
std::shared_ptr<void> largeMemory(std::size_t bytes);
inline constexpr std::uint64_t kMostKeptMemory = std::uint64_t{1200} << 20;

std::uint64_t keptLargeMemory();  // bytes that wait for the next array
/// Gives back what is kept.
void releaseLargeMemory();

}  // namespace barlow
