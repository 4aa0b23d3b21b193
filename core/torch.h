#pragma once

/// What is used here of LibTorch: tensors, their functions and autograd's switches. Modules are
/// core/models/nn.h, gradients <torch/csrc/autograd/autograd.h>. <torch/torch.h> brings optimisers,
/// data loaders and more besides, and a file that includes it, precompiled or not, takes five
/// seconds longer (CONTRIBUTING.md).

#include <torch/types.h>
#include <torch/utils.h>
