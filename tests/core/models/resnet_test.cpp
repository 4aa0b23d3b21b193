#include "core/models/resnet.h"

#include "core/base/check.h"
#include "core/models/encoder.h"
#include "tests/data/read_golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

ModelParams modelParams(Backbone backbone, Stem stem, int width) {
  ModelParams params;
  params.backbone = backbone;
  params.stem = stem;
  params.width = width;
  params.projector = {8};
  return params;
}

nlohmann::json shapesOf(const torch::OrderedDict<std::string, Tensor>& tensors) {
  nlohmann::json shapes = nlohmann::json::array();
  for (const auto& item : tensors) {
    shapes.push_back({item.key(), item.value().sizes().vec()});
  }
  return shapes;
}

std::int64_t countOf(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const Tensor& parameter : module.parameters()) {
    count += parameter.numel();
  }
  return count;
}

// Weights by formula; the same as in make_golden.py.
void fill(torch::nn::Module& module) {
  torch::NoGradGuard noGrad;
  double k = 0;
  for (Tensor& parameter : module.parameters()) {
    if (parameter.dim() > 1) {
      const auto fanIn = static_cast<double>(parameter[0].numel());
      parameter.copy_(wave(parameter.sizes(), k) / std::sqrt(fanIn));
    } else {
      parameter.copy_(0.1 * wave(parameter.sizes(), k));
    }
    ++k;
  }
  for (const auto& part : module.modules()) {
    if (auto* norm = part->as<torch::nn::BatchNorm2d>()) {
      norm->weight.add_(1);
    } else if (auto* projectorNorm = part->as<torch::nn::BatchNorm1d>()) {
      projectorNorm->weight.add_(1);
    }
  }
}

// Output, running statistics and gradients against Python's, in double.
template <class Module>
void expectSamePasses(Module& module, const Tensor& x, const nlohmann::json& golden) {
  module.to(torch::kFloat64);
  module.train();
  fill(module);
  const Tensor out = module.forward(x);
  ASSERT_EQ(out.numel(), static_cast<std::int64_t>(golden.at("output").size()));
  EXPECT_LT(largestDifference(out, tensorOf(golden.at("output"), out.sizes())), 1e-9);
  (out * wave(out.sizes(), 0.25)).sum().backward();
  for (const auto& [name, values] : golden.at("buffers").items()) {
    const Tensor buffer = module.named_buffers()[name].flatten().slice(0, 0, 4);
    EXPECT_LT(largestDifference(buffer, tensorOf(values, buffer.sizes())), 1e-9) << name;
  }
  std::size_t compared = 0;
  for (const auto& item : module.named_parameters()) {
    const auto& expected = golden.at("gradients").at(item.key());
    const Tensor gradient = item.value().grad();
    const double sum = expected.at(0);
    const double norm = expected.at(1);
    EXPECT_NEAR(gradient.sum().item<double>(), sum, 1e-8 * (1 + norm)) << item.key();
    EXPECT_NEAR(gradient.norm().item<double>(), norm, 1e-8 * (1 + norm)) << item.key();
    ++compared;
  }
  EXPECT_EQ(compared, golden.at("gradients").size());
  module.eval();
  EXPECT_LT(largestDifference(module.forward(x), tensorOf(golden.at("eval_output"), out.sizes())),
            1e-9);
}

TEST(ResNet, HasTorchvisionsNamesShapesAndCounts) {
  for (const auto& [backbone, name] : {std::pair{Backbone::ResNet18, "resnet18"},
                                       std::pair{Backbone::ResNet34, "resnet34"},
                                       std::pair{Backbone::ResNet50, "resnet50"}}) {
    SCOPED_TRACE(name);
    const auto golden = readGolden(BARLOW_TEST_SOURCE_DATA, std::string(name) + "_names.json");
    const ResNet network(modelParams(backbone, Stem::Imagenet, 64));
    EXPECT_EQ(shapesOf(network->named_parameters()), golden.at("parameters"));
    EXPECT_EQ(shapesOf(network->named_buffers()), golden.at("buffers"));
    EXPECT_EQ(countOf(*network), golden.at("count").get<std::int64_t>());
    EXPECT_EQ(network->features(), backbone == Backbone::ResNet50 ? 2048 : 512);
  }
}

