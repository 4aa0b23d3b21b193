#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "core/base/console.h"
#include "core/base/system.h"
#include "core/studio/benchmark.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace barlow::cli {
namespace {

std::vector<std::string> chosenNames(const std::string& what) {
  const std::vector<std::string>& names = benchmarkNames();
  if (what == "all") {
    return names;
  }
  if (std::find(names.begin(), names.end(), what) == names.end()) {
    auto known = names;
    known.push_back("all");
    throw UsageError(unknownName("benchmark", what, known));
  }
  return {what};
}

}  // namespace

void addBench(CLI::App& app, int& exitCode) {
  struct Options {
    std::string what = "all";
    int threads = 0;
    std::string device = "auto";
    bool isShort = false;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "bench", "Measure this machine on generated data: one JSON object per line");
  command->add_option("what", options->what, "loss, step, augment, loader, probe or all");
  command
      ->add_option("--threads",
                   options->threads,
                   "Compute threads; 0: as OMP_NUM_THREADS says, or all cores")
      ->check(CLI::Range(0, 1'000'000'000));
  command->add_option("--device", options->device, "Of the step: auto, cpu, cuda or cuda:N");
  command->add_flag("--short", options->isShort, "One repetition of each: figures that say little");
  addOutputOptions(*command, options->output);
  command->callback([options, &exitCode] {
    requireDeviceName(options->device);
    BenchmarkRequest request{.names = chosenNames(options->what),
                             .threads = options->threads,
                             .device = options->device,
                             .isShort = options->isShort};
    if (!options->output.isQuiet) {
      say("{}, {} cores\n", processorName(), usableCores());
    }
    InterruptCounter interrupts;
    std::stop_source stop;
    runBenchmarks(
        request,
        [&](const std::string& json) {
          fmt::print("{}\n", json);
          std::fflush(stdout);
          if (interrupts.count() > 0) {
            stop.request_stop();
          }
        },
        stop.get_token());
    exitCode = interrupts.count() > 0 ? kInterrupted : kDone;
  });
}

}  // namespace barlow::cli
