#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/job_progress.h"
#include "app/cli/say.h"
#include "core/base/text.h"
#include "core/studio/embed.h"
#include "core/studio/evaluation.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <numeric>

namespace barlow::cli {
namespace {

// "1%", "12.5 %" or "0.01".
double requireShare(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  const std::string unit(rest, end);
  const bool isPercent = unit == "%" || unit == " %";
  const double share = isPercent ? value / 100 : value;
  if (error != std::errc() || (!isPercent && !unit.empty()) || !(share > 0) || share > 1) {
    throw UsageError("--labels " + text +
                     ": a share of the training labels, such as 1%, 10% or "
                     "100%");
  }
  return share;
}

// What evaluate and embed have in common.
struct ModelOptions {
  std::string model;
  std::string data;
  std::string split;
  std::string part = "backbone";
  std::string device = "auto";
  int threads = 0;
  Output output;

  void add(CLI::App& command) {
    command
        .add_option("model",
                    model,
                    "A run (its newest checkpoint), a checkpoint (RUN/checkpoints/step-N), or a "
                    "file of weights (.pth, .safetensors) of this program or another")
        ->required();
    command.add_option("--part", part, "backbone (what is kept) or projector (what the loss sees)")
        ->capture_default_str();
    command.add_option("--device", device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command
        .add_option(
            "--threads", threads, "Compute threads; 0: as OMP_NUM_THREADS says, or all cores")
        ->check(CLI::Range(0, 1'000'000'000));
    addOutputOptions(command, output);
  }
  EvaluationRequest request() const {
    requireDeviceName(device);
    if (!split.empty() && split != "train" && split != "test" && split != "validation") {
      throw UsageError(unknownName("split", split, {"train", "test", "validation"}));
    }
    EvaluationRequest request;
    request.model = model;
    request.data = data;
    request.split = split;
    request.part = requireName<ModelPart>("part", part);
    request.device = device;
    request.threads = threads;
    return request;
  }
};

std::string percent(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.1f} %", 100 * share);
}

// The classes that are told apart worst, and what they are taken for.
void printClasses(const EvaluationReport& report) {
  std::vector<std::size_t> order(report.classAccuracy.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](std::size_t c) { return std::isnan(report.classAccuracy[c]); });
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return report.classAccuracy[left] < report.classAccuracy[right];
  });
  constexpr std::size_t kMost = 5;
  for (std::size_t i = 0; i < std::min(kMost, order.size()); ++i) {
    const std::size_t c = order[i];
    std::string taken;
    if (!report.confusion.empty()) {
      auto row = report.confusion[c];
      row[c] = 0;
      const auto most = std::max_element(row.begin(), row.end());
      if (*most > 0) {
        taken =
            fmt::format(", mostly taken for {}",
                        plainLine(report.classes[static_cast<std::size_t>(most - row.begin())]));
      }
    }
    fmt::print(
        "  {:<24} {}{}\n", plainLine(report.classes[c]), percent(report.classAccuracy[c]), taken);
  }
  if (order.size() > kMost) {
    fmt::print("  (the {} worst of {} classes)\n", kMost, order.size());
  }
}

void print(const EvaluationReport& report) {
  fmt::print("{}\n", toText(report.protocol));
  fmt::print("  {} of {} (step {}, epoch {}), {} features\n",
             report.model.checkpoint,
             plainLine(report.model.path),
             report.model.step,
             report.model.epoch,
             report.model.features);
  fmt::print(
      "  {}{}: {} of {}{}\n",
      plainLine(report.data.source),
      report.data.isTransfer ? " (not what the run was trained on)" : "",
      counted(report.data.queries, "image"),
      report.data.split,
      report.data.bankSize > 0 ? fmt::format(", {} to learn from", report.data.bankSize) : "");
  if (report.top1) {
    fmt::print("top-1 {:.2f} %  top-5 {:.2f} %\n", 100 * *report.top1, 100 * *report.top5);
  }
  for (const EvaluationMetric& metric : report.metrics) {
    fmt::print("{:<32} {:<10.4g} {}\n", metric.label, metric.value, metric.sentence);
  }
  if (report.top1) {
    printClasses(report);
  }
}

}  // namespace

