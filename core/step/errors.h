#pragma once

#include "core/base/stopped.h"

#include <cstdint>
#include <exception>

namespace barlow {

/// The loss of a step is NaN or infinite. On the CPU it is seen before it changes the weights; an
/// accelerator has made that update, and a few more, when it is. Nothing of them is saved.
class NonFiniteLoss final : public Exception {
 public:
  NonFiniteLoss(std::int64_t step, double loss);
  std::int64_t step() const { return step_; }

 private:
  std::int64_t step_;
};

/// prepare() was asked to stop before there was anything to keep.
class PreparingStopped final : public Stopped {
 public:
  PreparingStopped() : Stopped("Stopped while preparing.") {}
};

/// Whether `error` is a NonFiniteLoss.
bool hasDiverged(const std::exception_ptr& error);

/// Whether `error` says that a device or the machine had no memory left, whichever part of LibTorch
/// it comes from.
bool isOutOfMemory(const std::exception_ptr& error);

}  // namespace barlow
