#include "core/models/encoder.h"

#include "core/base/check.h"
#include "core/models/nn.h"
#include "core/models/resnet.h"
#include "tests/data/read_golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

using testing::ElementsAre;
using torch::Tensor;

ModelParams modelParams(Backbone backbone, int width, std::vector<int> projector) {
  ModelParams params;
  params.backbone = backbone;
  params.stem = Stem::Cifar;
  params.width = width;
  params.projector = std::move(projector);
  return params;
}

Encoder initialized(const ModelParams& params, std::int64_t seed) {
  Encoder network(params);
  initializeWeights(network, seed);
  return network;
}

std::vector<std::string> namesBelow(const Encoder& network, const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : namedState(network)) {
    if (name.starts_with(prefix)) {
      names.push_back(name.substr(prefix.size()));
    }
  }
  return names;
}

bool areEqual(const Encoder& first, const Encoder& second) {
  const auto a = namedState(first);
  const auto b = namedState(second);
  bool equal = a.size() == b.size();
  for (std::size_t i = 0; equal && i < a.size(); ++i) {
    equal = a[i].first == b[i].first && torch::equal(a[i].second, b[i].second);
  }
  return equal;
}

TEST(Encoder, ProjectorHasTheReferencesNames) {
  const Encoder network(modelParams(Backbone::ResNet18, 8, {24, 16, 12}));
  EXPECT_THAT(namesBelow(network, "projector."),
              ElementsAre("0.weight",
                          "1.weight",
                          "1.bias",
                          "3.weight",
                          "4.weight",
                          "4.bias",
                          "6.weight",
                          "1.running_mean",
                          "1.running_var",
                          "1.num_batches_tracked",
                          "4.running_mean",
                          "4.running_var",
                          "4.num_batches_tracked"));
  EXPECT_EQ(network->features(), 64);
  EXPECT_EQ(network->dimensions(), 12);
  EXPECT_THAT(namesBelow(Encoder(modelParams(Backbone::Tiny, 8, {16})), "projector."),
              ElementsAre("0.weight"));
}

TEST(Encoder, StateIsBackboneAndProjectorAndNothingElse) {
  const Encoder network(modelParams(Backbone::ResNet18, 64, {512, 512, 512}));
  const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, "resnet18_names.json");
  std::vector<std::string> expected;
  for (const char* kind : {"parameters", "buffers"}) {
    for (const auto& item : golden.at(kind)) {
      expected.push_back(item[0]);
    }
  }
  EXPECT_EQ(namesBelow(network, "backbone."), expected);
  EXPECT_EQ(namedState(network).size(), expected.size() + 13);
  std::int64_t count = 0;
  for (const Tensor& parameter : network->parameters()) {
    count += parameter.numel();
  }
  EXPECT_EQ(count, 11'176'512 - 64 * 3 * (49 - 9) + 3 * 512 * 512 + 4 * 512);
}

TEST(Encoder, ForwardIsTheProjectionOfTheRepresentation) {
  torch::NoGradGuard noGrad;
  for (const Backbone backbone : {Backbone::Tiny, Backbone::ResNet18, Backbone::ResNet50}) {
    Encoder network = initialized(modelParams(backbone, 8, {24, 16}), 1);
    network->train(false);
    const Tensor images = wave({3, 3, 32, 32}, 0.1).to(torch::kFloat32);
    const Tensor representation = network->represent(images);
    EXPECT_EQ(representation.sizes(), (std::vector<std::int64_t>{3, network->features()}));
    const torch::Tensor map = network->featureMap(images);
    EXPECT_TRUE(torch::allclose(map.mean({2, 3}), representation, 1e-5, 1e-6));
    const Tensor embedding = network->forward(images);
    EXPECT_EQ(embedding.sizes(), (std::vector<std::int64_t>{3, 16}));
    auto* projector = network->module().named_children()["projector"]->as<torch::nn::Sequential>();
    EXPECT_TRUE(torch::equal(embedding, projector->forward(representation)));
  }
}

TEST(Encoder, EveryParameterGetsAGradient) {
  for (const Backbone backbone : {Backbone::Tiny, Backbone::ResNet18, Backbone::ResNet50}) {
    ModelParams params = modelParams(backbone, 4, {12, 8});
    params.zeroInitResidual = false;
    Encoder network = initialized(params, 1);
    (network->forward(wave({4, 3, 32, 32}, 0.1, 1.3).to(torch::kFloat32)) * wave({4, 8}, 0.2))
        .sum()
        .backward();
    for (const auto& [name, parameter] : network->namedParameters()) {
      ASSERT_TRUE(parameter.grad().defined()) << name;
      EXPECT_GT(parameter.grad().abs().max().item<double>(), 0) << name;
    }
  }
}

TEST(Encoder, NeedsAProjector) {
  EXPECT_THROW(Encoder(modelParams(Backbone::Tiny, 8, {})), CheckFailure);
}

TEST(TinyConvNet, HasFourConvolutionsOfStrideTwo) {
  const Encoder network(modelParams(Backbone::Tiny, 16, {32}));
  EXPECT_EQ(network->features(), 128);
  EXPECT_THAT(namesBelow(network, "backbone.conv"),
              ElementsAre("1.weight", "2.weight", "3.weight", "4.weight"));
  std::int64_t count = 0;
  for (const Tensor& parameter : network->module().named_children()["backbone"]->parameters()) {
    count += parameter.numel();
  }
  EXPECT_EQ(count, 9 * (3 * 16 + 16 * 32 + 32 * 64 + 64 * 128) + 2 * (16 + 32 + 64 + 128));
}

