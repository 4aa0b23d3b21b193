#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/progress.h"
#include "app/cli/say.h"
#include "core/base/atomic_file.h"
#include "core/base/console.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/params/advice.h"
#include "core/runs/run_folder.h"
#include "core/studio/dataset_browser.h"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cctype>
#include <memory>

namespace barlow::cli {
namespace {

constexpr std::uint64_t kMaxSummaryBytes = 1 << 20;

void printSummary(const std::filesystem::path& folder, const Output& output) {
  const std::string text = readFileText(folder / "summary.json", kMaxSummaryBytes);
  if (output.isJson) {
    fmt::print("{}", text);
    return;
  }
  const auto summary = parseJson(text);
  fmt::print("{} after {} ({:.2f} epochs)\n",
             summary["state"].get<std::string>(),
             counted(summary["steps"].get<std::int64_t>(), "step"),
             summary["epochs"].get<double>());
  const auto number = [&](const std::string& key) {
    return summary[key].is_number() ? fmt::format("{:.4g}", summary[key].get<double>())
                                    : jsonText(summary[key]);
  };
  const MetricSchema columns = metricsOf(readRunRecord(folder), readRunConfig(folder));
  const auto row = [](std::string label, const std::string& value, const std::string& note) {
    label[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(label[0])));
    fmt::print("  {:<16} {}{}\n", label, value, note.empty() ? "" : fmt::format(" ({})", note));
  };
  std::string references;
  for (const MetricColumn& column : columns.terms) {
    if (column.isReference && column.chart == columns.loss.chart) {
      references += fmt::format(
          "{}{} {}", references.empty() ? "" : ", ", column.chartLabel, number(column.key));
    }
  }
  row("loss", number("loss"), references);
  for (const MetricColumn& column : columns.terms) {
    if (column.isCard) {
      std::string aim = column.hints.aim;
      if (const auto place = aim.find("{}"); place != std::string::npos) {
        aim.replace(place, 2, fmt::format("{:.3g}", column.range.reference));
      }
      row(column.label, number(column.key), aim);
    }
  }
  if (!summary["knn_top1"].is_null()) {
    fmt::print("  kNN top-1        {:.1f} %\n", 100 * summary["knn_top1"].get<double>());
  }
  if (summary.contains("online_linear_top1")) {
    fmt::print("  online linear    {:.1f} % (held out)\n",
               100 * summary["online_linear_top1"].get<double>());
  }
  fmt::print("  speed            {} pairs/s, {:.0f} s\n",
             number("pairs_per_second"),
             summary["seconds"].get<double>());
  for (const char* file : {"matrix.png", "views.png"}) {
    if (std::filesystem::exists(folder / file)) {
      fmt::print("  {:<16} {}\n", file, plainLine((folder / file).string()));
    }
  }
  fmt::print("  run              {}\n", plainLine(folder.string()));
}

int trainUntilEnd(RunRequest request, const Output& output) {
  const InterruptCounter interrupts;  // from before there is something to lose until all is said
  Progress progress(interrupts, output.isQuiet);
  SessionEvent end;
  {
    Session session(progress);
    session.start(std::move(request));
    end = progress.run(session);
  }
  if (end.kind == EventKind::Failed) {
    say("barlow: {}\n", plainLine(end.error.message));
    return kFailed;
  }
  const std::filesystem::path folder =
      end.path;  // it may have been moved, and is empty without a run
  if (folder.empty()) {
    say("barlow: stopped while preparing; nothing was trained and nothing is lost\n");
  } else if (std::filesystem::exists(folder / "summary.json")) {
    printSummary(folder, output);
  }
  return progress.wasInterrupted() ? kInterrupted : kDone;
}

// A note, never an order: nothing follows it by itself.
void suggest(const RunConfig& config, const Output& output) {
  const auto rate = suggestedLearningRate(config);
  if (rate && !output.isQuiet) {
    say("note: optim.base_learning_rate is {}; for batches of {} the authors' table says "
        "about {} (--set optim.base_learning_rate={})\n",
        config.optim.baseLearningRate,
        config.run.batchSize,
        *rate,
        *rate);
  }
  const auto warmup = suggestedWarmupEpochs(config);
  if (warmup && !output.isQuiet) {
    say("note: optim.warmup_epochs is {} of {} epochs: the run hardly trains at its full "
        "rate (--set optim.warmup_epochs={})\n",
        config.optim.warmupEpochs,
        config.run.epochs,
        *warmup);
  }
}

}  // namespace

void addTrain(CLI::App& app, int& exitCode) {
  struct Options {
    ConfigOptions config;
    std::string out;
    std::vector<std::int64_t> dumpSteps;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("train", "Train into a run folder");
  addConfigOptions(*command, options->config);
  command->add_option(
      "--out",
      options->out,
      "The run's folder: new, or empty (default: a new one in the user's data folder)");
  command
      ->add_option("--dump-steps",
                   options->dumpSteps,
                   "Write everything these steps saw and did into dump/step-N, for a replay "
                   "elsewhere: 1,2,3 (run.precision auto is fp32 then)")
      ->delimiter(',')
      ->type_name("N,N,...")
      ->check(CLI::Range(1, 1'000'000'000));
  addOutputOptions(*command, options->output);
  command->footer([] { return keysHelp(); });
  command->callback([options, &exitCode] {
    RunRequest request;
    request.config = chosenConfig(options->config);
    request.dumpSteps = options->dumpSteps;
    suggest(request.config, options->output);
    request.folder = options->out.empty() ? newRunFolder(request.config.run.name)
                                          : std::filesystem::path(options->out);
    exitCode = trainUntilEnd(std::move(request), options->output);
  });
}

void addResume(CLI::App& app, int& exitCode) {
  struct Options {
    std::string run;
    std::string data;
    int epochs = 0;
    int steps = 0;
    std::vector<std::string> settings;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("resume", "Continue a stopped, killed or finished run");
  command->add_option("run", options->run, "The run's folder")->required();
  command->add_option("--data",
                      options->data,
                      "Where the run's data is now, if it has moved; taken when it is the same");
  command->add_option("--epochs", options->epochs, "The new number of epochs in all")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--steps", options->steps, "The new limit of steps in all (run.max_steps)")
      ->check(CLI::Range(1, 1'000'000'000));
  command
      ->add_option("--set",
                   options->settings,
                   "key=value, from here on: such as optim.base_learning_rate=0.1. The data, the "
                   "model and the batch size stay")
      ->type_name("KEY=VALUE")
      ->expected(1, -1)
      ->allow_extra_args(false)
      ->take_all();
  addOutputOptions(*command, options->output);
  command->callback([options, &exitCode] {
    RunRequest request;
    request.edits = parseSettings(options->settings);
    checkEdits(options->run, request.edits);
    request.mode = RunRequest::Mode::Resume;
    request.folder = options->run;
    if (!options->data.empty()) {
      request.data = recognizedSource(options->data);
    }
    if (options->epochs > 0) {
      request.epochs = options->epochs;
    }
    if (options->steps > 0) {
      request.maxSteps = options->steps;
    }
    exitCode = trainUntilEnd(std::move(request), options->output);
  });
}

}  // namespace barlow::cli
