#pragma once

#include "core/torch.h"

namespace barlow {

/// Puts `rows` [n, ...] into `ring` [size, ...] from `position` (int64 [1], on the same device) on,
/// beginning again at 0 behind the end. Of more rows than the ring has, the last stay. Needs no
/// number from the device.
void writeRing(const torch::Tensor& ring, const torch::Tensor& position, const torch::Tensor& rows);

/// Moves `position` behind n rows that were written, in place.
void advanceRing(const torch::Tensor& position, std::int64_t n, std::int64_t size);

}  // namespace barlow
