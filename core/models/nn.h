#pragma once

/// The part of LibTorch's modules that the networks are made of. Only files of core/models and
/// their tests include it: others see networks through Encoder, and are built faster.

#include "core/torch.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// A module's parameters or buffers as whoever does without its headers takes them, in their order.
inline std::vector<std::pair<std::string, torch::Tensor>> namedTensors(
    const torch::OrderedDict<std::string, torch::Tensor>& tensors) {
  std::vector<std::pair<std::string, torch::Tensor>> pairs;
  for (const auto& item : tensors) {
    pairs.emplace_back(item.key(), item.value());
  }
  return pairs;
}

}  // namespace barlow
