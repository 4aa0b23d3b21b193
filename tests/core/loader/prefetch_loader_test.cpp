#include "core/loader/prefetch_loader.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace barlow {
namespace {

// Small pictures made of their index; some cannot be read, one may throw.
class NumberedImages final : public Dataset {
 public:
  explicit NumberedImages(std::int64_t size) : size_(size) {}
  std::int64_t size() const override { return size_; }
  Result<RgbImage> image(std::int64_t index) const override {
    if (index == throwing) {
      throw std::runtime_error("planned");
    }
    if (broken.contains(index)) {
      return ErrorInfo{"it is broken", ""};
    }
    RgbImage image(10, 8);
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<std::uint8_t>(index * 7 + static_cast<std::int64_t>(i));
    }
    return image;
  }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return "image " + std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return names_; }

  std::set<std::int64_t> broken;
  std::int64_t throwing = -1;

 private:
  std::int64_t size_;
  std::vector<std::string> names_;
};

RunConfig smallConfig() {
  RunConfig config;
  config.data.imageSize = 8;
  config.run.batchSize = 40;
  config.run.seed = 3;
  return config;
}

std::vector<ViewBatch> allBatches(std::shared_ptr<const Dataset> data,
                                  int workers,
                                  std::int64_t first,
                                  std::int64_t last) {
  PrefetchLoader loader({.dataset = std::move(data),
                         .config = smallConfig(),
                         .firstStep = first,
                         .lastStep = last,
                         .workers = workers});
  std::vector<ViewBatch> batches;
  while (auto batch = loader.next({})) {
    batches.push_back(*batch);
    loader.recycle(std::move(*batch));
  }
  return batches;
}

void expectSame(const ViewBatch& a, const ViewBatch& b) {
  EXPECT_EQ(a.epoch, b.epoch);
  EXPECT_EQ(a.batch, b.batch);
  EXPECT_EQ(a.indices, b.indices);
  ASSERT_EQ(a.views.size(), b.views.size());
  for (std::size_t view = 0; view < a.views.size(); ++view) {
    EXPECT_EQ(a.views[view].pixels, b.views[view].pixels);
    EXPECT_EQ(a.views[view].plans, b.views[view].plans);
  }
  EXPECT_EQ(a.problems, b.problems);
}

TEST(EpochOrder, IsAPermutationOfItsOwnForEveryEpoch) {
  auto order = epochOrder(1000, 1, 0);
  EXPECT_EQ(order, epochOrder(1000, 1, 0));
  EXPECT_NE(order, epochOrder(1000, 1, 1));
  EXPECT_NE(order, epochOrder(1000, 2, 0));
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) {
    ASSERT_EQ(order[i], static_cast<std::int64_t>(i));
  }
}

TEST(PrefetchLoader, GivesTheSameBatchesForAnyNumberOfWorkers) {
  auto data = std::make_shared<NumberedImages>(130);  // three batches and a ragged rest
  data->broken = {5, 6, 77};
  const auto one = allBatches(data, 1, 0, 7);
  ASSERT_EQ(one.size(), 7u);
  EXPECT_EQ(one[3].epoch, 1);
  for (const int workers : {2, 5}) {
    const auto many = allBatches(data, workers, 0, 7);
    ASSERT_EQ(many.size(), one.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      expectSame(one[i], many[i]);
    }
  }
}

TEST(PrefetchLoader, StartsAnywhereInTheSequence) {
  auto data = std::make_shared<NumberedImages>(130);
  const auto whole = allBatches(data, 2, 0, 8);
  const auto tail = allBatches(data, 2, 4, 8);
  ASSERT_EQ(tail.size(), 4u);
  for (std::size_t i = 0; i < tail.size(); ++i) {
    expectSame(whole[i + 4], tail[i]);
  }
}

TEST(PrefetchLoader, AnEpochShowsEveryImageOnceAndTheTwoViewsDiffer) {
  const auto batches = allBatches(std::make_shared<NumberedImages>(120), 2, 0, 3);
  std::set<std::int64_t> seen;
  for (const auto& batch : batches) {
    seen.insert(batch.indices.begin(), batch.indices.end());
    EXPECT_NE(batch.views[0].pixels, batch.views[1].pixels);
  }
  EXPECT_EQ(seen.size(), 120u);
}

TEST(PrefetchLoader, ReplacesAndReportsWhatCannotBeRead) {
  auto data = std::make_shared<NumberedImages>(40);
  data->broken = {5, 6};
  const auto batches = allBatches(data, 2, 0, 1);
  EXPECT_EQ(std::count(batches[0].indices.begin(), batches[0].indices.end(), 7), 3);
  EXPECT_EQ(batches[0].problems.size(), 3u);  // 5, then 6 on its behalf, and 6
  EXPECT_EQ(batches[0].problems[0].reason, "it is broken");
}