TEST(InitializeWeights, DrawsWhatPythonDraws) {
  const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, "resnet_passes.json").at("initial");
  Encoder network = initialized(modelParams(Backbone::ResNet18, 8, {24, 16}), golden.at("seed"));
  std::size_t compared = 0;
  for (const auto& [name, parameter] : network->namedParameters()) {
    if (parameter.dim() == 1) {
      continue;
    }
    const auto& expected = golden.at("first_three_and_norm").at(name);
    const Tensor values = parameter.flatten();
    for (int i = 0; i < 3; ++i) {
      EXPECT_NEAR(
          values[i].item<double>(), expected[static_cast<std::size_t>(i)].get<double>(), 1e-6)
          << name;
    }
    EXPECT_NEAR(values.norm().item<double>(), expected[3].get<double>(), 1e-5) << name;
    ++compared;
  }
  EXPECT_EQ(compared, golden.at("first_three_and_norm").size());
}

TEST(InitializeWeights, FollowsTorchvisionsDistributions) {
  Encoder network = initialized(modelParams(Backbone::ResNet18, 32, {256, 256}), 3);
  for (const auto& [name, weight] : network->namedParameters()) {
    const double mean = weight.mean().item<double>();
    const auto count = static_cast<double>(weight.numel());
    if (weight.dim() == 4 && count > 1000) {
      // Normal with variance 2 / fan out; the sample's deviation is within 5 standard errors.
      const double expected =
          std::sqrt(2.0 / static_cast<double>(weight.size(0) * weight.size(2) * weight.size(3)));
      EXPECT_NEAR(mean, 0, 5 * expected / std::sqrt(count)) << name;
      EXPECT_NEAR(weight.std().item<double>(), expected, 5 * expected / std::sqrt(2 * count))
          << name;
      EXPECT_GT(weight.abs().max().item<double>(), 2.5 * expected) << name;
    } else if (weight.dim() == 2) {
      const double bound = 1 / std::sqrt(static_cast<double>(weight.size(1)));
      EXPECT_LE(weight.abs().max().item<double>(), bound) << name;
      EXPECT_GT(weight.abs().max().item<double>(), 0.99 * bound) << name;
      EXPECT_NEAR(weight.std().item<double>(), bound / std::sqrt(3.0), 0.01 * bound) << name;
    }
  }
}

TEST(InitializeWeights, ZeroInitResidualMakesEveryBlockTheIdentity) {
  const auto zeroNorms = [](const ModelParams& params) {
    std::vector<std::string> zero;
    Encoder network = initialized(params, 1);
    for (const auto& [name, parameter] : network->namedParameters()) {
      if (parameter.dim() == 1 && name.ends_with("weight")) {
        const double value = parameter[0].item<double>();
        EXPECT_TRUE(torch::equal(parameter, torch::full_like(parameter, value)));
        EXPECT_TRUE(value == 0 || value == 1) << name;
        if (value == 0) {
          zero.push_back(name);
        }
      }
    }
    return zero;
  };
  ModelParams params = modelParams(Backbone::ResNet18, 8, {16, 16});
  EXPECT_THAT(zeroNorms(params),
              ElementsAre("backbone.layer1.0.bn2.weight",
                          "backbone.layer1.1.bn2.weight",
                          "backbone.layer2.0.bn2.weight",
                          "backbone.layer2.1.bn2.weight",
                          "backbone.layer3.0.bn2.weight",
                          "backbone.layer3.1.bn2.weight",
                          "backbone.layer4.0.bn2.weight",
                          "backbone.layer4.1.bn2.weight"));
  params.zeroInitResidual = false;
  EXPECT_THAT(zeroNorms(params), testing::IsEmpty());
  params = modelParams(Backbone::ResNet50, 8, {16, 16});
  const auto bottlenecks = zeroNorms(params);
  EXPECT_EQ(bottlenecks.size(), 16u);
  EXPECT_THAT(bottlenecks, testing::Each(testing::EndsWith(".bn3.weight")));
}

TEST(InitializeWeights, DependsOnTheSeedAlone) {
  const ModelParams params = modelParams(Backbone::ResNet18, 8, {16, 16});
  const Encoder first = initialized(params, 11);
  torch::rand({1000});  // moves the global generator
  EXPECT_TRUE(areEqual(first, initialized(params, 11)));
  EXPECT_FALSE(areEqual(first, initialized(params, 12)));
}

TEST(InitializeWeights, RestoresANetworkThatHasLearned) {
  const ModelParams params = modelParams(Backbone::ResNet18, 8, {16, 16});
  const Encoder fresh = initialized(params, 11);
  Encoder used = initialized(params, 12);
  used->forward(wave({4, 3, 32, 32}, 0.1).to(torch::kFloat32));  // moves running statistics
  {
    torch::NoGradGuard noGrad;
    for (Tensor& parameter : used->parameters()) {
      parameter.add_(1);
    }
  }
  ASSERT_FALSE(areEqual(fresh, used));
  initializeWeights(used, 11);
  EXPECT_TRUE(areEqual(fresh, used));
}

TEST(NamedState, SharesMemoryWithTheNetwork) {
  Encoder network = initialized(modelParams(Backbone::Tiny, 4, {8}), 1);
  for (auto& [name, tensor] : namedState(network)) {
    EXPECT_FALSE(tensor.requires_grad()) << name;
    tensor.zero_();
  }
  for (const Tensor& parameter : network->parameters()) {
    EXPECT_EQ(parameter.abs().sum().item<double>(), 0);
  }
}

}  // namespace
}  // namespace barlow
