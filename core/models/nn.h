#pragma once

/// The part of LibTorch's modules that the networks are made of. Only files of core/models and
/// their tests include it: others see networks through TwinNetwork, and are built faster.

#include "core/torch.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/any.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
