#include "core/device/batch_source.h"

#include "core/base/error.h"
#include "tests/core/device/pictures.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

RunConfig smallConfig() {
  RunConfig config;
  config.data.imageSize = 24;
  config.run.batchSize = 12;
  config.run.seed = 3;
  return config;
}

std::vector<TwinBatch> allOf(BatchSource& source) {
  std::vector<TwinBatch> batches;
  while (auto batch = source.next({})) {
    batch->viewA = batch->viewA.clone();
    batch->viewB = batch->viewB.clone();
    batches.push_back(std::move(*batch));
  }
  return batches;
}

std::shared_ptr<const ResidentImages> load(const Dataset& data,
                                           const ResidentImages::Limits& limits,
                                           std::string& whyNot) {
  return ResidentImages::load(data, torch::kCPU, limits, {}, whyNot);
}

TEST(BatchSource, ResidentImagesGiveTheBatchesOfTheLoader) {
  auto data = std::make_shared<Pictures>(40);
  data->broken = {0, 7, 8, 39};
  std::string whyNot;
  const auto images = load(*data, {.bytes = 1 << 24, .threads = 3}, whyNot);
  ASSERT_TRUE(images) << whyNot;
  const auto resident = makeResidentSource(
      {.images = images, .config = smallConfig(), .firstStep = 2, .lastStep = 8});
  const auto loader = makeLoaderSource(
      {.dataset = data, .config = smallConfig(), .firstStep = 2, .lastStep = 8, .workers = 2},
      torch::kCPU,
      torch::MemoryFormat::ChannelsLast);
  const auto found = allOf(*resident);
  const auto expected = allOf(*loader);
  ASSERT_EQ(found.size(), 6u);
  ASSERT_EQ(expected.size(), 6u);
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].epoch, expected[i].epoch);
    EXPECT_EQ(found[i].batch, expected[i].batch);
    EXPECT_EQ(found[i].indices, expected[i].indices);
    EXPECT_EQ(found[i].plansA, expected[i].plansA);
    EXPECT_EQ(found[i].plansB, expected[i].plansB);
    EXPECT_EQ(found[i].problems, expected[i].problems);
    EXPECT_TRUE(found[i].viewA.is_contiguous(torch::MemoryFormat::ChannelsLast));
    EXPECT_EQ(found[i].viewA.sizes(), expected[i].viewA.sizes());
    EXPECT_TRUE(torch::equal(found[i].viewA, expected[i].viewA));
    EXPECT_TRUE(torch::equal(found[i].viewB, expected[i].viewB));
  }
}

// A run draws its last views after its loader has ended.
TEST(BatchSource, ABatchOutlivesTheNextOnesAndItsSource) {
  RunConfig config = smallConfig();
  config.data.imageSize = 160;  // the allocator gives memory of this size back to the system
  auto source = makeLoaderSource(
      {.dataset = std::make_shared<Pictures>(40), .config = config, .firstStep = 0, .lastStep = 8},
      torch::kCPU,
      torch::MemoryFormat::ChannelsLast);
  std::vector<TwinBatch> batches;
  std::vector<torch::Tensor> copies;
  while (auto batch = source->next({})) {
    copies.push_back(batch->viewA.clone());
    batches.push_back(std::move(*batch));
  }
  source.reset();
  ASSERT_EQ(batches.size(), 8u);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    EXPECT_TRUE(torch::equal(batches[i].viewA, copies[i])) << "batch " << i;
  }
}

TEST(BatchSource, EndsWhenAskedToStop) {
  const Pictures data(40);
  std::string whyNot;
  const auto source = makeResidentSource({.images = load(data, {.bytes = 1 << 24}, whyNot),
                                          .config = smallConfig(),
                                          .firstStep = 0,
                                          .lastStep = 8});
  std::stop_source stop;
  EXPECT_TRUE(source->next(stop.get_token()));
  stop.request_stop();
  EXPECT_FALSE(source->next(stop.get_token()));
}

TEST(ResidentImages, SayWhatDoesNotFit) {
  const Pictures data(10);
  std::string whyNot;
  EXPECT_FALSE(load(data, {.bytes = 3000, .threads = 2}, whyNot));
  EXPECT_NE(whyNot.find("3 KiB"), std::string::npos) << whyNot;
  EXPECT_FALSE(load(data, {.bytes = 1 << 24, .side = 10}, whyNot));
  EXPECT_NE(whyNot.find("more than 10 on a side"), std::string::npos) << whyNot;
}

TEST(ResidentImages, RefuseADataSetThatCannotBeRead) {
  Pictures data(3);
  data.broken = {0, 1, 2};
  std::string whyNot;
  EXPECT_THROW(load(data, {.bytes = 1 << 24}, whyNot), Exception);
}

TEST(ResidentImages, GiveUpWhenStopped) {
  std::stop_source stop;
  stop.request_stop();
  std::string whyNot;
  EXPECT_FALSE(ResidentImages::load(
      Pictures(10), torch::kCPU, {.bytes = 1 << 24}, stop.get_token(), whyNot));
  EXPECT_TRUE(whyNot.empty());
}

}  // namespace
}  // namespace barlow
