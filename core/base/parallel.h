#pragma once

#include <functional>

namespace barlow {

/// Runs `work` on `threads` threads (at least one) named `name`, and waits for all of them. What
/// one throws first is thrown here, once all have ended.
void runOnThreads(int threads, const char* name, const std::function<void()>& work);

}  // namespace barlow
