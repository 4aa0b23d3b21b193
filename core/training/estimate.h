#pragma once

#include "core/params/run_config.h"
#include "core/report/run_plan.h"

#include <cstdint>

namespace barlow {

/// What a network costs, counted layer by layer from its description alone.
struct NetworkCost {
  std::int64_t parameters = 0;
  std::int64_t activations = 0;  // floats kept for the backward pass, for one view of one image
  double multiplyAdds = 0;       // forward, one view of one image
};
NetworkCost networkCost(const ModelParams& model, int imageSize);

/// Memory and time of a run over `images` images before it starts; `proposal` is set when it cannot
/// fit into `availableBytes` (0: unknown, then everything fits). `multiplyAddsPerSecond`: speed of
/// the device, 0: unknown.
ResourceEstimate estimateResources(const RunConfig& config,
                                   std::int64_t images,
                                   std::uint64_t availableBytes,
                                   double multiplyAddsPerSecond);

/// fp32 matrix speed of the CPU, measured for about 50 ms with the present thread count.
double measureMultiplyAddsPerSecond();

}  // namespace barlow
