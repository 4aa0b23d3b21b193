#include "core/models/state_names.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <set>

namespace barlow {
namespace {

// Where in a file the backbone is.
struct Place {
  std::string prefix;
  bool isNumbered = false;  // children of an nn.Sequential: 0.weight is conv1.weight
};

constexpr std::string_view kConv1 = "conv1.weight";
constexpr std::string_view kFirst = "0.weight";

// Parts of a name between dots and underscores.
std::vector<std::string> partsOf(std::string_view name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '.' || c == '_') {
      parts.emplace_back();
    } else {
      parts.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return parts;
}

// Names of a network that follows the one that learns.
bool isFollower(std::string_view name) {
  constexpr std::array<std::string_view, 6> kWords = {
      "momentum", "k", "key", "teacher", "target", "ema"};
  const auto parts = partsOf(name);
  return std::any_of(parts.begin(), parts.end(), [&](const std::string& part) {
    return std::find(kWords.begin(), kWords.end(), part) != kWords.end();
  });
}

// A leading whole number and the dot behind it, taken off `rest`.
std::optional<int> takeNumber(std::string_view& rest) {
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 4 &&
         std::isdigit(static_cast<unsigned char>(rest[digits])) != 0) {
    ++digits;
  }
  if (digits == 0 || digits == rest.size() || rest[digits] != '.') {
    return std::nullopt;
  }
  const int number = std::stoi(std::string(rest.substr(0, digits)));
  rest.remove_prefix(digits + 1);
  return number;
}

bool isFirstConvolution(const StateEntry& entry) {
  return entry.shape.size() == 4 && entry.shape[1] == 3;
}

std::optional<Place> placeIn(const std::vector<StateEntry>& entries) {
  std::vector<Place> places;
  const std::set<std::string> names = [&] {
    std::set<std::string> all;
    for (const StateEntry& entry : entries) {
      all.insert(entry.name);
    }
    return all;
  }();
  for (const StateEntry& entry : entries) {
    const std::string& name = entry.name;
    if (!isFirstConvolution(entry)) {
      continue;
    }
    const auto isBehind = [&](std::string_view ending) {
      return name.ends_with(ending) &&
             (name.size() == ending.size() || name[name.size() - ending.size() - 1] == '.');
    };
    if (isBehind(kConv1)) {
      places.push_back({.prefix = name.substr(0, name.size() - kConv1.size())});
    } else if (isBehind(kFirst)) {
      const std::string prefix = name.substr(0, name.size() - kFirst.size());
      // The first numbered block of residual blocks: 2 to 4, by which layers have children.
      for (int first = 2; first <= 4; ++first) {
        if (names.contains(fmt::format("{}{}.0.conv1.weight", prefix, first))) {
          places.push_back({.prefix = prefix, .isNumbered = true});
          break;
        }
      }
    }
  }
  const auto learns = std::find_if(
      places.begin(), places.end(), [](const Place& p) { return !isFollower(p.prefix); });
  if (learns != places.end()) {
    return *learns;
  }
  return places.empty() ? std::nullopt : std::optional(places.front());
}

// The children of an nn.Sequential that hold the four stages, in order.
std::vector<int> stagesOf(const std::vector<StateEntry>& entries, const std::string& prefix) {
  std::set<int> numbers;
  for (const StateEntry& entry : entries) {
    if (!entry.name.starts_with(prefix)) {
      continue;
    }
    std::string_view rest = std::string_view(entry.name).substr(prefix.size());
    const auto stage = takeNumber(rest);
    if (stage && rest.starts_with("0.conv1.")) {
      numbers.insert(*stage);
    }
  }
  return {numbers.begin(), numbers.end()};
}

void replaceAll(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// torchvision's name; empty for what is no part of a backbone.
std::string backboneName(const Place& place,
                         const std::vector<int>& stages,
                         const std::string& name) {
  if (!name.starts_with(place.prefix)) {
    return {};
  }
  std::string own = name.substr(place.prefix.size());
  if (place.isNumbered) {
    std::string_view rest = own;
    const auto child = takeNumber(rest);
    const auto stage = std::find(stages.begin(), stages.end(), child.value_or(-1));
    if (child == 0) {
      own = fmt::format("conv1.{}", rest);
    } else if (child == 1) {
      own = fmt::format("bn1.{}", rest);
    } else if (stage != stages.end()) {
      own = fmt::format("layer{}.{}", stage - stages.begin() + 1, rest);
    } else {
      return {};
    }
  }
  if (!own.starts_with("conv") && !own.starts_with("bn") && !own.starts_with("layer")) {
    return {};
  }
  replaceAll(own, ".shortcut.", ".downsample.");  // lightly's network for small images
  return own;
}

using Shape = std::vector<std::int64_t>;
using Shapes = std::map<std::string, Shape>;

std::array<int, 4> blocksIn(const Shapes& shapes) {
  std::array<int, 4> blocks{};
  for (const auto& [name, shape] : shapes) {
    std::string_view rest = name;
    if (!rest.starts_with("layer")) {
      continue;
    }
    rest.remove_prefix(5);
    const auto stage = takeNumber(rest);
    const auto block = takeNumber(rest);
    if (stage && block && *stage >= 1 && *stage <= 4) {
      int& most = blocks[static_cast<std::size_t>(*stage - 1)];
      most = std::max(most, *block + 1);
    }
  }
  return blocks;
}

[[noreturn]] void refuse(const std::string& file, const std::string& seems) {
  throw Exception(
      fmt::format("{} seems to be {}, which is not known here: resnet18, resnet34 and resnet50 of "
                  "torchvision's form are, of any width, and tiny.",
                  file,
                  seems));
}

Backbone backboneOf(const std::string& file, const Shapes& shapes, std::int64_t width) {
  if (!shapes.contains("layer1.0.conv1.weight")) {
    const auto last = shapes.find("conv4.weight");
    if (last == shapes.end() || last->second != Shape{8 * width, 4 * width, 3, 3}) {
      refuse(file, "a network with a convolution for images and no layers of a ResNet");
    }
    return Backbone::Tiny;
  }
  struct Known {
    std::array<int, 4> blocks;
    bool isBottleneck;
    const char* name;
    std::optional<Backbone> backbone;
  };
  const std::array<Known, 7> known = {{{{2, 2, 2, 2}, false, "ResNet-18", Backbone::ResNet18},
                                       {{3, 4, 6, 3}, false, "ResNet-34", Backbone::ResNet34},
                                       {{3, 4, 6, 3}, true, "ResNet-50", Backbone::ResNet50},
                                       {{2, 2, 2, 2}, true, "ResNet-26", {}},
                                       {{3, 4, 23, 3}, true, "ResNet-101", {}},
                                       {{3, 8, 36, 3}, true, "ResNet-152", {}},
                                       {{1, 1, 1, 1}, false, "ResNet-10", {}}}};
  const std::array<int, 4> blocks = blocksIn(shapes);
  const bool isBottleneck = shapes.contains("layer1.0.conv3.weight");
  const auto found = std::find_if(known.begin(), known.end(), [&](const Known& k) {
    return k.blocks == blocks && k.isBottleneck == isBottleneck;
  });
  const std::string name = found != known.end()
                               ? std::string(found->name)
                               : fmt::format("ResNet of {} {} blocks",
                                             fmt::join(blocks, ", "),
                                             isBottleneck ? "bottleneck" : "basic");
  const auto& first = shapes.at("layer1.0.conv1.weight");
  const auto second = shapes.find("layer1.0.conv2.weight");
  if (second != shapes.end() && second->second.size() == 4 &&
      second->second[0] != second->second[1]) {
    refuse(file, fmt::format("a {} with grouped convolutions (ResNeXt)", name));
  }
  if (first.size() != 4 || first[0] != width) {
    refuse(file, fmt::format("a {} with wider blocks (Wide ResNet)", name));
  }
  if (found == known.end() || !found->backbone) {
    refuse(file, "a " + name);
  }
  // Most of a network's memory is in its last blocks: no file gets it that does not hold them.
  const auto last = shapes.find(fmt::format("layer4.{}.conv2.weight", blocks[3] - 1));
  if (last == shapes.end() || last->second != Shape{8 * width, 8 * width, 3, 3}) {
    refuse(file, fmt::format("a {} whose last blocks are missing or of another width", name));
  }
  return *found->backbone;
}

// An nn.Sequential of linear layers behind the backbone, below one prefix.
struct Layer {
  std::size_t linear = 0;  // number of the child
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  bool hasBias = false;
  std::optional<std::size_t> norm;  // number of the child
  bool normLearns = false;
};

using Children =
    std::map<int, std::map<std::string, std::size_t>>;  // number, rest of the name, entry

// Linear layers in order, each with the BatchNorm behind it; nothing where something else is there.
std::vector<Layer> layersOf(const Children& children, const std::vector<StateEntry>& entries) {
  std::vector<Layer> layers;
  for (const auto& [number, tensors] : children) {
    const auto weight = tensors.find("weight");
    if (weight != tensors.end() && entries[weight->second].shape.size() == 2) {
      const auto& shape = entries[weight->second].shape;
      if (!layers.empty() && layers.back().outputs != shape[1]) {
        return {};
      }
      layers.push_back({.linear = static_cast<std::size_t>(number),
                        .inputs = shape[1],
                        .outputs = shape[0],
                        .hasBias = tensors.contains("bias"),
                        .norm = {}});
    } else if (tensors.contains("running_mean") && !layers.empty() && !layers.back().norm) {
      layers.back().norm = static_cast<std::size_t>(number);
      layers.back().normLearns = weight != tensors.end();
    } else {
      return {};
    }
  }
  return layers;
}

// Whether an Encoder can have such a projector, and then its parameters.
bool takeProjector(const std::vector<Layer>& layers, ModelParams& model) {
  model.projector.clear();
  model.projectorBias = false;
  model.projectorNorm = layers.front().norm.has_value() || layers.size() == 1;
  model.projectorLastNorm = layers.back().norm.has_value();
  model.projectorLastAffine = !model.projectorLastNorm || layers.back().normLearns;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const bool isLast = i + 1 == layers.size();
    if (layer.outputs > 65536 || layers.size() > 6 ||
        (!isLast &&
         (layer.norm.has_value() != model.projectorNorm || (layer.norm && !layer.normLearns)))) {
      return false;
    }
    model.projector.push_back(static_cast<int>(layer.outputs));
    model.projectorBias = model.projectorBias || layer.hasBias;  // one that is missing is zero
  }
  return true;
}

// The children before the stages: conv1, bn1, ReLU and pooling are 4, of which who only calls
// functions for the last two has none in the nn.Sequential.
std::string cautionOf(const std::string& file,
                      const std::vector<int>& stages,
                      std::int64_t kernel) {
  const int first = stages.empty() ? 4 : stages.front();
  if (first == 2) {
    return fmt::format(
        "{}: its nn.Sequential goes from the first BatchNorm to the first block without a ReLU{}, "
        "as "
        "lightly's does for small images; here there is one, so features differ by some per cent.",
        file,
        kernel == 7 ? " and without pooling" : "");
  }
  if (first == 3 && kernel == 7) {
    return fmt::format(
        "{}: its nn.Sequential has no pooling behind the first convolution; here there is one, so "
        "features differ.",
        file);
  }
  return {};
}

struct Projector {
  std::string prefix;
  Children children;
  std::vector<Layer> layers;
};

std::optional<Projector> projectorIn(const std::vector<StateEntry>& entries,
                                     const std::vector<std::string>& names,
                                     std::int64_t features) {
  std::map<std::string, Children> groups;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view name = entries[i].name;
    if (!names[i].empty()) {
      continue;
    }
    for (std::size_t at = 0; at < name.size(); ++at) {
      std::string_view rest = name.substr(at);
      if (at > 0 && name[at - 1] != '.') {
        continue;
      }
      const auto number = takeNumber(rest);
      if (number && rest.find('.') == std::string_view::npos) {
        groups[std::string(name.substr(0, at))][*number][std::string(rest)] = i;
        break;
      }
    }
  }
  std::optional<Projector> best;
  bool isNamed = false;
  for (auto& [prefix, children] : groups) {
    const auto layers = layersOf(children, entries);
    if (isFollower(prefix) || layers.empty() || layers.front().inputs != features) {
      continue;
    }
    const bool isProjector = prefix.find("proj") != std::string::npos;
    if (!best || (isProjector && !isNamed)) {
      best = Projector{.prefix = prefix, .children = children, .layers = layers};
      isNamed = isProjector;
    }
  }
  return best;
}

