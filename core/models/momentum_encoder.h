#pragma once

#include "core/models/encoder.h"

namespace barlow {

/// A network of its own with the weights and statistics of `network`, on its device and in its
/// memory format: what follows it slowly (BYOL, MoCo). No gradient reaches it; it trains its
/// BatchNorm's statistics from what it sees itself.
Encoder momentumCopy(const Encoder& network, const ModelParams& params);

/// Every parameter becomes share x itself + (1 - share) x the network's. Buffers stay.
void follow(Encoder& momentum, const Encoder& network, double share);

/// Scalar on the device: the length of the difference of both networks' parameters over that of the
/// network's. Only queued.
torch::Tensor momentumDistance(const Encoder& momentum, const Encoder& network);

}  // namespace barlow
