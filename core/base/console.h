#pragma once

namespace barlow {

/// Counts Ctrl-C and SIGTERM from now on instead of dying from them. At most one at a time; call
/// from main.
class InterruptCounter {
 public:
  InterruptCounter();
  ~InterruptCounter();
  InterruptCounter(const InterruptCounter&) = delete;
  InterruptCounter& operator=(const InterruptCounter&) = delete;
  /// How many came so far. Any thread.
  int count() const;
};

/// Whether progress bars make sense on standard error.
bool standardErrorIsTerminal();

}  // namespace barlow
