#include "core/step/errors.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>

namespace barlow {

NonFiniteLoss::NonFiniteLoss(std::int64_t step, double loss)
    : Exception(fmt::format(
          "The loss of step {} is {}: training halted, and nothing of this step is saved. Resume "
          "from the last checkpoint with a lower optim.base_learning_rate, or start again with "
          "more optim.warmup_epochs.",
          step,
          loss)),
      step_(step) {}

bool hasDiverged(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const NonFiniteLoss&) {
    return true;
  } catch (...) {
    return false;
  }
}

bool isOutOfMemory(const std::exception_ptr& error) {
  // LibTorch's allocator for the CPU, and libraries that ask CUDA for memory themselves.
  static constexpr std::array<const char*, 4> kTexts = {"can't allocate memory",
                                                        "out of memory",
                                                        "_STATUS_ALLOC_FAILED",
                                                        "cudaErrorMemoryAllocation"};
  try {
    std::rethrow_exception(error);
  } catch (const c10::OutOfMemoryError&) {
    return true;
  } catch (const std::bad_alloc&) {
    return true;
  } catch (const c10::Error& torch) {
    const std::string text = torch.what_without_backtrace();
    return std::any_of(kTexts.begin(), kTexts.end(), [&](const char* part) {
      return text.find(part) != std::string::npos;
    });
  } catch (...) {
    return false;
  }
}

}  // namespace barlow
