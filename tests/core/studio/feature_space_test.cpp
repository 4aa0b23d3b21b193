#include "core/studio/feature_space.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/report/published_rows.h"
#include "core/studio/feature_map.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

// Rows around the axis of their class: the bank first, then queries.
FeatureSpace spaceOf(std::int64_t bank, std::int64_t queries, int classes) {
  FeatureSpace space;
  Rng rng(1);
  space.bank = bank;
  space.features = classes;
  for (std::int64_t i = 0; i < bank + queries; ++i) {
    const int label = static_cast<int>(i % classes);
    space.samples.push_back(i);
    space.labels.push_back(label);
    for (int j = 0; j < classes; ++j) {
      space.values.push_back(static_cast<float>((j == label ? 3 : 0) + rng.uniform(-0.5, 0.5)));
    }
  }
  for (int i = 0; i < classes; ++i) {
    space.classes.push_back("class " + std::to_string(i));
  }
  space.data.split = "test";
  space.data.queries = queries;
  return space;
}

TEST(NearestInBank, IsTheMostSimilarByCosineAndNeverItself) {
  FeatureSpace space;
  space.bank = 4;
  space.features = 2;
  space.samples = {0, 1, 2, 3, 4};
  space.labels = {0, 0, 1, 1, 0};
  space.values = {1, 0, 2, 0.1F, 0, 3, -1, 0, 10, 0};
  const auto near = nearestInBank(space, space.row(4), 3);
  ASSERT_EQ(near.size(), 3U);
  EXPECT_EQ(near[0], (NearRow{0, 1}));
  EXPECT_EQ(near[1].row, 1);
  EXPECT_EQ(near[2].row, 2);
  EXPECT_EQ(nearestInBank(space, space.row(0), 9, 0).front().row, 1);
  EXPECT_EQ(nearestInBank(space, space.row(0), 9, 0).size(), 3U) << "no more than there are";
  EXPECT_TRUE(nearestInBank(space, space.row(0), 0).empty());
}

TEST(PredictionsOf, AreTheVotesOfTheReportsOwnProtocol) {
  const FeatureSpace space = spaceOf(60, 15, 3);
  StoredEvaluation evaluation;
  evaluation.report.protocol = KnnProtocol{.k = 5, .temperature = 0.1};
  evaluation.report.data = space.data;
  const auto guesses = predictionsOf(space, evaluation);
  ASSERT_TRUE(guesses);
  ASSERT_EQ(guesses->size(), 15U);
  for (std::size_t i = 0; i < guesses->size(); ++i) {
    EXPECT_EQ((*guesses)[i], space.labels[60 + i]);
  }
}

TEST(PredictionsOf, AreUnknownForOtherImagesAndTunedNetworks) {
  const FeatureSpace space = spaceOf(60, 15, 3);
  StoredEvaluation evaluation;
  evaluation.report.protocol = KnnProtocol{.k = 5, .temperature = 0.1};
  evaluation.report.data = space.data;
  evaluation.report.data.queries = 14;
  EXPECT_FALSE(predictionsOf(space, evaluation));
  evaluation.report.data = space.data;
  evaluation.report.protocol = FineTuneProtocol{};
  EXPECT_FALSE(predictionsOf(space, evaluation));
}

TEST(MapOf, HoldsTheImagesAskedForWithWhatTheirNeighboursSay) {
  const FeatureSpace space = spaceOf(90, 30, 3);
  const auto held = mapOf(space, {.k = 5});
  ASSERT_TRUE(held);
  ASSERT_EQ(held->size(), 30);
  EXPECT_EQ(held->places.size(), 60U);
  EXPECT_EQ(held->samples.front(), 90);
  EXPECT_EQ(held->predictions, held->labels);
  EXPECT_GT(held->explained, 0.8);
  for (const float density : held->density) {
    EXPECT_GT(density, 0.8F);
    EXPECT_LE(density, 1.0001F);
  }
  const auto some = mapOf(space, {.images = MapImages::Both, .most = 50, .k = 5});
  EXPECT_EQ(some->size(), 50);
  EXPECT_EQ(some->samples, mapOf(space, {.images = MapImages::Both, .most = 50})->samples)
      << "the same draw";
  EXPECT_EQ(some->predictions, some->labels) << "a training image does not vote on itself";
}

TEST(MapOf, ShowsWhatItHasWhileItWorks) {
  const FeatureSpace space = spaceOf(60, 20, 2);
  int seen = 0;
  const auto map = mapOf(space, {.method = MapMethod::Tsne}, {}, [&](const FeatureMap& now) {
    EXPECT_EQ(now.size(), 20);
    EXPECT_EQ(now.places.size(), 40U);
    ++seen;
  });
  ASSERT_TRUE(map);
  EXPECT_GT(seen, 3);
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(mapOf(space, {.method = MapMethod::Tsne}, {.stop = stopped.get_token()}));
}

TEST(MapOf, SaysWhereNothingIsHeldOut) {
  const FeatureSpace space = spaceOf(10, 0, 2);
  EXPECT_THROW((void)mapOf(space, {}), Exception);
  EXPECT_EQ(mapOf(space, {.images = MapImages::Training})->size(), 10);
  FeatureSpace plain = spaceOf(10, 4, 2);
  plain.classes.clear();
  std::fill(plain.labels.begin(), plain.labels.end(), -1);
  EXPECT_EQ(mapOf(plain, {})->predictions, std::vector<int>(4, -1));
}

TEST(FeatureSpaceTest, SaysWhatIsNoRunAndNoPicture) {
  const TempDir dir;
  EXPECT_THROW((void)openFeatureSpace({.model = dir / "none"}), Exception);
  std::ofstream(dir / "notes.txt") << "text";
  EXPECT_THROW((void)featuresOfFile({.model = dir.path()}, dir / "notes.txt"), Exception);
}

TEST(PublishedRows, AreFoundByTheirData) {
  const auto knn = publishedFor("cifar10:/data/x", "knn");
  EXPECT_EQ(knn.size(), 28U) << "lightly's three of six methods and the ten of HSIC's curve";
  for (const PublishedRow& row : publishedRows()) {
    EXPECT_GT(row.top1, 0.4);
    EXPECT_LT(row.top1, 1);
    EXPECT_TRUE(row.difference.ends_with('.')) << row.source;
  }
  const auto imagenette = publishedFor("/sets/imagenette2-160/", "knn");
  EXPECT_EQ(imagenette.size(), 14U) << "seven methods, after 200 and 800 epochs";
  EXPECT_EQ(imagenette.front().method, kBarlowTwins);
  EXPECT_EQ(imagenette.at(1).method, "BYOL");
  EXPECT_EQ(imagenette.at(1).epoch, 200);
  EXPECT_EQ(publishedFor("/sets/imagenet100", "").size(), 13U) << "not ImageNet's";
  EXPECT_TRUE(publishedFor("shapes", "knn").empty());
  EXPECT_TRUE(publishedFor("", "").empty());
}

}  // namespace
}  // namespace barlow
