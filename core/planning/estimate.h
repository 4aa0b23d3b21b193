#pragma once

#include "core/params/run_config.h"
#include "core/report/run_plan.h"
#include "core/torch.h"

#include <cstdint>
#include <string>

namespace barlow {

/// What a network costs, counted layer by layer from its description alone.
struct NetworkCost {
  std::int64_t parameters = 0;
  std::int64_t activations = 0;  // floats kept for the backward pass, for one view of one image
  double multiplyAdds = 0;       // forward, one view of one image
};
NetworkCost networkCost(const ModelParams& model, int imageSize);

/// Where a run would take place. 0: unknown.
struct RunPlace {
  bool isAccelerator = false;
  /// Of the network. Auto: what a run on such a device is likely to take, which on an accelerator
  /// is bf16.
  Precision precision = Precision::Auto;
  std::uint64_t availableBytes = 0;      // on the device
  std::uint64_t availableHostBytes = 0;  // of the machine, beside an accelerator
  double multiplyAddsPerSecond = 0;      // of the device
};
/// What is there now; the speed is left open.
RunPlace placeOf(const torch::Device& device, Precision precision);

/// Memory and time of a run over `images` images before it starts; `proposal` is set when it cannot
/// fit. For an accelerator memory is a rough figure (what cuDNN takes for its work is not known
/// before): refuse nothing by it.
ResourceEstimate estimateResources(const RunConfig& config,
                                   std::int64_t images,
                                   const RunPlace& place);

/// What to set when memory ran out although the estimate fitted, or before it was looked at: the
/// micro-batch with which the estimate fits, at most half of what was tried. "Set
/// run.micro_batch_size=128 (same loss, less memory), or use run.batch_size=128".
std::string memoryAdvice(const RunConfig& config, const RunPlace& place);

/// fp32 matrix speed of the CPU, measured for about 50 ms on one, times `threads`.
double measureMultiplyAddsPerSecond(int threads);

}  // namespace barlow
