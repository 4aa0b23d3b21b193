#pragma once

#include "core/torch.h"

#include <string>

namespace barlow {

/// What tells one accelerator from another, for notes about its speed: "NVIDIA H100 80GB HBM3,
/// driver for CUDA 13.0". In builds without CUDA's headers (core/FindLibTorch.cmake) its place,
/// "cuda:0".
std::string acceleratorName(const torch::Device& device);

/// Gives back the memory that cuBLAS keeps for every stream and thread it was called on (32 MiB
/// each). Nothing may be queued. Nothing in builds without CUDA's headers.
void releaseWorkspaces(const torch::Device& device);

}  // namespace barlow
