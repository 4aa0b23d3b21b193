#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace barlow {

/// Is the device of a training set up right? Numbers against the CPU's, repetition, memory, speed;
/// on generated data, so that it needs nothing but the machine.

/// Which device ("auto", "cpu", "cuda", "cuda:1"), and whether a few steps are enough.
struct DeviceCheckRequest {
  std::string device = "auto";
  bool isQuick = false;
};

/// What became of a check; Skipped: it says nothing here, such as recorded steps on a CPU.
enum class DeviceCheckOutcome { Passed, Failed, Skipped };

/// A number or a text that a check found; the name is lower case with underscores.
struct DeviceCheckFigure {
  std::string name;
  std::variant<std::int64_t, double, std::string> value;
  bool operator==(const DeviceCheckFigure&) const = default;
};

struct DeviceCheckResult {
  std::string check;  // short name that stays: "views"
  std::string title;  // for people
  DeviceCheckOutcome outcome = DeviceCheckOutcome::Passed;
  std::vector<DeviceCheckFigure> figures;  // in the order of their making
  std::string text;                        // one sentence: what was found, or why it was left out
  double seconds = 0;
};

/// How many ended how, once no more come.
struct DeviceCheckReport {
  int passed = 0;
  int skipped = 0;
  std::vector<std::string> failed;  // titles
  bool wasStopped = false;
  bool isGood() const { return failed.empty() && !wasStopped; }
};

/// The titles of all checks, in the order in which they are made.
std::vector<std::string> deviceCheckTitles();

/// Makes all checks and gives each result as it comes. Under two minutes on a GPU, under one on a
/// CPU of two cores; `isQuick` takes about a third. Blocks; any one thread, whose LibTorch settings
/// are put back at the end. They are the process': not beside a run. A stop ends it within a step
/// or two, and the check at hand gives no result. A check that cannot go on has failed, with what
/// stopped it as its text; the others go on. Throws Exception for a device name that is none.
DeviceCheckReport checkDevice(const DeviceCheckRequest& request,
                              const std::function<void(const DeviceCheckResult&)>& emit,
                              std::stop_token stop);

/// One line of JSON: {"check":"views","passed":true,"figures":{...},"text":...,"seconds":...};
/// "passed" is null for one that was left out.
std::string toJson(const DeviceCheckResult& result);
/// For people: "OK        Views made on the device   the same bytes ..." and a line for each
/// figure.
std::string toText(const DeviceCheckResult& result);
/// The lines of the figures alone, in two columns.
std::string figuresText(const DeviceCheckResult& result, int indentation = 0);
/// One sentence.
std::string verdictText(const DeviceCheckReport& report);

}  // namespace barlow
