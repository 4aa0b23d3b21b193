#pragma once

#include "core/models/nn.h"

namespace barlow {

/// norm(x), then `residual` added where it is defined, then ReLU where wanted: what a ResNet does
/// between its convolutions. x, residual: [N, C, H, W].
///
/// In training on the CPU with channels-last tensors of float or double this is one pass forward
/// and two backward instead of one for each operation, with statistics summed in double: LibTorch's
/// channels-last BatchNorm sums thousands of values one after the other in float and loses a digit.
/// In evaluation without a gradient it is one pass as well, with the running statistics. Everywhere
/// else (half precision, accelerators, other layouts) LibTorch's own operations run. Statistics and
/// running statistics are BatchNorm2d's. Same bits for any number of threads. The gradient can be
/// taken once.
torch::Tensor normalize(torch::nn::BatchNorm2d& norm,
                        const torch::Tensor& x,
                        bool hasRelu,
                        const torch::Tensor& residual = {});

/// norm(x) and ReLU.
inline torch::Tensor normRelu(torch::nn::BatchNorm2d& norm, const torch::Tensor& x) {
  return normalize(norm, x, true);
}

}  // namespace barlow
