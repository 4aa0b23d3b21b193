#include "core/models/weight_file.h"

#include "core/files/tensor_files.h"
#include "core/files/torch_file.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ModelParams small(Backbone backbone, Stem stem, std::vector<int> projector = {12, 8}) {
  ModelParams params;
  params.backbone = backbone;
  params.stem = stem;
  params.width = 8;
  params.projector = std::move(projector);
  return params;
}

Encoder networkOf(const ModelParams& params) {
  Encoder network(params);
  initializeWeights(network, 3);
  const torch::NoGradGuard noGrad;
  for (auto& [name, tensor] : namedState(network)) {
    if (tensor.is_floating_point() && tensor.dim() == 1) {  // else all of them are 0 and 1
      tensor.add_(torch::arange(tensor.numel()) / static_cast<double>(10 * tensor.numel()));
    }
  }
  network->train(false);
  return network;
}

// The state under other names; what becomes an empty name is left out.
NamedTensors renamed(const Encoder& network,
                     const std::function<std::string(const std::string&)>& rename) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : namedState(network)) {
    if (const std::string other = rename(name); !other.empty()) {
      tensors.emplace_back(other, tensor);
    }
  }
  return tensors;
}

torch::Tensor picturesOf(int side) {
  return torch::arange(2 * 3 * side * side, torch::kFloat32).sin().reshape({2, 3, side, side});
}

void expectSame(const Encoder& own, const WeightFile& file, bool hasProjector) {
  const torch::NoGradGuard noGrad;
  const torch::Tensor pictures = picturesOf(32);
  EXPECT_TRUE(torch::equal(file.network->represent(pictures), own->represent(pictures)));
  EXPECT_EQ(file.hasProjector, hasProjector);
  if (hasProjector) {
    EXPECT_TRUE(torch::equal(file.network->forward(pictures), own->forward(pictures)));
  }
}

// "backbone.conv1.weight" as `prefix` + "0.weight" ..., with the stages from `first` on.
std::function<std::string(const std::string&)> numbered(const std::string& prefix, int first) {
  return [=](const std::string& name) -> std::string {
    if (!name.starts_with("backbone.")) {
      return "";
    }
    std::string rest = name.substr(9);
    if (rest.starts_with("conv1.")) {
      return prefix + "0." + rest.substr(6);
    }
    if (rest.starts_with("bn1.")) {
      return prefix + "1." + rest.substr(4);
    }
    return prefix + std::to_string(first + (rest[5] - '1')) + rest.substr(6);
  };
}

TEST(WeightFile, KnowsTorchvisionsNames) {
  const TempDir dir;
  for (const Backbone backbone : {Backbone::ResNet18, Backbone::ResNet34, Backbone::ResNet50}) {
    for (const Stem stem : {Stem::Cifar, Stem::Imagenet}) {
      const ModelParams params = small(backbone, stem);
      const Encoder network = networkOf(params);
      NamedTensors tensors = renamed(network, [](const std::string& name) {
        return name.starts_with("backbone.") ? name.substr(9) : "";
      });
      tensors.emplace_back("fc.weight", torch::zeros({10, network->features()}));
      writeTorchFile(dir / "x.pth", tensors);
      const WeightFile file = openWeightFile(dir / "x.pth");
      EXPECT_EQ(file.model.backbone, backbone);
      EXPECT_EQ(file.model.stem, stem);
      EXPECT_EQ(file.model.width, 8);
      EXPECT_THAT(file.unmatched, ElementsAre("fc.weight"));
      expectSame(network, file, false);
    }
  }
}

TEST(WeightFile, KnowsOurOwnCheckpointsAndTinyNetworks) {
  const TempDir dir;
  const ModelParams params = small(Backbone::Tiny, Stem::Cifar, {16, 12, 8});
  const Encoder network = networkOf(params);
  writeSafetensors(dir / "model.safetensors", namedState(network));
  const WeightFile file = openWeightFile(dir / "model.safetensors");
  EXPECT_EQ(file.model, params);
  EXPECT_THAT(file.unmatched, IsEmpty());
  expectSame(network, file, true);
}

