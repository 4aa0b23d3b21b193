#pragma once

#include <stdexcept>

namespace CLI {
class App;
}

namespace barlow::cli {

/// Exit codes.
enum ExitCode { kDone = 0, kFailed = 1, kBadUsage = 2, kInterrupted = 130 };

/// Bad usage or a bad configuration: exit code 2. The text may have several lines.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Options that every command has.
struct Output {
  bool isJson = false;
  bool isQuiet = false;
};
void addOutputOptions(CLI::App& command, Output& output);

/// Each adds its command to `app`; the callback sets `exitCode`.
void addTrain(CLI::App& app, int& exitCode);
void addResume(CLI::App& app, int& exitCode);
void addEvaluate(CLI::App& app, int& exitCode);
void addEmbed(CLI::App& app, int& exitCode);
void addCorrelate(CLI::App& app, int& exitCode);
void addAugment(CLI::App& app, int& exitCode);
void addExport(CLI::App& app, int& exitCode);
void addData(CLI::App& app, int& exitCode);
void addObjectives(CLI::App& app, int& exitCode);
void addPresets(CLI::App& app, int& exitCode);
void addBench(CLI::App& app, int& exitCode);
void addCheckDevice(CLI::App& app, int& exitCode);

}  // namespace barlow::cli
