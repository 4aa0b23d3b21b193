#include "core/base/console.h"

#include "core/base/error.h"

#include <fmt/format.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace barlow {
namespace {

constexpr std::array<int, 7> kEndings = {
    SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

// A signal handler can reach nothing but static storage.
std::atomic<int> interrupts{0};
std::atomic<bool> isAskedOnce{false};
std::atomic<int> wakeUp{-1};
static_assert(std::atomic<int>::is_always_lock_free);

std::array<struct sigaction, kEndings.size()> before;

extern "C" void countInterrupt(int signal) {
  const int error = errno;  // of whatever was interrupted
  if (signal == SIGHUP || signal == SIGXCPU) {
    isAskedOnce = true;
  } else {
    interrupts.fetch_add(1);
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wakeUp.load(), &one, sizeof(one));
  errno = error;
}

}  // namespace

InterruptCounter::InterruptCounter() {
  interrupts = 0;
  isAskedOnce = false;
  wakeUp = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = countInterrupt;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    ::sigaction(kEndings[i], nullptr, &before[i]);
    if (before[i].sa_handler != SIG_IGN) {
      ::sigaction(kEndings[i], &action, nullptr);
    }
  }
}

InterruptCounter::~InterruptCounter() {
  for (std::size_t i = 0; i < kEndings.size(); ++i) {
    ::sigaction(kEndings[i], &before[i], nullptr);
  }
  ::close(wakeUp.exchange(-1));
}

int InterruptCounter::count() const {
  const int asked = interrupts.load();
  return asked == 0 && isAskedOnce ? 1 : asked;
}

int InterruptCounter::descriptor() const { return wakeUp.load(); }

void InterruptCounter::acknowledge() const {
  std::uint64_t seen = 0;
  [[maybe_unused]] const ssize_t count = ::read(wakeUp.load(), &seen, sizeof(seen));
}

bool standardErrorIsTerminal() { return isatty(STDERR_FILENO) == 1; }

void prepareStandardStreams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) {
      continue;
    }
    // The lowest free number is given, which is this one. What is printed for a standard output
    // that is not there must fail, so that one cannot be written.
    const int opened = ::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != stream && opened >= 0) {
      ::dup2(opened, stream);
      ::close(opened);
    }
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void writeStandardError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void finishStandardOutput() {
  errno = 0;
  bool isWritten = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  // Some file systems tell only a close that there was no room; stdout itself stays open for what
  // runs at the end of the process.
  const int copy = isWritten ? ::dup(STDOUT_FILENO) : -1;
  isWritten = isWritten && (copy < 0 || ::close(copy) == 0);
  if (!isWritten) {
    throw Exception(fmt::format("Standard output cannot be written{}{}.",
                                errno != 0 ? ": " : "",
                                errno != 0 ? std::strerror(errno) : ""));
  }
}

}  // namespace barlow
