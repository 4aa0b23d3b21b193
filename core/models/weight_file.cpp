#include "core/models/weight_file.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/array_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBackbone = "backbone.";
constexpr std::string_view kProjector = "projector.";
constexpr std::string_view kCounter =
    "num_batches_tracked";  // files before PyTorch 0.4.1 have none

std::string shapeText(const std::vector<std::int64_t>& shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

// The network's tensors by name, each filled from the file's one of that name.
class Filling {
 public:
  Filling(const fs::path& path, ArrayFile& file, const StateGuess& guess)
      : path_(path), file_(file), guess_(guess) {
    for (std::size_t i = 0; i < guess.names.size(); ++i) {
      if (!guess.names[i].empty()) {
        places_[guess.names[i]] = i;
      }
    }
  }

  void fill(const std::string& name, torch::Tensor& target) {
    const auto found = places_.find(name);
    if (found == places_.end()) {
      if (name.ends_with(kCounter)) {
        return;
      }
      // A projector whose layers are partly without biases: those are zero.
      if (name.starts_with(kProjector) && name.ends_with(".bias")) {
        target.zero_();
        return;
      }
      throw Exception(fmt::format("{} has no tensor for '{}', although it seems to be {} ({}).",
                                  path_.string(),
                                  name.substr(name.find('.') + 1),
                                  guess_.network,
                                  guess_.naming));
    }
    const ArrayEntry& entry = file_.entries()[found->second];
    const auto own = target.sizes().vec();
    if (entry.shape != own && !name.ends_with(kCounter)) {
      throw Exception(
          fmt::format("{}: the tensor '{}' is {} and not {}, although the rest seems to "
                      "be {} ({}).",
                      path_.string(),
                      plainLine(entry.name.substr(0, 100)),
                      shapeText(entry.shape),
                      shapeText(own),
                      guess_.network,
                      guess_.naming));
    }
    const torch::Tensor values = file_.read(found->second);
    if (values.numel() == target.numel()) {
      target.copy_(values.reshape(target.sizes()));
    }
    places_.erase(found);
  }

  // What no tensor of the network took, as the file calls it.
  std::vector<std::string> unmatched() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < guess_.names.size(); ++i) {
      if (guess_.names[i].empty() || places_.contains(guess_.names[i])) {
        names.push_back(plainLine(file_.entries()[i].name.substr(0, 100)));
      }
    }
    return names;
  }

 private:
  const fs::path& path_;
  ArrayFile& file_;
  const StateGuess& guess_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace

std::string listText(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  const std::size_t shown = std::min(kMost, names.size());
  const std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  return names.size() > kMost ? fmt::format("{} and {} more", text, names.size() - kMost) : text;
}

WeightFile openWeightFile(const fs::path& path) {
  const torch::NoGradGuard noGrad;
  const std::unique_ptr<ArrayFile> file = openArrayFile(path);
  std::vector<StateEntry> entries;
  for (const ArrayEntry& entry : file->entries()) {
    entries.push_back({.name = entry.name, .shape = entry.shape});
  }
  const StateGuess guess = guessState(path.string(), entries);
  for (std::size_t i = 0; i < entries.size(); ++i) {  // before memory is taken by what they say
    if (!guess.names[i].empty() && !file->entries()[i].problem.empty()) {
      throw Exception(file->entries()[i].problem);
    }
  }
  WeightFile weights{.network = Encoder(guess.model),
                     .model = guess.model,
                     .hasProjector = guess.hasProjector,
                     .seems = fmt::format("{}, {}", guess.network, guess.naming),
                     .caution = guess.caution,
                     .unmatched = {},
                     .metadata = file->metadata()};
  Filling filling(path, *file, guess);
  for (auto& [name, target] : namedState(weights.network)) {
    if (name.starts_with(kBackbone) || guess.hasProjector) {
      filling.fill(name, target);
    }
  }
  weights.unmatched = filling.unmatched();
  weights.network->train(false);
  return weights;
}

void requireSameBackbone(const fs::path& path, const WeightFile& file, const ModelParams& model) {
  if (file.model.backbone == model.backbone && file.model.width == model.width &&
      (file.model.stem == model.stem || model.backbone == Backbone::Tiny)) {
    return;
  }
  throw Exception(fmt::format(
      "{} seems to be {}; this run trains {}: choose model.backbone={}, model.width={} and "
      "model.stem={}, or another file for model.init.",
      path.string(),
      file.seems,
      networkText(model),
      toText(file.model.backbone),
      file.model.width,
      toText(file.model.stem)));
}

StartingPoint copyWeights(const fs::path& path,
                          const WeightFile& from,
                          const Encoder& to,
                          const ModelParams& model) {
  const torch::NoGradGuard noGrad;
  requireSameBackbone(path, from, model);
  ModelParams same = from.model;
  same.stem = model.stem;
  same.zeroInitResidual = model.zeroInitResidual;
  same.init = model.init;
  StartingPoint start{
      .hasProjector = from.hasProjector && same == model, .text = {}, .warning = from.caution};
  std::map<std::string, torch::Tensor> given;
  for (auto& [name, tensor] : namedState(from.network)) {
    if (start.hasProjector || name.starts_with(kBackbone)) {
      given[name] = tensor;
    }
  }
  for (auto& [name, target] : namedState(to)) {
    if (const auto found = given.find(name); found != given.end()) {
      target.copy_(found->second);
    }
  }
  start.text = fmt::format("{} ({}) is where the {} begin{}",
                           path.string(),
                           from.seems,
                           start.hasProjector ? "backbone and the projector" : "backbone",
                           start.hasProjector ? "" : "s");
  if (!start.hasProjector) {
    start.text += from.hasProjector ? "; its projector is another one, so this one begins anew"
                                    : "; it has no projector, so that begins anew";
  }
  if (!from.unmatched.empty()) {
    start.warning += fmt::format("{}{}: {} of its tensors were of no use: {}.",
                                 start.warning.empty() ? "" : " ",
                                 path.string(),
                                 from.unmatched.size(),
                                 listText(from.unmatched));
  }
  return start;
}

}  // namespace barlow
