#include "core/training/estimate.h"

#include "core/models/twin_network.h"
#include "core/params/presets.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

std::int64_t countOf(const ModelParams& params) {
  std::int64_t count = 0;
  for (const auto& parameter : TwinNetwork(params)->parameters()) {
    count += parameter.numel();
  }
  return count;
}

TEST(NetworkCost, CountsTheParametersOfTheRealNetwork) {
  for (const Backbone backbone :
       {Backbone::Tiny, Backbone::ResNet18, Backbone::ResNet34, Backbone::ResNet50}) {
    for (const Stem stem : {Stem::Cifar, Stem::Imagenet}) {
      const ModelParams params{
          .backbone = backbone, .stem = stem, .width = 8, .projector = {24, 16, 12}};
      ModelParams other = params;
      other.projectorBias = other.projectorLastNorm = true;
      EXPECT_EQ(networkCost(other, 32).parameters - networkCost(params, 32).parameters,
                countOf(other) - countOf(params));
      const TwinNetwork network(params);
      std::int64_t expected = 0;
      for (const auto& parameter : network->parameters()) {
        expected += parameter.numel();
      }
      EXPECT_EQ(networkCost(params, 32).parameters, expected)
          << toText(backbone) << " " << toText(stem);
    }
  }
}

TEST(NetworkCost, KnowsThePublishedOperations) {
  const ModelParams resnet50{
      .backbone = Backbone::ResNet50, .stem = Stem::Imagenet, .width = 64, .projector = {1}};
  EXPECT_NEAR(
      networkCost(resnet50, 224).multiplyAdds, 4.09e9, 0.03e9);  // torchvision's table: 4.09 GMAC
  const ModelParams cifar{
      .backbone = Backbone::ResNet18, .stem = Stem::Cifar, .width = 64, .projector = {1}};
  EXPECT_NEAR(networkCost(cifar, 32).multiplyAdds, 0.556e9, 0.003e9);
}

TEST(Estimate, ProposesABatchThatFits) {
  RunConfig config = findPreset("folder-224")->config;
  config.run.batchSize = 1024;
  const ResourceEstimate large = estimateResources(config, 5000, 8ull << 30, 1e10);
  EXPECT_FALSE(large.fits());
  ASSERT_NE(large.proposal.find("run.batch_size="), std::string::npos) << large.proposal;
  config.run.batchSize = std::stoi(large.proposal.substr(large.proposal.find('=') + 1));
  EXPECT_TRUE(estimateResources(config, 5000, 8ull << 30, 1e10).fits());
  EXPECT_GT(large.secondsPerEpoch, 0);
  EXPECT_TRUE(estimateResources(config, 5000, 0, 0).fits()) << "unknown memory must not refuse";
  EXPECT_NE(estimateResources(config, 5000, 1 << 20, 0).proposal.find("no batch fits"),
            std::string::npos);
}

}  // namespace
}  // namespace barlow
