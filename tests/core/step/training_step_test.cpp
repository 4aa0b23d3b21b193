#include "core/step/training_step.h"

#include "core/base/check.h"
#include "core/models/momentum_encoder.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/params/config_io.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kBatch = 12;

Tensor images(std::uint64_t seed, std::int64_t side = 8) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({kBatch, 3, side, side}, generator, torch::kFloat64);
}

const Tensor kSamples = torch::arange(kBatch, torch::kInt64);

// In double: what differs then differs by method, not by rounding.
Learner makeLearner(ObjectiveName name = ObjectiveName::BarlowTwins) {
  RunConfig config;
  config.model.backbone = Backbone::Tiny;
  config.model.width = 4;
  config.model.projector = {16, 10};
  config.objective.name = name;
  config.objective.byol.predictor = 8;
  config.run.batchSize = kBatch;
  config.run.seed = 3;
  Learner learner(
      config, objectiveSizes(config, kBatch), torch::kCPU, torch::MemoryFormat::Contiguous);
  learner.network->to(torch::kFloat64);
  if (learner.momentum) {
    learner.momentum->to(torch::kFloat64);
  }
  return learner;
}

// embed() rounds embeddings to fp32, which is then all that differs.
constexpr double kRounding = 2e-5;

double distance(const std::vector<Tensor>& left, const std::vector<Tensor>& right) {
  double difference = 0;
  double length = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    difference += (left[i] - right[i]).square().sum().item<double>();
    length += right[i].square().sum().item<double>();
  }
  return std::sqrt(difference / length);
}

std::vector<Tensor> gradients(Encoder& network) {
  std::vector<Tensor> all;
  for (const Tensor& parameter : network->parameters()) {
    all.push_back(parameter.grad().clone());
  }
  return all;
}

std::vector<Tensor> gradientsOf(Learner& learner, std::int64_t microBatchSize) {
  TrainingStep step(learner, {.microBatchSize = microBatchSize});
  step.forward({images(1), images(2)}, kSamples, {});
  step.backward();
  return gradients(learner.network);
}

TEST(TrainingStep, MicroBatchOfTheWholeBatchChangesNothing) {
  Learner plain = makeLearner();
  Learner micro = makeLearner();
  EXPECT_LT(distance(gradientsOf(micro, kBatch), gradientsOf(plain, 0)), kRounding);
  EXPECT_LT(distance(micro.network->buffers(), plain.network->buffers()), 1e-12)
      << "statistics are counted once, not once for each pass";
}

// What two passes must equal: one graph over all micro-batches and the loss of the whole batch.
TEST(TrainingStep, TwoPassesEqualOneGraphOverAllMicroBatches) {
  Learner whole = makeLearner();
  std::vector<Tensor> embeddings;
  for (const Tensor& view : {images(1), images(2)}) {
    std::vector<Tensor> parts;
    for (const Tensor& part : view.chunk(3)) {
      parts.push_back(whole.network->forward(part));
    }
    embeddings.push_back(torch::cat(parts));
  }
  barlowTwinsLoss(embeddings[0], embeddings[1], BarlowTwinsParams{}).loss.backward();

  Learner micro = makeLearner();
  EXPECT_LT(distance(gradientsOf(micro, kBatch / 3), gradients(whole.network)), kRounding);
  EXPECT_LT(distance(micro.network->buffers(), whole.network->buffers()), 1e-12);
}

TEST(TrainingStep, GivesTheLossOfTheWholeBatch) {
  Learner learner = makeLearner();
  TrainingStep step(learner, {.microBatchSize = 4});
  const TrainingStep::Output output = step.forward({images(1), images(2)}, kSamples, {});
  const auto& online = output.inputs.online;
  ASSERT_EQ(online.size(), 2u);
  EXPECT_EQ(online[0].sizes(), (std::vector<std::int64_t>{kBatch, 10}));
  EXPECT_FALSE(online[0].requires_grad() || output.loss.requires_grad());
  EXPECT_TRUE(output.inputs.target.empty()) << "there is no momentum network";
  EXPECT_NEAR(output.loss.item<double>(),
              barlowTwinsLoss(online[0], online[1], BarlowTwinsParams{}).loss.item<double>(),
              1e-6);
}

TEST(MomentumDistance, IsTheDifferenceOfAllWeightsOverTheirLength) {
  Learner learner = makeLearner(ObjectiveName::Byol);
  EXPECT_EQ(momentumDistance(learner.momentum, learner.network).item<double>(), 0);
  {
    const torch::NoGradGuard noGrad;
    for (const Tensor& parameter : learner.momentum->parameters()) {
      parameter.mul_(0.75).add_(0.01);
    }
  }
  EXPECT_NEAR(momentumDistance(learner.momentum, learner.network).item<double>(),
              distance(learner.momentum->parameters(), learner.network->parameters()),
              1e-12);
}

// The momentum network starts as the network's copy, sees views A and B, and learns nothing.
TEST(TrainingStep, AMomentumNetworkGivesTargetsWithoutAGradient) {
  for (const std::int64_t micro : {0, 4}) {
    Learner learner = makeLearner(ObjectiveName::Byol);
    ASSERT_TRUE(learner.momentum);
    TrainingStep step(learner, {.microBatchSize = micro});
    const TrainingStep::Output output = step.forward({images(1), images(2)}, kSamples, {});
    ASSERT_EQ(output.inputs.target.size(), 2u);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_TRUE(torch::equal(output.inputs.target[i], output.inputs.online[i]));
    }
    step.backward();
    for (const auto& [name, parameter] : learner.parameters()) {
      EXPECT_TRUE(parameter.grad().defined()) << name;
    }
    for (const Tensor& parameter : learner.momentum->parameters()) {
      EXPECT_FALSE(parameter.requires_grad() || parameter.grad().defined());
    }
    EXPECT_LT(distance(learner.momentum->buffers(), learner.network->buffers()), 1e-12)
        << "its statistics are of what it saw";
  }
}

TEST(TrainingStep, IsStrictAboutItsOrder) {
  Learner learner = makeLearner();
  TrainingStep step(learner, {.microBatchSize = 5});
  EXPECT_THROW(step.backward(), CheckFailure);
  EXPECT_THROW(step.forward({images(1), images(2)}, kSamples, {}), CheckFailure)
      << "5 does not divide 12";
}

TEST(TrainingStep, LearnsInBrainFloat) {
  Learner learner = makeLearner();
  learner.network->to(torch::kFloat32);
  TrainingStep step(learner, {.precision = torch::kBFloat16});
  // Not 8 pixels: oneDNN leaves garbage in bf16 gradients of kernel taps that only ever see
  // padding.
  const TrainingStep::Output output = step.forward(
      {images(1, 32).to(torch::kFloat32), images(2, 32).to(torch::kFloat32)}, kSamples, {});
  EXPECT_EQ(output.inputs.online[0].scalar_type(), torch::kFloat32);
  EXPECT_EQ(output.loss.scalar_type(), torch::kFloat32) << "the loss is never half precision";
  step.backward();
  for (const auto& [name, parameter] : learner.parameters()) {
    EXPECT_EQ(parameter.grad().scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::isfinite(parameter.grad()).all().item<bool>()) << name;
  }
}

}  // namespace
}  // namespace barlow
