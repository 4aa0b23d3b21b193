#include "core/base/console.h"

#include <atomic>
#include <csignal>
#include <unistd.h>

namespace barlow {
namespace {

// A signal handler can reach nothing but static storage.
std::atomic<int> interrupts{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void countInterrupt(int) { interrupts.fetch_add(1); }

}  // namespace

InterruptCounter::InterruptCounter() {
  interrupts = 0;
  std::signal(SIGINT, countInterrupt);
  std::signal(SIGTERM, countInterrupt);
}

InterruptCounter::~InterruptCounter() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

int InterruptCounter::count() const { return interrupts.load(); }

bool standardErrorIsTerminal() { return isatty(STDERR_FILENO) == 1; }

}  // namespace barlow
