#include "core/step/collapse_meter.h"

#include "core/base/system.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/collapse.h"

#include <utility>
#include <vector>

namespace barlow {
namespace {

// `views`: one, or two.
std::optional<CollapseNumbers> numbersOf(std::int64_t step,
                                         const std::vector<torch::Tensor>& views) {
  for (const torch::Tensor& z : views) {
    if (!z.isfinite().all().item<bool>()) {
      return std::nullopt;
    }
  }
  CollapseNumbers numbers = collapseNumbers(views.front());
  numbers.step = step;
  if (views.size() > 1) {
    addCorrelation(numbers, views[0], views[1]);
  }
  return numbers;
}

}  // namespace

CollapseMeter::~CollapseMeter() = default;

void CollapseMeter::measure(std::int64_t step, const torch::Tensor& z, const torch::Tensor& other) {
  std::vector<torch::Tensor> views = {z.detach()};
  if (other.defined()) {
    views.push_back(other.detach());
  }
  if (!isBeside_) {
    numbers_ = numbersOf(step, views);
    return;
  }
  if (isBusy_) {
    return;
  }
  isBusy_ = true;
  isDone_ = false;
  worker_ = std::jthread([this, step, copy = HostCopy(views)]() { work(step, copy); });
}

void CollapseMeter::work(std::int64_t step, const HostCopy& views) {
  nameThread("collapse");
  lowerThreadPriority();
  std::optional<CollapseNumbers> numbers;
  std::exception_ptr failure;
  try {
    const OneTorchThread oneThread;
    numbers = numbersOf(step, views.wait());
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