// Layers are numbered anew: a file may have an nn.Identity or a dropout among them.
void nameProjector(const Projector& found, std::vector<std::string>& names) {
  int number = 0;
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    const Layer& layer = found.layers[i];
    const auto name = [&](std::size_t child) {
      for (const auto& [rest, entry] : found.children.at(static_cast<int>(child))) {
        names[entry] = fmt::format("projector.{}.{}", number, rest);
      }
      ++number;
    };
    name(layer.linear);
    if (layer.norm) {
      name(*layer.norm);
    }
    ++number;  // ReLU
  }
}

}  // namespace

std::string networkText(const ModelParams& model) {
  if (model.backbone == Backbone::Tiny) {
    return fmt::format("a tiny network (width {})", model.width);
  }
  std::string label;
  for (const auto& name : kEnumNames<Backbone>) {
    if (name.value == model.backbone) {
      label = name.label;
    }
  }
  return fmt::format("a {} (width {}, {} stem)",
                     label,
                     model.width,
                     model.stem == Stem::Cifar ? "CIFAR" : "ImageNet");
}

StateGuess guessState(const std::string& file, const std::vector<StateEntry>& entries) {
  const auto place = placeIn(entries);
  if (!place) {
    std::vector<std::string> some;
    for (std::size_t i = 0; i < std::min<std::size_t>(3, entries.size()); ++i) {
      const std::string& name = entries[i].name;
      some.push_back(
          fmt::format("{} [{}]",
                      name.empty() ? "a tensor without a name" : plainLine(name.substr(0, 80)),
                      fmt::join(entries[i].shape, ", ")));
    }
    throw Exception(fmt::format(
        "{} holds no network for colour images that is known here (a ResNet begins with "
        "conv1.weight [width, 3, 7, 7]); it holds {}{}.",
        file,
        some.empty() ? "no tensors" : fmt::format("{}", fmt::join(some, ", ")),
        entries.size() > some.size() ? fmt::format(" and {} more", entries.size() - some.size())
                                     : ""));
  }
  const std::vector<int> stages =
      place->isNumbered ? stagesOf(entries, place->prefix) : std::vector<int>{};
  StateGuess guess;
  Shapes shapes;
  for (const StateEntry& entry : entries) {
    const std::string own = backboneName(*place, stages, entry.name);
    guess.names.push_back(own.empty() ? own : "backbone." + own);
    if (!own.empty()) {
      shapes[own] = entry.shape;
    }
  }
  const auto& first = shapes.at("conv1.weight");
  const std::int64_t width = first[0];
  if (width < 4 || width > 512 || (first[2] != 3 && first[2] != 7) || first[3] != first[2]) {
    refuse(file, fmt::format("a network with a first convolution of [{}]", fmt::join(first, ", ")));
  }
  guess.model.backbone = backboneOf(file, shapes, width);
  guess.model.width = static_cast<int>(width);
  guess.model.stem = first[2] == 3 ? Stem::Cifar : Stem::Imagenet;
  guess.caution = cautionOf(file, stages, first[2]);
  const std::int64_t features = width * (guess.model.backbone == Backbone::ResNet50 ? 32 : 8);
  guess.model.projector = {1};
  if (const auto found = projectorIn(entries, guess.names, features)) {
    ModelParams with = guess.model;
    guess.hasProjector = takeProjector(found->layers, with);
    if (guess.hasProjector) {
      guess.model = with;
      nameProjector(*found, guess.names);
    }
  }
  guess.network = networkText(guess.model);
  guess.naming =
      place->isNumbered
          ? fmt::format("the numbered names of an nn.Sequential below '{}'", place->prefix)
      : place->prefix.empty() ? std::string("torchvision's names")
                              : fmt::format("names below '{}'", place->prefix);
  return guess;
}

}  // namespace barlow
