#pragma once

#include "core/base/error.h"

#include <exception>
#include <string>

namespace barlow {

/// What any exception means to a person: our own as they are, out of memory with what to do,
/// LibTorch's without their stack trace (which goes to the detail). `memoryAdvice`: what would fit
/// (RunPlan), as the second half of a sentence about memory; empty where no run is known.
ErrorInfo describeException(std::exception_ptr error, const std::string& memoryAdvice = {});

}  // namespace barlow