TEST(PrefetchLoader, SaysWhenNothingCanBeReadAndPassesOnWhatAWorkerThrew) {
  auto data = std::make_shared<NumberedImages>(40);
  for (std::int64_t i = 0; i < 40; ++i) {
    data->broken.insert(i);
  }
  EXPECT_THROW(allBatches(data, 2, 0, 1), Exception);
  auto throwing = std::make_shared<NumberedImages>(40);
  throwing->throwing = 11;
  EXPECT_THROW(allBatches(throwing, 3, 0, 1), std::runtime_error);
}

TEST(PrefetchLoader, LeavesLevelsInTheMemoryItIsGiven) {
  auto data = std::make_shared<NumberedImages>(130);
  data->broken = {5, 6, 77};
  const auto floats = allBatches(data, 2, 0, 7);
  RunConfig config = smallConfig();
  std::vector<std::vector<std::uint8_t>> memory(2, std::vector<std::uint8_t>(2 * 40 * 8 * 8 * 3));
  PrefetchLoader loader({.dataset = data,
                         .config = config,
                         .lastStep = 7,
                         .workers = 2,
                         .batchesAhead = 3,
                         .levelBuffers = {memory[0], memory[1]}});
  for (const ViewBatch& expected : floats) {
    auto batch = loader.next({});
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->indices, expected.indices);
    EXPECT_EQ(batch->problems, expected.problems);
    EXPECT_TRUE(batch->views[0].pixels.empty());
    const std::vector<float>& a = expected.views[0].pixels;
    const std::vector<float>& b = expected.views[1].pixels;
    ASSERT_EQ(batch->levels.size(), a.size() + b.size());
    EXPECT_TRUE(batch->levels.data() == memory[0].data() ||
                batch->levels.data() == memory[1].data());
    for (std::size_t i = 0; i < a.size(); i += 37) {
      const auto normal = [&](std::uint8_t level) {
        return (static_cast<float>(level) / 255.0f - static_cast<float>(config.data.mean[i % 3])) /
               static_cast<float>(config.data.std[i % 3]);
      };
      ASSERT_EQ(normal(batch->levels[i]), a[i]);
      ASSERT_EQ(normal(batch->levels[a.size() + i]), b[i]);
    }
    loader.recycle(std::move(*batch));
  }
  EXPECT_FALSE(loader.next({}));
}

TEST(PrefetchLoader, StopsAtAnyMoment) {
  auto data = std::make_shared<NumberedImages>(400);
  for (int taken = 0; taken < 6; ++taken) {
    PrefetchLoader loader(
        {.dataset = data, .config = smallConfig(), .lastStep = 1000, .workers = 3});
    for (int i = 0; i < taken; ++i) {
      ASSERT_TRUE(loader.next({}));
    }
  }
  PrefetchLoader loader({.dataset = data, .config = smallConfig(), .lastStep = 1000, .workers = 1});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(loader.next(stop.get_token()));
}

// Multi-crop: as floats and as levels, and views A and B are what they are without it.
TEST(PrefetchLoader, MakesSmallCropsBesideTheTwoViews) {
  auto data = std::make_shared<NumberedImages>(130);
  const auto pairs = allBatches(data, 2, 0, 1);
  RunConfig config = smallConfig();
  config.augment.smallCrops = 2;
  config.augment.smallCropSize = 4;
  PrefetchLoader floats({.dataset = data, .config = config, .lastStep = 1, .workers = 2});
  const auto batch = floats.next({});
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->views.size(), 4u);
  for (std::size_t view = 0; view < 2; ++view) {
    EXPECT_EQ(batch->views[view].pixels, pairs[0].views[view].pixels);
  }
  std::size_t numbers = 0;
  for (const ViewSet& view : batch->views) {
    EXPECT_EQ(view.pixels.size(), 40 * viewNumbers(view.side));
    numbers += view.pixels.size();
  }
  EXPECT_EQ(batch->views[3].side, 4);
  EXPECT_NE(batch->views[2].pixels, batch->views[3].pixels);
  for (const ViewPlan& plan : batch->views[2].plans) {
    EXPECT_LE(plan.crop.width * plan.crop.height, 64 * 14 / 100 + 4) << "a small part of 8 x 8";
  }

  std::vector<std::uint8_t> memory(numbers);
  PrefetchLoader levels(
      {.dataset = data, .config = config, .lastStep = 1, .workers = 2, .levelBuffers = {memory}});
  const auto bytes = levels.next({});
  ASSERT_TRUE(bytes);
  ASSERT_EQ(bytes->levels.size(), numbers);
  std::size_t at = 0;
  for (const ViewSet& view : batch->views) {
    for (std::size_t i = 0; i < view.pixels.size(); ++i, ++at) {
      const float normal = (static_cast<float>(bytes->levels[at]) / 255.0f -
                            static_cast<float>(config.data.mean[i % 3])) /
                           static_cast<float>(config.data.std[i % 3]);
      ASSERT_EQ(normal, view.pixels[i]);
    }
  }
}

}  // namespace
}  // namespace barlow
