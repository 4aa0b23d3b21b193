#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

/// Memory for arrays of megabytes that come and go, as matrices do while a run is followed. Any
/// thread.
namespace barlow {

/// `bytes` (0 as well) that nobody has written yet, or that an array before has left: a block of
/// megabytes that was given back is kept for the next one of its size, while no more than
/// kMostKeptMemory are in use and kept together. Pages that are written for the first time take as
/// long as the arithmetic on them. Throws std::bad_alloc.
std::shared_ptr<void> largeMemory(std::size_t bytes);
inline constexpr std::uint64_t kMostKeptMemory = std::uint64_t{1200} << 20;

std::uint64_t keptLargeMemory();  // bytes that wait for the next array
/// Gives back what is kept.
void releaseLargeMemory();

}  // namespace barlow
