#include "core/device/batch_source.h"

#include "core/base/error.h"
#include "tests/core/device/expected_views.h"
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

std::vector<DeviceBatch> allOf(BatchSource& source) {
  std::vector<DeviceBatch> batches;
  while (auto batch = source.next({})) {
    batch->views[0].pixels = batch->views[0].pixels.clone();
    batch->views[1].pixels = batch->views[1].pixels.clone();
    batches.push_back(std::move(*batch));
  }
  return batches;
}

std::shared_ptr<const ResidentImages> load(const Dataset& data,
                                           const ResidentImages::Limits& limits,
                                           std::string& whyNot) {
  return ResidentImages::load(data, torch::kCPU, limits, {}, whyNot);
}

void expectSame(const std::vector<DeviceBatch>& found, const std::vector<DeviceBatch>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].epoch, expected[i].epoch);
    EXPECT_EQ(found[i].batch, expected[i].batch);
    EXPECT_EQ(found[i].indices, expected[i].indices);
    EXPECT_EQ(found[i].problems, expected[i].problems);
    ASSERT_EQ(found[i].views.size(), expected[i].views.size());
    for (std::size_t view = 0; view < found[i].views.size(); ++view) {
      const DeviceViewSet& own = found[i].views[view];
      const DeviceViewSet& other = expected[i].views[view];
      EXPECT_EQ(own.plans, other.plans);
      EXPECT_TRUE(own.pixels.is_contiguous(torch::MemoryFormat::ChannelsLast));
      EXPECT_EQ(firstDifference(own.pixels, other.pixels, other.plans), "");
    }
  }
}

PrefetchLoader::Options loaderOptions(std::shared_ptr<const Dataset> data) {
  return {.dataset = std::move(data),
          .config = smallConfig(),
          .firstStep = 2,
          .lastStep = 8,
          .workers = 2};
}

TEST(BatchSource, ResidentImagesGiveTheBatchesOfTheLoader) {
  auto data = std::make_shared<Pictures>(40);
  data->broken = {0, 7, 8, 39};
  std::string whyNot;
  const auto images = load(*data, {.bytes = 1 << 24, .threads = 3}, whyNot);
  ASSERT_TRUE(images) << whyNot;
  const auto loader =
      makeLoaderSource(loaderOptions(data), torch::kCPU, torch::MemoryFormat::ChannelsLast);
  const auto expected = allOf(*loader);
  ASSERT_EQ(expected.size(), 6u);
  for (const bool makesAhead : {false, true}) {
    const auto resident = makeResidentSource({.images = images,
                                              .config = smallConfig(),
                                              .firstStep = 2,
                                              .lastStep = 8,
                                              .makesAhead = makesAhead});
    expectSame(allOf(*resident), expected);
    EXPECT_FALSE(resident->next({}));
  }
}

TEST(BatchSource, LevelsOfTheWorkersAreNormalisedToTheBitsOfTheLoader) {
  auto data = std::make_shared<Pictures>(40);
  data->broken = {0, 7};
  const auto format = torch::MemoryFormat::ChannelsLast;
  const auto levels = makeLevelsSource(loaderOptions(data), torch::kCPU, format);
  const auto loader = makeLoaderSource(loaderOptions(data), torch::kCPU, format);
  expectSame(allOf(*levels), allOf(*loader));
}

// However slow or fast whoever takes them is.
TEST(BatchSource, ASourceThatEndsEarlyStopsItsThreads) {
  const auto data = std::make_shared<Pictures>(40);
  std::string whyNot;
  const auto images = load(*data, {.bytes = 1 << 24}, whyNot);
  for (int taken = 0; taken < 4; ++taken) {
    for (const bool isResident : {true, false}) {
      auto options = loaderOptions(data);
      options.lastStep = 1000;
      const auto source =
          isResident ? makeResidentSource({.images = images,
                                           .config = smallConfig(),
                                           .lastStep = 1000,
                                           .makesAhead = taken % 2 == 0})
                     : makeLevelsSource(
                           std::move(options), torch::kCPU, torch::MemoryFormat::ChannelsLast);
      for (int i = 0; i < taken; ++i) {
        EXPECT_TRUE(source->next({}));
      }
    }
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
  std::vector<DeviceBatch> batches;
  std::vector<torch::Tensor> copies;
  while (auto batch = source->next({})) {
    copies.push_back(batch->views[0].pixels.clone());
    batches.push_back(std::move(*batch));
  }
  source.reset();
  ASSERT_EQ(batches.size(), 8u);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    EXPECT_TRUE(torch::equal(batches[i].views[0].pixels, copies[i])) << "batch " << i;
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

TEST(ResidentImages, DecodeNothingThatIsKnownNotToFit) {
  Pictures data(10);
  for (std::int64_t i = 0; i < 10; ++i) {
    const RgbImage image = *data.image(i);
    data.sizes[i] = {image.width, image.height};
  }
  data.decoded = 0;
  std::string whyNot;
  EXPECT_FALSE(load(data, {.bytes = 3000, .threads = 2}, whyNot));
  EXPECT_EQ(data.decoded, 0);
  EXPECT_TRUE(load(data, {.bytes = 1 << 24, .threads = 2}, whyNot)) << whyNot;
  EXPECT_EQ(data.decoded, 10);
}

TEST(ResidentImages, AreTheSameInPiecesOfAnySize) {
  Pictures data(30);
  data.broken = {3, 4, 29};
  data.sizes[5] = {33, 44};  // which it is not
  data.sizes[4] = {50, 50};  // a header that is read, and pixels that are not
  std::string whyNot;
  for (const std::uint64_t bytes : {1u, 30000u, 1u << 28}) {
    const auto images =
        load(data, {.bytes = 1 << 24, .side = 79, .threads = 3, .pieceBytes = bytes}, whyNot);
    ASSERT_TRUE(images) << whyNot;
    for (std::int64_t i = 0; i < 30; ++i) {
      const ResidentImages::Place& place = images->place(i);
      if (i == 3 || i == 4 || i == 5 || i == 29) {
        EXPECT_EQ(place.width, 0) << i;
        continue;
      }
      const RgbImage image = *data.image(i);
      ASSERT_EQ(place.width, image.width);
      ASSERT_EQ(place.height, image.height);
      const auto* first = images->pixels().const_data_ptr<std::uint8_t>() + 3 * place.first;
      EXPECT_TRUE(std::equal(image.pixels.begin(), image.pixels.end(), first)) << i;
    }
    std::vector<SampleProblem> problems;
    EXPECT_EQ(images->readable(3, problems), 6);
    ASSERT_EQ(problems.size(), 3u);
    EXPECT_NE(problems[2].reason.find("and not 33 x 44"), std::string::npos) << problems[2].reason;
  }
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
