#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace barlow {

enum class LogLevel { Debug, Info, Warning, Error };
std::string_view toText(LogLevel level);

struct LogLine {
  std::string time;  // UTC, ISO 8601
  LogLevel level = LogLevel::Info;
  std::string thread;
  std::string text;
};

/// Where lines go: a run's log.txt and, when given, a listener (called on the writing thread; be
/// quick). Any thread may write. A failing disk never throws from here: the line still reaches the
/// listener.
///   Log log({.file = run.folder() / "log.txt", .listener = forward});
///   log.info("epoch 3 done");
class Log {
 public:
  struct Options {
    std::filesystem::path file;  // empty: none
    std::function<void(const LogLine&)> listener;
  };
  explicit Log(Options options);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  void write(LogLevel level, std::string_view text);
  void info(std::string_view text) { write(LogLevel::Info, text); }
  void warning(std::string_view text) { write(LogLevel::Warning, text); }
  void error(std::string_view text) { write(LogLevel::Error, text); }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow
