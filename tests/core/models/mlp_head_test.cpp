#include "core/models/mlp_head.h"

#include "core/base/check.h"
#include "core/models/encoder.h"
#include "core/models/nn.h"
#include "tests/data/read_golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace barlow {
namespace {

using testing::ElementsAre;
using torch::Tensor;

std::vector<std::string> namesOf(const MlpHead& head) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : head.namedParameters()) {
    names.push_back(name);
  }
  return names;
}

std::int64_t countOf(const MlpHead& head) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : head.namedParameters()) {
    count += tensor.numel();
  }
  return count;
}

TEST(MlpHead, HasTheLayersThatAreAskedFor) {
  EXPECT_THAT(namesOf(MlpHead(4, {.widths = {3, 2}})),
              ElementsAre("0.weight", "1.weight", "1.bias", "3.weight"));
  EXPECT_THAT(namesOf(MlpHead(4, {.widths = {3, 2}, .hasBias = true, .hasNorm = false})),
              ElementsAre("0.weight", "0.bias", "2.weight"));
  EXPECT_THAT(namesOf(MlpHead(4, {.widths = {3, 2}, .hasLastBias = true, .hasNorm = false})),
              ElementsAre("0.weight", "2.weight", "2.bias"));
  EXPECT_THAT(namesOf(MlpHead(4, {.widths = {2}, .hasBias = true, .hasLastNorm = true})),
              ElementsAre("0.weight", "1.weight", "1.bias"));
  const MlpHead still(4, {.widths = {2}, .hasLastNorm = true, .lastNormLearns = false});
  EXPECT_THAT(namesOf(still), ElementsAre("0.weight"));
  EXPECT_EQ(still.namedBuffers().size(), 3u) << "its running statistics";
}

// The published heads, counted by PyTorch (objectives_golden.py).
TEST(MlpHead, CountsAsThePublishedHeads) {
  EXPECT_EQ(
      countOf(MlpHead(
          512, {.widths = {2048, 256}, .hasBias = true, .hasLastBias = true, .hasNorm = false})),
      1'575'168);
  EXPECT_EQ(countOf(MlpHead(256, {.widths = {4096, 256}, .hasBias = true, .hasLastBias = true})),
            2'109'696);
  EXPECT_EQ(countOf(MlpHead(
                512, {.widths = {2048, 2048, 2048}, .hasLastNorm = true, .lastNormLearns = false})),
            9'445'376);
  EXPECT_EQ(countOf(MlpHead(2048, {.widths = {512, 2048}, .hasLastBias = true})), 2'100'224);
  EXPECT_EQ(countOf(MlpHead(512, {.widths = {2048, 2048, 64}, .hasLastBias = true})), 5'382'208);
}

TEST(MlpHead, ComputesLinearNormAndRelu) {
  const MlpHead head(
      4, {.widths = {3, 2}, .hasLastBias = true, .hasLastNorm = true, .lastNormLearns = false});
  head.initialize(1);
  head.to(torch::kFloat64);
  const auto parameters = head.namedParameters();
  const auto norm = [](const Tensor& x) {
    return (x - x.mean(0)) / (x.var(0, /*unbiased=*/false) + 1e-5).sqrt();
  };
  const Tensor x = wave({5, 4}, 0.3);
  const Tensor hidden = norm(x.mm(parameters[0].second.t())).relu();
  const Tensor expected = norm(hidden.mm(parameters[3].second.t()) + parameters[4].second);
  EXPECT_LT(largestDifference(head.forward(x), expected), 1e-12);

  head.train(false);  // now by the running statistics, one batch old
  EXPECT_GT(largestDifference(head.forward(x), expected), 1e-3);
}

TEST(MlpHead, StartsFromTheSeedAlone) {
  const MlpHead first(6, {.widths = {5, 4}, .hasBias = true});
  const MlpHead second(6, {.widths = {5, 4}, .hasBias = true});
  first.initialize(3);
  torch::rand({100});  // moves the global generator
  second.initialize(3);
  const Tensor x = wave({3, 6}, 0.1).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(first.forward(x), second.forward(x)));
  second.initialize(4);
  EXPECT_FALSE(torch::equal(first.forward(x), second.forward(x)));
}

TEST(MlpHead, NeedsALayer) { EXPECT_THROW(MlpHead(4, {}), CheckFailure); }

TEST(Encoder, ProjectorTakesItsFormFromTheModelsSettings) {
  ModelParams params;
  params.backbone = Backbone::Tiny;
  params.width = 4;
  params.projector = {6, 5};
  params.projectorNorm = false;
  params.projectorLastNorm = true;
  params.projectorLastAffine = false;
  std::vector<std::string> names;
  for (const auto& [name, tensor] : namedState(Encoder(params))) {
    if (name.starts_with("projector.")) {
      names.push_back(name);
    }
  }
  EXPECT_THAT(names,
              ElementsAre("projector.0.weight",
                          "projector.2.weight",
                          "projector.3.running_mean",
                          "projector.3.running_var",
                          "projector.3.num_batches_tracked"));
}

}  // namespace
}  // namespace barlow
