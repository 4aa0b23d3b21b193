#include "core/objectives/deepcluster_loss.h"
#include "core/objectives/embedding_rows.h"
#include "core/objectives/kmeans.h"
#include "core/objectives/sinkhorn.h"
#include "tests/core/objectives/golden_views.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gmock/gmock.h>

#include <cmath>

namespace barlow {
namespace {

using testing::ElementsAre;
using torch::Tensor;

std::vector<std::int64_t> listOf(const Tensor& numbers) {
  const Tensor flat = numbers.contiguous();
  return {flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel()};
}

Tensor goldenScores(const Tensor& z) {
  return ofLengthOne(z).mm(ofLengthOne(goldenPrototypes()).t());
}

TEST(Sinkhorn, HasThePublishedValues) {
  const Tensor q = sinkhornAssignments(goldenScores(goldenA()), 6, 0.05, 3);
  EXPECT_NEAR(q[0][0].item<double>(), .008770007673, 1e-12);
  EXPECT_NEAR(q[0][1].item<double>(), .272254546098, 1e-12);
  EXPECT_NEAR(q[0][2].item<double>(), .272246388091, 1e-12);
  EXPECT_LT(largestDifference(q.sum(1), torch::ones(6)), 1e-12);
}

TEST(Sinkhorn, EqualsTheRoundsOnTheWholeMatrix) {
  const Tensor scores = torch::cat({goldenScores(goldenA()), goldenScores(goldenB())});
  Tensor q = (scores / 0.07).exp();
  for (int i = 0; i < 5; ++i) {
    q = q / q.sum(0, true);
    q = q / q.sum(1, true);
  }
  EXPECT_LT(largestDifference(sinkhornAssignments(scores.clone(), 12, 0.07, 5), q), 1e-12);
  EXPECT_LT(largestDifference(sinkhornAssignments(scores.clone(), 4, 0.07, 5), q.slice(0, 0, 4)),
            1e-12);
  EXPECT_LT(largestDifference(sinkhornAssignments(scores + 3, 12, 0.07, 5), q), 1e-12)
      << "a constant beside all scores changes nothing";
}

TEST(Sinkhorn, SpreadsOverAllPrototypes) {
  const Tensor q = sinkhornAssignments(goldenScores(goldenA()), 6, 0.5, 500);
  EXPECT_LT(largestDifference(q.sum(0), torch::full({7}, 6.0 / 7, torch::kFloat64)), 1e-9);
}

TEST(Sinkhorn, StaysFiniteWhereExponentialsUnderflow) {
  const Tensor scores = goldenScores(goldenA()).to(torch::kFloat32);
  const Tensor q = sinkhornAssignments(scores, 6, 0.001, 3);
  EXPECT_TRUE(q.isfinite().all().item<bool>());
  EXPECT_LT(largestDifference(q.sum(1), torch::ones(6)), 1e-4);
}

SwavParams swavParams() { return {.temperature = 0.1, .epsilon = 0.05, .sinkhornIterations = 3}; }

LossOfViews swav(std::vector<Tensor> others, std::vector<Tensor> queues) {
  return [=](const Tensor& a, const Tensor& b) {
    std::vector<Tensor> views = {a, b};
    views.insert(views.end(), others.begin(), others.end());
    return swavLoss(views, ofLengthOne(goldenPrototypes()), queues, swavParams()).loss;
  };
}

TEST(SwavLoss, HasThePublishedValues) {
  expectGolden(swav({}, {}), 5.417986926482, {.049894589154, .222884884511, .291926813012});
  expectGolden(
      swav({goldenSmall()}, {}), 6.985245520666, {.024947294577, .111442442255, .145963406506});
  expectGolden(swav({}, {goldenQueueA(), goldenQueueB()}),
               6.518287209084,
               {.059855820398, .241817256321, .326278923919});
}

TEST(SwavLoss, HasThePublishedGradientOfPrototypes) {
  const auto gradientOf = [](const Tensor& prototypes, bool isUnit) {
    const Tensor w = prototypes.clone().requires_grad_();
    swavLoss({goldenA(), goldenB()}, isUnit ? w * 1 : unitRows(w), {}, swavParams())
        .loss.backward();
    return w.grad();
  };
  const Tensor ofDirections = gradientOf(goldenPrototypes(), false);
  EXPECT_NEAR(ofDirections[0][0].item<double>(), -.846661509943, 1e-11);
  EXPECT_NEAR(ofDirections[0][1].item<double>(), -.141104077545, 1e-11);
  EXPECT_NEAR(ofDirections[0][2].item<double>(), .650361155830, 1e-11);
  EXPECT_LT((ofDirections * goldenPrototypes()).sum(1).abs().max().item<double>(), 1e-12)
      << "it does not change their lengths";
  const Tensor plain = gradientOf(ofLengthOne(goldenPrototypes()), true);
  EXPECT_NEAR(plain[0][0].item<double>(), -1.215911468275, 1e-11);
  EXPECT_NEAR(plain[0][1].item<double>(), -.006377593355, 1e-11);
  EXPECT_NEAR(plain[0][2].item<double>(), 1.175438627687, 1e-11);
}

TEST(SwavLoss, SeesDirectionsOnlyAndNoOrder) {
  expectNoLengths(swav({}, {}));
  expectNoOrder(swav({goldenSmall().slice(0, 0, 1).expand({6, 5})}, {}));
}

TEST(SwavLoss, TellsHowManyPrototypesAreInUse) {
  const Tensor apart = torch::eye(5, torch::kFloat64);
  const SwavTerms all = swavLoss({apart, apart}, apart, {}, swavParams());
  EXPECT_NEAR(all.share.item<double>(), 1, 1e-12);
  EXPECT_NEAR(all.perplexity.item<double>(), 5, 1e-12);
  const Tensor equal = torch::ones({5, 5}, torch::kFloat64) + apart[0];
  const SwavTerms one = swavLoss({equal, equal}, apart, {}, swavParams());
  EXPECT_NEAR(one.share.item<double>(), 0.2, 1e-12);
  EXPECT_NEAR(one.perplexity.item<double>(), 1, 1e-12);
}

std::vector<Tensor> goldenHeads() {
  std::vector<Tensor> heads;
  for (int head = 0; head < 3; ++head) {
    heads.push_back(ofLengthOne(grid(sine, .5 + head, .4, .9, 7)));
  }
  return heads;
}
Tensor goldenClusters() {
  return torch::stack({torch::arange(6), torch::arange(6) * 2, torch::arange(6) * 3}).remainder(7);
}
LossOfViews deepCluster(const Tensor& targets) {
  return [=](const Tensor& a, const Tensor& b) {
    return deepClusterLoss({a, b}, goldenHeads(), targets, 0.1);
  };
}

TEST(DeepClusterLoss, HasThePublishedValues) {
  expectGolden(deepCluster(goldenClusters()),
               7.318583286246,
               {-.006365320588, -.143850384927, -.145273499929});
  Tensor some = goldenClusters();
  some.select(1, 5).fill_(-1);
  expectGolden(deepCluster(some), 6.720930867705, {-.007638384706, -.172620461913, -.174328199915});
}

TEST(DeepClusterLoss, IsZeroWithoutClustersAndSaysSoOfNothingElse) {
  const Tensor none = torch::full({3, 6}, -1, torch::kInt64);
  expectGolden(deepCluster(none), 0, {0, 0, 0});
  const Tensor broken = goldenA();
  broken[3][1] = std::nan("");
  EXPECT_FALSE(deepCluster(none)(broken, goldenB()).isfinite().item<bool>());
  Tensor oneHead = goldenClusters();
  oneHead[1].fill_(-1);
  EXPECT_GT(deepCluster(oneHead)(goldenA(), goldenB()).item<double>(), 0);
}

TEST(SphericalKmeans, HasThePublishedClusters) {
  const Tensor rows = ofLengthOne(torch::cat({goldenA(), goldenB()}));
  const auto start = [&](std::vector<std::int64_t> places) {
    return rows.index_select(0, torch::tensor(places));
  };
  const Clusters found = sphericalKmeans(rows, start({0, 4, 8}), 10);
  EXPECT_THAT(listOf(found.assignments), ElementsAre(0, 0, 0, 1, 1, 2, 1, 1, 1, 2, 2, 2));
  EXPECT_NEAR(found.centroids[0][0].item<double>(), .618694099148, 1e-12);
  EXPECT_NEAR(found.centroids[0][1].item<double>(), .093028063747, 1e-12);
  EXPECT_NEAR(found.centroids[0][2].item<double>(), -.568924302985, 1e-12);

  // The second centroid equals the first: all go to the first of equals, and it stays for a round.
  const Clusters once = sphericalKmeans(rows, start({0, 0, 8}), 1);
  EXPECT_LT(largestDifference(once.centroids[1], rows[0]), 1e-15);
  const Clusters twins = sphericalKmeans(rows, start({0, 0, 8}), 10);
  EXPECT_THAT(listOf(twins.assignments), ElementsAre(1, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 1));
}

TEST(SphericalKmeans, FindsTheSameInStrips) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(5);
  // 2^20 products are a strip: 40 centroids make two of 30,000 rows.
  const Tensor rows = ofLengthOne(torch::randn({30'000, 6}, generator, torch::kFloat32));
  const Tensor start = rows.slice(0, 0, 40);
  const Clusters found = sphericalKmeans(rows, start, 2);
  EXPECT_TRUE(torch::equal(found.assignments, rows.mm(found.centroids.t()).argmax(1)));
  EXPECT_LT(largestDifference(found.centroids.norm(2, 1), torch::ones(40)), 1e-5);
}

TEST(ShareReassigned, IgnoresTheClustersNumbers) {
  const auto tensor = [](std::vector<std::int64_t> numbers) { return torch::tensor(numbers); };
  const Tensor before = tensor({0, 0, 0, 1, 1, 1, 2, 2});
  EXPECT_EQ(shareReassigned(before, before), 0);
  EXPECT_EQ(shareReassigned(before, tensor({5, 5, 5, 0, 0, 0, 1, 1})), 0);
  EXPECT_NEAR(shareReassigned(before, tensor({5, 5, 0, 0, 0, 0, 1, 1})), 1.0 / 8, 1e-15);
  EXPECT_NEAR(shareReassigned(before, tensor({5, 5, -1, 0, 0, 1, 1, 1})), 1.0 / 7, 1e-15);
  EXPECT_TRUE(std::isnan(shareReassigned(tensor({-1, -1}), tensor({0, 1}))));
}

}  // namespace
}  // namespace barlow
