#include "app/cli/commands.h"
#include "app/cli/say.h"
#include "core/studio/correlation.h"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <memory>

namespace barlow::cli {

void addCorrelate(CLI::App& app, int& exitCode) {
  struct Options {
    std::string a;
    std::string b;
    double lambda = 0.0051;
    std::string out;
    std::string png;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("correlate", "The matrix and the loss of any two embeddings [N, D]");
  command
      ->add_option("a",
                   options->a,
                   "First view's embeddings: .npy, .npz or .safetensors; FILE:NAME where a file "
                   "holds several arrays")
      ->required();
  command->add_option("b",
                      options->b,
                      "Second view's embeddings, row for row the same images; left out where A is "
                      "an .npz or .safetensors file with both views");
  command->add_option("--lambda", options->lambda, "Weight of the off-diagonal term")
      ->check(CLI::Range(0.0, 0.999))
      ->capture_default_str();
  command->add_option("--out", options->out, "Write the matrix: .npy, float32 [D, D]");
  command->add_option("--png", options->png, "Write a picture of the matrix");
  addOutputOptions(*command, options->output);
  command->callback([options, &exitCode] {
    if (options->b.empty() && options->a.ends_with(".npy")) {
      throw UsageError("b is required: " + options->a + " is one view");
    }
    CorrelationRequest request{
        .a = options->a, .b = {}, .lambda = options->lambda, .matrixFile = {}, .pictureFile = {}};
    if (!options->b.empty()) {
      request.b = options->b;
    }
    if (!options->out.empty()) {
      request.matrixFile = options->out;
    }
    if (!options->png.empty()) {
      request.pictureFile = options->png;
    }
    const CorrelationReport report = correlate(request);
    for (const std::string& note : report.notes) {
      say("barlow: note: {}\n", note);
    }
    if (options->output.isJson) {
      fmt::print("{}\n", toJson(report));
    } else {
      fmt::print("N {}  D {}  lambda {}\n", report.n, report.d, report.lambda);
      fmt::print("loss {:.6g} = {:.6g} (diagonal) + {} x {:.6g} (off-diagonal), floor {:.6g}\n",
                 report.loss,
                 report.onDiagonal,
                 report.lambda,
                 report.offDiagonal,
                 report.floor);
      fmt::print("mean diagonal {:.4f}  RMS off-diagonal {:.4f}\n",
                 report.meanDiagonal,
                 report.rmsOffDiagonal);
      fmt::print("effective rank {:.1f} and {:.1f} of {}  dead dimensions {} and {}\n",
                 report.effectiveRankA,
                 report.effectiveRankB,
                 report.d,
                 report.deadA,
                 report.deadB);
    }
    exitCode = kDone;
  });
}

}  // namespace barlow::cli
