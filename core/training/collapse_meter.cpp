#include "core/training/collapse_meter.h"

#include "core/base/system.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/collapse.h"

#include <utility>

namespace barlow {
namespace {

std::optional<CollapseNumbers> numbersOf(std::int64_t step, const torch::Tensor& z) {
  if (!z.isfinite().all().item<bool>()) {
    return std::nullopt;
  }
  CollapseNumbers numbers = collapseNumbers(z);
  numbers.step = step;
  return numbers;
}

}  // namespace

CollapseMeter::~CollapseMeter() = default;

void CollapseMeter::measure(std::int64_t step, const torch::Tensor& z) {
  if (!isBeside_) {
    numbers_ = numbersOf(step, z);
    return;
  }
  if (isBusy_) {
    return;
  }
  isBusy_ = true;
  isDone_ = false;
  worker_ = std::jthread([this, step, copy = HostCopy({z.detach()})]() { work(step, copy); });
}

void CollapseMeter::work(std::int64_t step, const HostCopy& z) {
  nameThread("collapse");
  lowerThreadPriority();
  std::optional<CollapseNumbers> numbers;
  std::exception_ptr failure;
  try {
    const OneTorchThread oneThread;
    numbers = numbersOf(step, z.wait().front());
  } catch (...) {  // take() throws it
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  numbers_ = numbers;
  failure_ = failure;
  isDone_ = true;
}

std::optional<CollapseNumbers> CollapseMeter::take(bool isLast) {
  if (isBusy_) {
    {
      const std::lock_guard lock(mutex_);
      if (!isDone_ && !isLast) {
        return std::nullopt;
      }
    }
    worker_.join();
    isBusy_ = false;
    if (const auto failure = std::exchange(failure_, nullptr)) {
      std::rethrow_exception(failure);
    }
  }
  return std::exchange(numbers_, std::nullopt);
}

}  // namespace barlow
