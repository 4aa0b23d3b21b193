#pragma once

#include <cstdint>

namespace torch::nn {
class Module;
}

namespace barlow {

/// Sets every parameter and buffer below `root` to its start from `seed`, in the order of
/// registration, with a generator of its own: what the modules' constructors drew from LibTorch's
/// global generator is overwritten, so the result does not depend on it.
///   convolutions  kaiming normal, fan out, ReLU        (torchvision's ResNet)
///   linear layers U(-1, 1) / sqrt(inputs)              (torch.nn.Linear)
///   BatchNorm     weight 1, bias 0, statistics 0 and 1
/// Call it while they are on the CPU and in the default memory format.
void initializeModules(const torch::nn::Module& root, std::int64_t seed);

}  // namespace barlow