TEST(WeightFile, KnowsPrefixesAndNumberedChildren) {
  const TempDir dir;
  const Encoder imagenet = networkOf(small(Backbone::ResNet18, Stem::Imagenet));
  const Encoder cifar = networkOf(small(Backbone::ResNet18, Stem::Cifar));
  const auto shortcut = [](const std::string& name) {  // lightly's network for small images
    std::string other = numbered("backbone.", 2)(name);
    if (const auto at = other.find("downsample"); at != std::string::npos) {
      other.replace(at, 10, "shortcut");
    }
    return other;
  };
  struct Case {
    const Encoder& network;
    std::function<std::string(const std::string&)> rename;
    bool hasProjector;
  };
  const std::vector<Case> cases = {
      // The authors' checkpoint.pth, from a dictionary with "model".
      {imagenet, [](const std::string& name) { return "model.module." + name; }, true},
      // lightly: a Sequential of all but fc, and its own network for small images.
      {imagenet, numbered("backbone.", 4), false},
      {cifar, shortcut, false},
      // The HSIC repository: no pooling, so the stages begin at 3.
      {cifar, numbered("module.f.", 3), false},
      // MoCo's.
      {imagenet,
       [](const std::string& name) {
         return name.starts_with("backbone.") ? "state_dict.module.encoder_q." + name.substr(9)
                                              : "state_dict.module.encoder_q.fc." + name.substr(10);
       },
       true},
      // A Lightning module of solo-learn.
      {cifar, [](const std::string& name) { return "state_dict." + name; }, true},
  };
  for (const Case& example : cases) {
    NamedTensors tensors = renamed(example.network, example.rename);
    // A copy that follows slowly, first in the file and full of something else.
    NamedTensors all = renamed(example.network, [](const std::string& name) {
      return (name.starts_with("backbone.") ? "momentum_" : "momentum_encoder.") + name;
    });
    for (auto& [name, tensor] : all) {
      tensor = torch::full_like(tensor, 3);
    }
    all.insert(all.end(), tensors.begin(), tensors.end());
    writeSafetensors(dir / "x.safetensors", all);
    const WeightFile file = openWeightFile(dir / "x.safetensors");
    expectSame(example.network, file, example.hasProjector);
    const bool isOurs = all.back().first.find("backbone.5.") == std::string::npos;
    EXPECT_EQ(file.caution.empty(), isOurs) << "lightly's has no ReLU before its first block";
    EXPECT_EQ(file.unmatched.size(), all.size() - tensors.size()) << listText(file.unmatched);
  }
}

TEST(WeightFile, ReadsProjectorsOfOtherForms) {
  const TempDir dir;
  // Biases (solo-learn), no BatchNorm (SimCLR), one at the end without weights (SimSiam).
  std::vector<ModelParams> forms(4, small(Backbone::Tiny, Stem::Cifar, {16, 12, 8}));
  forms[0].projectorBias = true;
  forms[1].projectorBias = true;
  forms[1].projectorNorm = false;
  forms[2].projectorLastNorm = true;
  forms[2].projectorLastAffine = false;
  forms[3].projector = {8};
  for (const ModelParams& form : forms) {
    const Encoder network = networkOf(form);
    writeSafetensors(dir / "x.safetensors", namedState(network));
    const WeightFile file = openWeightFile(dir / "x.safetensors");
    EXPECT_EQ(file.model, form);
    expectSame(network, file, true);
  }
  // lightly's has a bias in its last layer only, and other names.
  ModelParams form = small(Backbone::Tiny, Stem::Cifar, {16, 8});
  form.projectorBias = true;
  const Encoder network = networkOf(form);
  for (auto& [name, tensor] : namedState(network)) {
    if (name == "projector.0.bias") {
      tensor.zero_();
    }
  }
  writeSafetensors(dir / "x.safetensors", renamed(network, [](const std::string& name) {
                     return name == "projector.0.bias" ? ""
                            : name.starts_with("projector.")
                                ? "projection_head.layers." + name.substr(10)
                                : name;
                   }));
  expectSame(network, openWeightFile(dir / "x.safetensors"), true);
}

