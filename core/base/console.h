#pragma once

#include <string_view>

namespace barlow {

/// Counts what asks this process to end from now on, instead of dying from it: Ctrl-C, SIGTERM,
/// SIGQUIT, a closed terminal (SIGHUP), and what batch systems send before a limit (SIGUSR1,
/// SIGUSR2, SIGXCPU). What was ignored when the program began (nohup) stays ignored. At most one
/// at a time; call from main.
class InterruptCounter {
 public:
  InterruptCounter();
  ~InterruptCounter();
  InterruptCounter(const InterruptCounter&) = delete;
  InterruptCounter& operator=(const InterruptCounter&) = delete;
  /// How often a person or a scheduler asked so far. SIGHUP and SIGXCPU ask once however often they
  /// come: a closing terminal sends several, and the system repeats the other every second. Any
  /// thread.
  int count() const;
  /// A file descriptor that becomes readable when something came, for event loops.
  int descriptor() const;
  /// It is readable no longer, until more comes.
  void acknowledge() const;
};

/// Whether progress bars make sense on standard error.
bool standardErrorIsTerminal();

/// First thing in main. A closed standard stream is opened on nothing, so that no file of ours gets
/// its number and the lines meant for it; and a reader that went away, or a limit on the size of
/// files, is an error of the write and not the end of the process.
void prepareStandardStreams();

/// Whole at once; what cannot be written is dropped: a log that is full or gone stops nothing.
void writeStandardError(std::string_view text);

/// Throws Exception when something printed to standard output did not get there. At the end of
/// main.
void finishStandardOutput();

}  // namespace barlow
