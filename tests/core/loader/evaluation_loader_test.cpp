#include "core/loader/evaluation_loader.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <stdexcept>

namespace barlow {
namespace {

// One pixel pictures of their index; some cannot be read, one may throw.
class Numbered final : public Dataset {
 public:
  std::int64_t size() const override { return 100; }
  Result<RgbImage> image(std::int64_t index) const override {
    if (index == throwing) {
      throw std::runtime_error("planned");
    }
    if (broken.contains(index)) {
      return ErrorInfo{"it is broken", ""};
    }
    RgbImage image(1, 1);
    image.pixels.assign(3, static_cast<std::uint8_t>(index));
    return image;
  }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return "image " + std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return names_; }

  std::set<std::int64_t> broken;
  std::int64_t throwing = -1;

 private:
  std::vector<std::string> names_;
};

EvaluationLoader::Options optionsFor(const Numbered& images, int workers) {
  EvaluationLoader::Options options{.dataset = &images,
                                    .side = 1,
                                    .views = 2,
                                    .makeView =
                                        [](const RgbImage& image, std::int64_t, int view) {
                                          RgbImage made = image;
                                          made.pixels[2] = static_cast<std::uint8_t>(view);
                                          return made;
                                        },
                                    .batchSize = 16,
                                    .workers = workers};
  options.indices.resize(100);
  std::iota(options.indices.rbegin(), options.indices.rend(), 0);  // backwards
  return options;
}

TEST(EvaluationLoader, GivesEveryImageOnceInItsOrderForAnyNumberOfThreads) {
  Numbered images;
  images.broken = {0, 50, 51, 99};
  for (const int workers : {1, 2, 5}) {
    EvaluationLoader loader(optionsFor(images, workers));
    std::vector<std::int64_t> seen;
    std::vector<std::string> problems;
    while (const auto batch = loader.next({})) {
      EXPECT_LE(batch->indices.size(), 16u);
      ASSERT_EQ(batch->levels.size(), batch->indices.size() * 2 * 3);
      for (std::size_t i = 0; i < batch->indices.size(); ++i) {
        EXPECT_EQ(batch->levels[i * 6], batch->indices[i]) << "closed up";
        EXPECT_EQ(batch->levels[i * 6 + 2], 0);
        EXPECT_EQ(batch->levels[i * 6 + 5], 1) << "the second view";
      }
      seen.insert(seen.end(), batch->indices.begin(), batch->indices.end());
      for (const SampleProblem& problem : batch->problems) {
        problems.push_back(problem.path);
      }
    }
    std::vector<std::int64_t> expected;
    for (std::int64_t i = 99; i >= 0; --i) {
      if (!images.broken.contains(i)) {
        expected.push_back(i);
      }
    }
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(problems, (std::vector<std::string>{"image 99", "image 51", "image 50", "image 0"}));
    EXPECT_FALSE(loader.next({})) << "it stays at its end";
  }
}

TEST(EvaluationLoader, RethrowsWhatAWorkerThrew) {
  Numbered images;
  images.throwing = 40;
  EvaluationLoader loader(optionsFor(images, 2));
  EXPECT_THROW(
      {
        while (loader.next({})) {
        }
      },
      std::runtime_error);
}

TEST(EvaluationLoader, EndsAtAStopAndWhenItIsDestroyed) {
  const Numbered images;
  EvaluationLoader loader(optionsFor(images, 3));
  std::stop_source stop;
  EXPECT_TRUE(loader.next(stop.get_token()));
  stop.request_stop();
  EXPECT_FALSE(loader.next(stop.get_token()));
}

}  // namespace
}  // namespace barlow
