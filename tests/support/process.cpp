#include "tests/support/process.h"

#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace barlow {
namespace {

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::atomic<int> started{0};

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::filesystem::path& scratch) {
  const std::string number = std::to_string(++started);
  out_ = scratch / ("stdout-" + number);
  err_ = scratch / ("stderr-" + number);
  std::vector<char*> arguments;
  for (const std::string& part : command) {
    arguments.push_back(const_cast<char*>(part.c_str()));  // NOLINT: posix_spawn does not write
  }
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int code = posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (code != 0) {
    throw std::runtime_error("cannot start " + command[0]);
  }
}

Process::~Process() {
  if (!isOver_) {
    signal(SIGKILL);
    waitpid(pid_, &status_, 0);
  }
}

bool Process::isRunning() {
  if (!isOver_) {
    isOver_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  }
  return !isOver_;
}

// The test must not take the cores that the process needs.
void Process::waitUntil(const std::function<bool()>& isTrue) {
  constexpr int kMilliseconds = 3;
  pollfd end{
      .fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)), .events = POLLIN, .revents = 0};
  while (isRunning() && !isTrue()) {
    poll(&end, 1, kMilliseconds);
  }
  close(end.fd);
}

void Process::signal(int number) const { kill(pid_, number); }

ProcessResult Process::wait() {
  if (!isOver_) {
    waitpid(pid_, &status_, 0);
    isOver_ = true;
  }
  const int code = WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
  return {code, contentOf(out_), contentOf(err_)};
}

ProcessResult runProcess(const std::vector<std::string>& command,
                         const std::filesystem::path& scratch) {
  return Process(command, scratch).wait();
}

}  // namespace barlow
