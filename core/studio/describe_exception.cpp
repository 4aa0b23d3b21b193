#include "core/studio/describe_exception.h"

#include "core/step/errors.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

namespace barlow {
namespace {

std::string outOfMemory(const std::string& advice) {
  return fmt::format("There is not enough memory for this run; what was saved is kept. {}.",
                     advice.empty()
                         ? "Set run.micro_batch_size to a divisor of run.batch_size (same loss, "
                           "less memory), or use a smaller run.batch_size, model.projector or "
                           "data.image_size"
                         : advice);
}

}  // namespace

ErrorInfo describeException(std::exception_ptr error, const std::string& memoryAdvice) {
  try {
    std::rethrow_exception(error);
  } catch (const Exception& ours) {
    return ours.info();
  } catch (const c10::Error& torch) {
    if (isOutOfMemory(error)) {
      return {outOfMemory(memoryAdvice), torch.what()};
    }
    const std::string text = torch.what_without_backtrace();  // CUDA adds hints for programmers
    return {fmt::format("LibTorch could not go on: {}", text.substr(0, text.find('\n'))),
            torch.what()};
  } catch (const std::exception& other) {
    if (isOutOfMemory(error)) {
      return {outOfMemory(memoryAdvice), other.what()};
    }
    return {fmt::format("Something went wrong that should not: {}", other.what()), other.what()};
  } catch (...) {
    return {"Something went wrong that should not.", "an exception of unknown type"};
  }
}

}  // namespace barlow
