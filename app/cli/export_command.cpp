#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "core/base/text.h"
#include "core/studio/model_export.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <memory>

namespace barlow::cli {

void addExport(CLI::App& app, int& exitCode) {
  struct Options {
    std::string model;
    std::string format = "safetensors";
    std::string part = "backbone";
    std::string names = "torchvision";
    std::string out;
    bool hasFc = false;
    int classes = 0;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("export", "Take the weights away: safetensors, PyTorch (.pth) or ONNX");
  command
      ->add_option("model",
                   options->model,
                   "A run (its newest checkpoint), a checkpoint's folder, or a file of weights")
      ->required();
  command->add_option("--format", options->format, "safetensors, pth or onnx")
      ->capture_default_str();
  command->add_option("--part", options->part, "backbone, projector or all")->capture_default_str();
  command->add_option("--names", options->names, "torchvision or timm; ResNets are called the same")
      ->capture_default_str();
  command->add_flag("--with-fc",
                    options->hasFc,
                    "With an fc, so that torchvision's whole network loads strictly: the newest "
                    "linear probe's of this checkpoint, else zeros");
  command->add_option("--classes", options->classes, "An fc of zeros with so many classes")
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--out", options->out, "The file to write")->required();
  addOutputOptions(*command, options->output);
  command->callback([options, &exitCode] {
    const ExportReport report =
        exportModel({.model = options->model,
                     .file = options->out,
                     .format = requireName<WeightFormat>("format", options->format),
                     .part = requireName<ExportPart>("part", options->part),
                     .names = requireName<WeightNames>("names", options->names),
                     .hasClassifier = options->hasFc || options->classes > 0,
                     .classes = options->classes});
    for (const std::string& note : report.notes) {
      say("barlow: note: {}\n", note);
    }
    if (options->output.isJson) {
      fmt::print("{}\n", toJson(report));
    } else {
      fmt::print("{}: {} of {} ({}), {}\n\n{}",
                 report.file.string(),
                 toText(report.part),
                 report.network,
                 report.checkpoint,
                 formatBytes(report.bytes),
                 report.python);
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
