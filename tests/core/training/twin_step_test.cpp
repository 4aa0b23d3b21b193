#include "core/training/twin_step.h"

#include "core/base/check.h"

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

// In double: what differs then differs by method, not by rounding.
TwinNetwork makeNetwork() {
  ModelParams params;
  params.backbone = Backbone::Tiny;
  params.width = 4;
  params.projector = {16, 10};
  TwinNetwork network(params);
  initializeWeights(network, 3);
  network->to(torch::kFloat64);
  network->train();
  return network;
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

std::vector<Tensor> gradients(TwinNetwork& network) {
  std::vector<Tensor> all;
  for (const Tensor& parameter : network->parameters()) {
    all.push_back(parameter.grad().clone());
  }
  return all;
}

std::vector<Tensor> gradientsOf(TwinNetwork& network, std::int64_t microBatchSize) {
  TwinStep step(network, {.objective = {}, .microBatchSize = microBatchSize});
  step.forward(images(1), images(2));
  step.backward();
  return gradients(network);
}

TEST(TwinStep, MicroBatchOfTheWholeBatchChangesNothing) {
  TwinNetwork plain = makeNetwork();
  TwinNetwork micro = makeNetwork();
  EXPECT_LT(distance(gradientsOf(micro, kBatch), gradientsOf(plain, 0)), kRounding);
  EXPECT_LT(distance(micro->buffers(), plain->buffers()), 1e-12)
      << "statistics are counted once, not once for each pass";
}

// What two passes must equal: one graph over all micro-batches and the loss of the whole batch.
TEST(TwinStep, TwoPassesEqualOneGraphOverAllMicroBatches) {
  TwinNetwork whole = makeNetwork();
  std::vector<Tensor> embeddings;
  for (const Tensor& view : {images(1), images(2)}) {
    std::vector<Tensor> parts;
    for (const Tensor& part : view.chunk(3)) {
      parts.push_back(whole->forward(part));
    }
    embeddings.push_back(torch::cat(parts));
  }
  barlowTwinsLoss(embeddings[0], embeddings[1], BarlowTwinsParams{}).loss.backward();

  TwinNetwork micro = makeNetwork();
  EXPECT_LT(distance(gradientsOf(micro, kBatch / 3), gradients(whole)), kRounding);
  EXPECT_LT(distance(micro->buffers(), whole->buffers()), 1e-12);
}

TEST(TwinStep, GivesTheLossOfTheWholeBatch) {
  TwinNetwork network = makeNetwork();
  TwinStep step(network, {.objective = {}, .microBatchSize = 4});
  const TwinStep::Output output = step.forward(images(1), images(2));
  EXPECT_EQ(output.zA.sizes(), (std::vector<std::int64_t>{kBatch, 10}));
  EXPECT_FALSE(output.zA.requires_grad() || output.terms.loss.requires_grad());
  EXPECT_NEAR(output.terms.loss.item<double>(),
              barlowTwinsLoss(output.zA, output.zB, BarlowTwinsParams{}).loss.item<double>(),
              1e-6);
}

TEST(TwinStep, IsStrictAboutItsOrder) {
  TwinNetwork network = makeNetwork();
  TwinStep step(network, {.objective = {}, .microBatchSize = 5});
  EXPECT_THROW(step.backward(), CheckFailure);
  EXPECT_THROW(step.forward(images(1), images(2)), CheckFailure) << "5 does not divide 12";
}

TEST(TwinStep, LearnsInBrainFloat) {
  TwinNetwork network = makeNetwork();
  network->to(torch::kFloat32);
  TwinStep step(network, {.objective = {}, .precision = torch::kBFloat16});
  // Not 8 pixels: oneDNN leaves garbage in bf16 gradients of kernel taps that only ever see
  // padding.
  const TwinStep::Output output =
      step.forward(images(1, 32).to(torch::kFloat32), images(2, 32).to(torch::kFloat32));
  EXPECT_EQ(output.zA.scalar_type(), torch::kFloat32);
  EXPECT_EQ(output.terms.loss.scalar_type(), torch::kFloat32) << "the loss is never half precision";
  step.backward();
  for (const auto& [name, parameter] : network->namedParameters()) {
    EXPECT_EQ(parameter.grad().scalar_type(), torch::kFloat32);
    EXPECT_TRUE(torch::isfinite(parameter.grad()).all().item<bool>()) << name;
  }
}

}  // namespace
}  // namespace barlow
