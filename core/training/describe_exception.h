#pragma once

#include "core/base/error.h"

#include <exception>

namespace barlow {

/// What any exception means to a person: our own as they are, out of memory with what to do,
/// LibTorch's without their stack trace (which goes to the detail).
ErrorInfo describeException(std::exception_ptr error);

}  // namespace barlow