TEST(WeightFile, SaysWhatIsMissingAndWhatItSeemsToBe) {
  const TempDir dir;
  const Encoder network = networkOf(small(Backbone::ResNet18, Stem::Cifar));
  const auto opening = [&](const NamedTensors& tensors) {
    writeSafetensors(dir / "x.safetensors", tensors);
    return messageOf([&] { openWeightFile(dir / "x.safetensors"); });
  };
  const auto without = [&](const std::string& missing) {
    return renamed(network, [&](const std::string& name) { return name == missing ? "" : name; });
  };
  EXPECT_THAT(opening(without("backbone.layer3.1.bn2.weight")),
              AllOf(HasSubstr("layer3.1.bn2.weight"),
                    HasSubstr("a ResNet-18 (width 8, CIFAR stem)"),
                    HasSubstr("x.safetensors")));
  EXPECT_EQ(opening(without("backbone.layer3.1.bn2.num_batches_tracked")), "")
      << "files of old versions of PyTorch have none";
  NamedTensors wrong = namedState(network);
  for (auto& [name, tensor] : wrong) {
    if (name == "backbone.layer2.0.conv2.weight") {
      tensor = torch::zeros({4, 4, 3, 3});
    }
  }
  EXPECT_THAT(opening(wrong), AllOf(HasSubstr("layer2.0.conv2.weight"), HasSubstr("[4, 4, 3, 3]")));
  EXPECT_THAT(opening({{"weight", torch::zeros({3, 4})}, {"bias", torch::zeros({3})}}),
              AllOf(HasSubstr("weight [3, 4]"), HasSubstr("conv1.weight")));
  EXPECT_THAT(opening(renamed(network,
                              [](const std::string& name) {
                                return name.starts_with("backbone.layer4.1.") ? "" : name;
                              })),
              HasSubstr("2, 2, 2, 1 basic blocks"));
  EXPECT_THAT(opening(without("backbone.layer4.1.conv2.weight")), HasSubstr("last blocks"));
  EXPECT_THAT(opening({}), HasSubstr("no tensors"));
  EXPECT_THAT(opening({{"conv1.weight", torch::zeros({8, 3, 11, 11})}}),
              HasSubstr("[8, 3, 11, 11]"));
  NamedTensors deep = without("");
  deep.emplace_back("backbone.layer3.2.conv1.weight", torch::zeros({32, 32, 3, 3}));
  EXPECT_THAT(opening(deep), HasSubstr("2, 2, 3, 2 basic blocks"));
  const Encoder bottleneck = networkOf(small(Backbone::ResNet50, Stem::Imagenet));
  NamedTensors deeper = namedState(bottleneck);
  deeper.emplace_back("backbone.layer3.22.conv1.weight", torch::zeros({32, 32, 1, 1}));
  EXPECT_THAT(opening(deeper), HasSubstr("ResNet-101"));
  EXPECT_THAT(messageOf([&] { openWeightFile(dir / "none.pth"); }), HasSubstr("none.pth"));
}

TEST(WeightFile, ListsWhatIsOfNoUse) {
  const TempDir dir;
  NamedTensors tensors = namedState(networkOf(small(Backbone::Tiny, Stem::Cifar)));
  for (const char* name : {"classifier.weight", "queue", "backbone.layer9.weight"}) {
    tensors.emplace_back(name, torch::zeros({2}));
  }
  writeSafetensors(dir / "x.safetensors", tensors);
  EXPECT_THAT(
      openWeightFile(dir / "x.safetensors").unmatched,
      testing::UnorderedElementsAre("classifier.weight", "queue", "backbone.layer9.weight"));
}

TEST(WeightFile, CopiesIntoANetworkOfTheSameForm) {
  const TempDir dir;
  const ModelParams params = small(Backbone::ResNet18, Stem::Cifar);
  const Encoder trained = networkOf(params);
  writeSafetensors(dir / "x.safetensors", namedState(trained));
  const WeightFile file = openWeightFile(dir / "x.safetensors");
  const auto into = [&](const ModelParams& model) {
    Encoder network(model);
    initializeWeights(network, 9);
    const StartingPoint start = copyWeights(dir / "x.safetensors", file, network, model);
    network->train(false);
    const torch::NoGradGuard noGrad;
    EXPECT_TRUE(
        torch::equal(network->represent(picturesOf(32)), trained->represent(picturesOf(32))));
    return start;
  };
  EXPECT_TRUE(into(params).hasProjector);
  ModelParams other = params;
  other.projector = {20, 10};
  const StartingPoint start = into(other);
  EXPECT_FALSE(start.hasProjector);
  EXPECT_THAT(start.text, HasSubstr("begins anew"));
  ModelParams wrong = params;
  wrong.stem = Stem::Imagenet;
  EXPECT_THAT(messageOf([&] { copyWeights(dir / "x.safetensors", file, Encoder(wrong), wrong); }),
              AllOf(HasSubstr("a ResNet-18 (width 8, CIFAR stem)"), HasSubstr("model.stem=cifar")));
}

}  // namespace
}  // namespace barlow
