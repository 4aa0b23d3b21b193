#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "app/cli/watch_interrupts.h"
#include "core/base/console.h"
#include "core/studio/device_check.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <stop_token>
#include <thread>

namespace barlow::cli {
namespace {

struct Options {
  DeviceCheckRequest request;
  Output output;
};

int checkAndPrint(const Options& options) {
  const std::vector<std::string> titles = deviceCheckTitles();
  std::size_t made = 0;
  const auto announce = [&] {
    if (!options.output.isQuiet && made < titles.size()) {
      say("{} of {}: {} ...\n", made + 1, titles.size(), titles[made]);
    }
  };
  InterruptCounter interrupts;
  std::stop_source stop;
  announce();
  DeviceCheckReport report;
  {
    const std::jthread watch = watchInterrupts(interrupts, stop);
    report = checkDevice(
        options.request,
        [&](const DeviceCheckResult& result) {
          fmt::print("{}\n", options.output.isJson ? toJson(result) : toText(result));
          std::fflush(stdout);
          ++made;
          announce();
        },
        stop.get_token());
  }
  if (!options.output.isJson) {
    fmt::print("\n{}\n", verdictText(report));
  }
  if (report.wasStopped) {
    return kInterrupted;
  }
  return report.failed.empty() ? kDone : kFailed;
}

}  // namespace

void addCheckDevice(CLI::App& app, int& exitCode) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "check-device", "Is the GPU (or the CPU) set up right? Numbers, repetition, memory, speed");
  command->add_option("--device", options->request.device, "auto, cpu, cuda or cuda:1")
      ->capture_default_str();
  command->add_flag("--quick", options->request.isQuick, "Fewer steps of everything");
  command->add_flag("--json",
                    options->output.isJson,
                    "One JSON object per check and line: check, passed (null: left out), figures, "
                    "text");
  command->add_flag("--quiet", options->output.isQuiet, "No progress on standard error");
  command->callback([options, &exitCode] {
    requireDeviceName(options->request.device);
    exitCode = checkAndPrint(*options);
  });
}

}  // namespace barlow::cli