void addEvaluate(CLI::App& app, int& exitCode) {
  struct Options : ModelOptions {
    std::string probe = "knn";
    int k = EvaluationRequest{}.k;
    double temperature = EvaluationRequest{}.temperature;
    std::string metric = "cosine";
    std::string vote = "weighted";
    std::string preset;
    std::string labels;
    int epochs = 0;
    int images = 0;
    std::int64_t seed = 0;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("evaluate", "What a run's features are worth, by a published protocol");
  options->add(*command);
  command
      ->add_option("--probe", options->probe, "knn, linear, finetune, unlabelled or segmentation")
      ->capture_default_str();
  command->add_option(
      "--data",
      options->data,
      "shapes, cifar10:DIR, cifar100:DIR or a folder of images (default: the run's); segmentation: "
      "a folder with images/ and masks/, PNG files of the same names whose numbers are classes and "
      "255 none");
  command->add_option("--split",
                      options->split,
                      "test or validation (default: what the data holds out for evaluation)");
  command->add_option("--k", options->k, "knn: how many neighbours vote")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command
      ->add_option(
          "--temperature", options->temperature, "knn: a vote weighs exp(cosine / temperature)")
      ->check(CLI::Range(0.001, 100.0))
      ->capture_default_str();
  command->add_option("--metric", options->metric, "knn: cosine or euclidean")
      ->capture_default_str();
  command->add_option("--vote", options->vote, "knn: weighted or plain")->capture_default_str();
  command->add_option(
      "--preset",
      options->preset,
      "linear: lbfgs (seconds, default), official, solo or lightly (their settings, "
      "with crops: a pass over the images per epoch)");
  command->add_option("--labels",
                      options->labels,
                      "linear, finetune: share of the training labels, the same images on every "
                      "machine: 1%, 10%, 100% (default)");
  command
      ->add_option("--epochs",
                   options->epochs,
                   "linear, finetune, segmentation: instead of the preset's (lbfgs: steps)")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--images", options->images, "unlabelled: how many are looked at (1000)")
      ->check(CLI::Range(2, 1'000'000));
  command->add_option("--seed", options->seed, "Of subsets, orders and crops")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  command->callback([options, command, &exitCode] {
    EvaluationRequest request = options->request();
    request.probe = requireName<ProbeKind>("probe", options->probe);
    request.k = options->k;
    request.temperature = options->temperature;
    request.metric = requireName<KnnMetric>("metric", options->metric);
    request.vote = requireName<KnnVote>("vote", options->vote);
    if (!options->preset.empty()) {
      request.preset = requireName<LinearPreset>("preset", options->preset);
    }
    request.labels = options->labels.empty() ? 1 : requireShare(options->labels);
    request.epochs = options->epochs;
    request.images = options->images;
    request.seed = options->seed;
    const auto only = [&](const char* name, std::vector<std::string> probes) {
      if (command->count(name) > 0 &&
          std::find(probes.begin(), probes.end(), options->probe) == probes.end()) {
        throw UsageError(fmt::format(
            "{} makes no difference to --probe {}; leave it out", name, options->probe));
      }
    };
    for (const char* name : {"--k", "--temperature", "--metric", "--vote"}) {
      only(name, {"knn"});
    }
    only("--preset", {"linear"});
    only("--labels", {"linear", "finetune"});
    only("--epochs", {"linear", "finetune", "segmentation"});
    only("--images", {"unlabelled"});
    JobProgress job(options->output);
    const auto report = evaluate(request, job.control(), job.tell());
    if (!report) {
      say("barlow: interrupted; no report was written, and a probe that learns for epochs goes on "
          "after "
          "the last one that was done when it is asked for again\n");
      exitCode = kInterrupted;
      return;
    }
    for (const std::string& note : report->notes) {
      say("barlow: note: {}\n", plainLine(note));
    }
    if (options->output.isJson) {
      fmt::print("{}\n", toJson(*report));
    } else {
      print(*report);
    }
    exitCode = kDone;
  });
}

void addEmbed(CLI::App& app, int& exitCode) {
  struct Options : ModelOptions {
    std::string out;
    bool hasTable = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("embed", "A run's features of images, as files");
  options->add(*command);
  command
      ->add_option(
          "--data", options->data, "shapes, cifar10:DIR, cifar100:DIR or a folder of images")
      ->required();
  command->add_option("--split", options->split, "train (default), test or validation");
  command
      ->add_option("--out",
                   options->out,
                   "FILE.npy: float32 [N, D]; beside it FILE.labels.npy and FILE.names.txt")
      ->required();
  command->add_flag("--csv", options->hasTable, "FILE.csv as well");
  command->callback([options, &exitCode] {
    if (!options->out.ends_with(".npy")) {
      throw UsageError("--out " + options->out + ": the file's name must end with .npy");
    }
    JobProgress job(options->output);
    const auto report =
        embedTo(options->out, options->request(), options->hasTable, job.control(), job.tell());
    if (!report) {
      say("barlow: interrupted; nothing was written\n");
      exitCode = kInterrupted;
      return;
    }
    if (report->unreadable > 0) {
      say("barlow: note: {}\n", unreadText(report->unreadable));
    }
    if (options->output.isJson) {
      fmt::print("{}\n", toJson(*report));
    } else {
      fmt::print("{} {} features of {} in {}\n",
                 report->features,
                 report->model.part,
                 counted(report->images, "image"),
                 plainLine(report->file.string()));
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
