#pragma once

#include "core/base/console.h"

#include <stop_token>
#include <thread>

namespace barlow::cli {

/// Passes an interrupt on to work that asks a token, until the thread is destroyed. Both arguments
/// must outlive it.
std::jthread watchInterrupts(const InterruptCounter& interrupts, std::stop_source& stop);

}  // namespace barlow::cli
