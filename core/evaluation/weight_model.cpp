#include "core/evaluation/weight_model.h"

#include "core/base/json_text.h"
#include "core/base/sha256.h"
#include "core/models/weight_file.h"
#include "core/params/config_io.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace barlow {
namespace {

// A noted value as a setting; nothing is taken that a configuration would not accept.
bool takeNote(const WeightFile& file,
              const std::string& note,
              const std::string& key,
              RunConfig& config) {
  const auto found = file.metadata.find(note);
  if (found == file.metadata.end()) {
    return false;
  }
  nlohmann::json document;
  document["data"][key] = parseJsonQuietly(found->second);
  RunConfig changed = config;
  std::vector<Problem> problems = applyOwnJson(jsonText(document), changed);
  if (problems.empty()) {
    problems = validate(changed);
  }
  if (std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
        return problem.key.ends_with(key) || problem.key.empty();
      })) {
    return false;
  }
  config = changed;
  return true;
}

}  // namespace

TrainedModel openWeightModel(const std::filesystem::path& path, const torch::Device& device) {
  const WeightFile file = openWeightFile(path);
  TrainedModel model;
  model.network = file.network;
  model.hasProjector = file.hasProjector;
  RunConfig& config = model.config;
  config.model = file.model;
  const bool isLarge = file.model.stem == Stem::Imagenet && file.model.backbone != Backbone::Tiny;
  config.data.imageSize = isLarge ? 224 : 32;
  config.augment = withRecipe(config.augment, isLarge ? Recipe::Imagenet : Recipe::CifarSolo);
  const bool hasSize = takeNote(file, "image_size", "image_size", config);
  const bool hasMean = takeNote(file, "mean", "mean", config);
  const bool hasStd = takeNote(file, "std", "std", config);
  config.data.source.clear();
  if (!hasSize || !hasMean || !hasStd) {
    model.notes.push_back(fmt::format(
        "{} does not say what its images were like; they are fed as {} pixels, normalised with "
        "ImageNet's mean and standard deviation.",
        path.string(),
        config.data.imageSize));
  }
  if (!file.caution.empty()) {
    model.notes.push_back(file.caution);
  }
  if (!file.unmatched.empty()) {
    model.notes.push_back(fmt::format("{} ({}): {} of its tensors are not used: {}.",
                                      path.string(),
                                      file.seems,
                                      file.unmatched.size(),
                                      listText(file.unmatched)));
  }
  model.network->to(device);
  setMemoryFormat(model.network, torch::MemoryFormat::ChannelsLast);
  model.network->train(false);
  model.origin = {.path = path,
                  .run = {},
                  .checkpoint = path.filename().string(),
                  .weights = sha256OfFile(path)};
  return model;
}

}  // namespace barlow
