#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace barlow {

struct ProcessResult {
  int exitCode = -1;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

/// A program started by a test; its output goes to files in `scratch`. The destructor kills what
/// still runs.
class Process {
 public:
  Process(const std::vector<std::string>& command, const std::filesystem::path& scratch);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  bool isRunning();
  /// Until `isTrue`, asked a few hundred times a second, or the process is over.
  void waitUntil(const std::function<bool()>& isTrue);
  void signal(int number) const;
  ProcessResult wait();

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = -1;
  int status_ = 0;
  bool isOver_ = false;
};

ProcessResult runProcess(const std::vector<std::string>& command,
                         const std::filesystem::path& scratch);

}  // namespace barlow
