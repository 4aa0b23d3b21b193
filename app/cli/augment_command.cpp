#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/say.h"
#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/studio/augment_files.h"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace barlow::cli {
namespace {

int defaultSide(Recipe recipe) {
  return recipe == Recipe::Imagenet || recipe == Recipe::None ? 224 : 32;
}

}  // namespace

void addAugment(CLI::App& app, int& exitCode) {
  struct Options {
    std::vector<std::string> images;
    std::string recipe = "imagenet";
    std::string kernel = "exact";
    std::string exif = "ignore";
    int pillow = AugmentParams{}.pillow;
    int size = 0;
    std::int64_t seed = 0;
    int count = 1;
    std::string out;
    Output output;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("augment", "View pairs of pictures as training would make them");
  command->add_option("images", options->images, "Pictures (JPEG, PNG, WebP, BMP, TIFF, PGM, PPM)")
      ->required();
  command
      ->add_option(
          "--recipe", options->recipe, "imagenet, cifar-solo, cifar-lightly, cifar-hsic or none")
      ->capture_default_str();
  command->add_option("--kernel", options->kernel, "exact or fast")->capture_default_str();
  command
      ->add_option("--exif",
                   options->exif,
                   "ignore takes pictures as they are stored, apply turns them as their EXIF data "
                   "ask; data.exif of a run")
      ->capture_default_str();
  command
      ->add_option("--pillow",
                   options->pillow,
                   "Resize as Pillow 12 or 13; the kernel exact equals it to the bit")
      ->check(CLI::Range(12, 13))
      ->capture_default_str();
  command
      ->add_option(
          "--size", options->size, "Side of the views in pixels (default: the recipe's, 224 or 32)")
      ->check(CLI::Range(1, 4096));
  command->add_option("--seed", options->seed, "Same seed, same views")
      ->check(CLI::Range(0, 1'000'000'000))
      ->capture_default_str();
  command->add_option("--count", options->count, "Pairs per picture")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder for the views and views.json")->required();
  addOutputOptions(*command, options->output);
  command->callback([options, &exitCode] {
    AugmentFilesRequest request;
    request.images.assign(options->images.begin(), options->images.end());
    request.augment = withRecipe(request.augment, requireName<Recipe>("recipe", options->recipe));
    request.augment.kernel = requireName<AugmentKernel>("kernel", options->kernel);
    request.augment.pillow = options->pillow;
    request.exif = requireName<ExifTurn>("EXIF turn", options->exif);
    request.side = options->size > 0 ? options->size : defaultSide(request.augment.recipe);
    request.seed = options->seed;
    request.count = options->count;
    request.folder = options->out;
    const AugmentFilesReport report = augmentFiles(request);
    for (const SampleProblem& problem : report.problems) {
      say("barlow: {}: {}\n", plainLine(problem.path), plainLine(problem.reason));
    }
    if (report.notTurned > 0 && !options->output.isQuiet) {
      say("note: {} of these pictures ask for an EXIF turn and are taken as they are stored; "
          "--exif apply turns them\n",
          report.notTurned);
    }
    if (options->output.isJson) {
      nlohmann::ordered_json json;
      json["pairs"] = report.pairs;
      json["views"] = (request.folder / "views.json").string();
      json["unreadable"] = report.problems.size();
      fmt::print("{}\n", jsonText(json));
    } else {
      fmt::print("{} pairs in {}\n", report.pairs, request.folder.string());
    }
    exitCode = report.problems.empty() ? kDone : kFailed;
  });
}

}  // namespace barlow::cli
