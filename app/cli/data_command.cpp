#include "app/cli/commands.h"
#include "app/cli/say.h"
#include "app/cli/watch_interrupts.h"
#include "core/base/console.h"
#include "core/base/text.h"
#include "core/studio/dataset_check.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace barlow::cli {
namespace {

void printLeftOut(const std::vector<LeftOut>& leftOut) {
  if (leftOut.empty()) {
    return;
  }
  fmt::print("{} left out, as no part of the data:\n", countOf(leftOut));
  for (const LeftOut& entry : leftOut) {
    fmt::print("  {}: {}\n", entry.count, entry.reason);
    for (const std::string& path : entry.paths) {
      fmt::print("    {}\n", path);
    }
    if (const auto told = static_cast<std::int64_t>(entry.paths.size()); told < entry.count) {
      fmt::print("    and {} more\n", entry.count - told);
    }
  }
}

void printReport(const ScanReport& report) {
  fmt::print("{}: {}", report.source, counted(report.images, "image"));
  if (report.images > 0) {
    fmt::print(", {}x{} to {}x{} pixels",
               report.minSize.width,
               report.minSize.height,
               report.maxSize.width,
               report.maxSize.height);
  }
  fmt::print("\n");
  for (const auto& [name, count] : report.splits) {
    const auto use = std::find_if(
        report.uses.begin(), report.uses.end(), [&split = name](const SplitUse& entry) {
          return entry.split == split;
        });
    const bool isTold = report.splits.size() > 1 && use != report.uses.end();
    fmt::print("  split {:<20} {}{}\n", name, count, isTold ? fmt::format(" ({})", use->use) : "");
  }
  for (const auto& [name, count] : report.classes) {
    fmt::print("  class {:<20} {}\n", plainLine(name), count);
  }
  if (report.turned > 0) {
    fmt::print(
        "{} with an EXIF turn (data.exif: ignore takes them as they are stored, apply turns "
        "them)\n",
        report.turned);
  }
  if (!report.unreadable.empty()) {
    fmt::print("{} cannot be used (training leaves them out):\n", report.unreadable.size());
    for (const SampleProblem& problem : report.unreadable) {
      fmt::print("  {}: {}\n", plainLine(problem.path), plainLine(problem.reason));
    }
  }
  printLeftOut(report.leftOut);
}

}  // namespace

void addData(CLI::App& app, int& exitCode) {
  struct Options {
    std::string source;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("data", "Look at data sets");
  command->require_subcommand(1);
  CLI::App* check = command->add_subcommand(
      "check", "Decode every image; count images, classes, sizes and what is broken");
  check
      ->add_option(
          "spec", options->source, "shapes, cifar10:DIR, cifar100:DIR or a folder of images")
      ->required();
  addOutputOptions(*check, options->output);
  check->callback([options, &exitCode] {
    InterruptCounter interrupts;
    std::stop_source stop;
    auto shownAt = std::chrono::steady_clock::now();
    const auto progress = [&](std::int64_t done, std::int64_t total) {
      const auto now = std::chrono::steady_clock::now();
      if (!options->output.isQuiet && now - shownAt > std::chrono::seconds(2)) {
        shownAt = now;
        say("{} of {} images\n", done, total);
      }
    };
    ScanReport report;
    {
      const std::jthread watch = watchInterrupts(interrupts, stop);
      report = checkDataset(options->source, progress, stop.get_token());
    }
    if (stop.stop_requested()) {
      say("barlow: interrupted after {}\n", counted(report.images, "image"));
      exitCode = kInterrupted;
      return;
    }
    if (options->output.isJson) {
      fmt::print("{}\n", toJson(report));
    } else {
      printReport(report);
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