TEST(ResNet, CifarStemChangesTheFirstConvolutionOnly) {
  auto expected = readGolden(BARLOW_TEST_SOURCE_DATA, "resnet18_names.json").at("parameters");
  expected[0][1] = {64, 3, 3, 3};
  const ResNet network(modelParams(Backbone::ResNet18, Stem::Cifar, 64));
  EXPECT_EQ(shapesOf(network->named_parameters()), expected);
  EXPECT_EQ(countOf(*network), 11'176'512 - 64 * 3 * (49 - 9));
}

TEST(ResNet, Resnet18WithCifarStemComputesAsTorchvision) {
  ResNet network(modelParams(Backbone::ResNet18, Stem::Cifar, 4));
  expectSamePasses(
      *network,
      wave({4, 3, 16, 16}, 0.5, 0.37),
      readGolden(BARLOW_TEST_SOURCE_DATA, "resnet_passes.json").at("resnet18_cifar_4"));
}

TEST(ResNet, Resnet50WithImagenetStemComputesAsTorchvision) {
  ResNet network(modelParams(Backbone::ResNet50, Stem::Imagenet, 4));
  expectSamePasses(
      *network,
      wave({4, 3, 64, 64}, 0.5, 0.37),
      readGolden(BARLOW_TEST_SOURCE_DATA, "resnet_passes.json").at("resnet50_imagenet_4"));
}

TEST(ResNet, ComputesTheSameWithChannelsLast) {
  ResNet network(modelParams(Backbone::ResNet18, Stem::Cifar, 4));
  network->to(torch::kFloat64);
  fill(*network);
  const Tensor x = wave({4, 3, 16, 16}, 0.5, 0.37);
  const Tensor expected = network->forward(x);
  for (Tensor& parameter : network->parameters()) {
    if (parameter.dim() == 4) {
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
  EXPECT_LT(largestDifference(network->forward(x.contiguous(torch::MemoryFormat::ChannelsLast)),
                              expected),
            1e-10);
}

TEST(ResNet, TakesImagesOfAnySize) {
  torch::NoGradGuard noGrad;
  ResNet network(modelParams(Backbone::ResNet34, Stem::Cifar, 8));
  EXPECT_EQ(network->forward(wave({2, 3, 32, 32}, 0).to(torch::kFloat32)).sizes(),
            (std::vector<std::int64_t>{2, 64}));
  EXPECT_EQ(network->forward(wave({2, 3, 40, 24}, 0).to(torch::kFloat32)).sizes(),
            (std::vector<std::int64_t>{2, 64}));
}

TEST(ResNet, IsNotTheTinyNetwork) {
  EXPECT_THROW(ResNet(modelParams(Backbone::Tiny, Stem::Cifar, 8)), CheckFailure);
}

TEST(Projector, ComputesAsTheReferenceSequential) {
  ModelParams params = modelParams(Backbone::Tiny, Stem::Cifar, 4);
  params.projector = {5, 7, 4};
  Encoder network(params);
  const auto projector = network->module().named_children()["projector"];
  auto* sequential = projector->as<torch::nn::Sequential>();
  ASSERT_NE(sequential, nullptr);
  // The tiny network of width 4 has 32 features; the golden projector has 6 inputs.
  sequential->ptr(0)->as<torch::nn::Linear>()->weight.set_data(torch::empty({5, 6}));
  expectSamePasses(
      *sequential,
      wave({8, 6}, 0.5, 0.37),
      readGolden(BARLOW_TEST_SOURCE_DATA, "resnet_passes.json").at("projector_6_5_7_4"));
}

}  // namespace
}  // namespace barlow
