#include "core/training/describe_exception.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <new>
#include <string_view>

namespace barlow {
namespace {

constexpr const char* kOutOfMemory =
    "There is not enough memory for this run; what was saved is kept. Set run.micro_batch_size to "
    "a "
    "divisor of run.batch_size (same loss, less memory), or use a smaller run.batch_size, "
    "model.projector or data.image_size.";

}  // namespace

ErrorInfo describeException(std::exception_ptr error) {
  try {
    std::rethrow_exception(error);
  } catch (const Exception& ours) {
    return ours.info();
  } catch (const c10::OutOfMemoryError& memory) {
    return {kOutOfMemory, memory.what()};
  } catch (const std::bad_alloc& memory) {
    return {kOutOfMemory, memory.what()};
  } catch (const c10::Error& torch) {
    const std::string text = torch.what_without_backtrace();
    if (text.find("can't allocate memory") != std::string::npos) {
      return {kOutOfMemory, torch.what()};
    }
    return {fmt::format("LibTorch could not go on: {}", text), torch.what()};
  } catch (const std::exception& other) {
    return {fmt::format("Something went wrong that should not: {}", other.what()), other.what()};
  } catch (...) {
    return {"Something went wrong that should not.", "an exception of unknown type"};
  }
}

}  // namespace barlow
