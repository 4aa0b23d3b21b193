#include "core/evaluation/projection_2d.h"

#include "core/base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace barlow {
namespace {

// Every other point of a few, by Euclidean distance.
NeighbourGraph wholeGraph(const std::vector<std::pair<float, float>>& points) {
  NeighbourGraph graph{.n = static_cast<std::int64_t>(points.size()),
                       .k = static_cast<std::int64_t>(points.size()) - 1};
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (i != j) {
        graph.index.push_back(static_cast<std::int32_t>(j));
        graph.distance.push_back(
            std::hypot(points[i].first - points[j].first, points[i].second - points[j].second));
      }
    }
  }
  return graph;
}

double at(const Affinities& affinities, std::int32_t row, std::int32_t column) {
  for (auto i = affinities.first[static_cast<std::size_t>(row)];
       i < affinities.first[static_cast<std::size_t>(row) + 1];
       ++i) {
    if (affinities.index[static_cast<std::size_t>(i)] == column) {
      return affinities.p[static_cast<std::size_t>(i)];
    }
  }
  return 0;
}

std::vector<double> drawn(std::size_t count, double scale, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<double> places(count);
  for (double& place : places) {
    place = rng.uniform(-scale, scale);
  }
  return places;
}

// `groups` far apart, each around a place of its own.
torch::Tensor groupsOf(std::int64_t each, std::int64_t groups, std::int64_t width) {
  Rng rng(11);
  torch::Tensor rows = torch::empty({each * groups, width});
  auto* values = rows.data_ptr<float>();
  for (std::int64_t i = 0; i < each * groups; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      const double middle = j == i / each ? 10 : 0;
      values[i * width + j] = static_cast<float>(middle + rng.uniform(-1, 1));
    }
  }
  return rows;
}

const std::vector<std::pair<float, float>> kPoints = {
    {0, 0}, {1, 0}, {0, 2}, {5, 5}, {6, 5}, {5, 7}};

// Numbers of scikit-learn 1.x (manifold._t_sne): joint probabilities at perplexity 2, and the exact
// divergence and gradient at places of our choosing.
TEST(Tsne, AffinitiesAndGradientAreThoseOfScikitLearn) {
  const Affinities affinities = affinitiesOf(wholeGraph(kPoints), 2);
  EXPECT_NEAR(at(affinities, 0, 1), 1.008022134e-01, 2e-6);
  EXPECT_NEAR(at(affinities, 0, 2), 8.044422288e-02, 2e-6);
  EXPECT_NEAR(at(affinities, 1, 3), 3.918488891e-04, 2e-6);
  EXPECT_NEAR(at(affinities, 3, 5), 7.667206829e-02, 2e-6);
  EXPECT_NEAR(at(affinities, 5, 4), 6.973897972e-02, 2e-6);
  const std::vector<double> places = {0.1, 0.2, 0.3, -0.1, -0.2, 0.4, 1.1, 0.9, 0.8, 1.3, 1.4, 1.0};
  std::vector<double> gradient;
  EXPECT_NEAR(tsneGradient(affinities, places, 0, 1, gradient), 0.4763848524926743, 2e-5);
  const std::vector<double> expected = {0.089277172,
                                        0.115503724,
                                        0.130521058,
                                        0.013020976,
                                        0.03668628,
                                        0.104359956,
                                        -0.078149854,
                                        -0.152279495,
                                        -0.161021582,
                                        -0.013786394,
                                        -0.017313075,
                                        -0.066818767};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(gradient[i], expected[i], 1e-5) << i;
  }
}

TEST(Tsne, AffinitiesAreADistributionAndSymmetric) {
  Rng rng(4);
  std::vector<std::pair<float, float>> points;
  for (int i = 0; i < 40; ++i) {
    points.emplace_back(static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform()));
  }
  const Affinities affinities = affinitiesOf(wholeGraph(points), 10);
  EXPECT_NEAR(std::accumulate(affinities.p.begin(), affinities.p.end(), 0.0), 1, 1e-12);
  for (std::int32_t i = 0; i < 40; ++i) {
    for (std::int32_t j = 0; j < i; ++j) {
      EXPECT_DOUBLE_EQ(at(affinities, i, j), at(affinities, j, i));
    }
  }
}

TEST(Tsne, ThePerplexityIsTheOneWanted) {
  Rng rng(5);
  for (const double perplexity : {2.0, 5.0, 30.0, 80.0}) {
    for (const double scale : {1e-6, 1.0, 1e6}) {
      std::vector<float> distance(100);
      for (float& each : distance) {
        each = static_cast<float>(scale * (1 + rng.uniform()));
      }
      const auto p = conditional(distance.data(), 100, perplexity);
      double entropy = 0;
      for (const double each : p) {
        entropy -= each > 0 ? each * std::log(each) : 0;
      }
      EXPECT_NEAR(std::exp(entropy), perplexity, perplexity * 1e-3) << scale;
    }
  }
}

TEST(Tsne, EquallyFarOrTooFewNeighboursCountAlike) {
  const std::vector<float> same(6, 2.5F);
  for (const double p : conditional(same.data(), 6, 3)) {
    EXPECT_DOUBLE_EQ(p, 1.0 / 6);
  }
  const std::vector<float> zero(4, 0.0F);
  for (const double p : conditional(zero.data(), 4, 30)) {
    EXPECT_DOUBLE_EQ(p, 0.25);
  }
}

TEST(Tsne, TheGradientIsTheSlopeOfTheDivergence) {
  Rng rng(6);
  std::vector<std::pair<float, float>> points;
  for (int i = 0; i < 12; ++i) {
    points.emplace_back(static_cast<float>(rng.uniform()), static_cast<float>(rng.uniform()));
  }
  const Affinities affinities = affinitiesOf(wholeGraph(points), 4);
  std::vector<double> places = drawn(24, 2, 7);
  std::vector<double> gradient;
  std::vector<double> ignored;
  tsneGradient(affinities, places, 0, 1, gradient);
  constexpr double kStep = 1e-5;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double before = places[i];
    places[i] = before + kStep;
    const double above = tsneGradient(affinities, places, 0, 1, ignored);
    places[i] = before - kStep;
    const double below = tsneGradient(affinities, places, 0, 1, ignored);
    places[i] = before;
    EXPECT_NEAR(gradient[i], (above - below) / (2 * kStep), 1e-7) << i;
  }
}

TEST(Tsne, BarnesAndHutComeCloseToTheExactGradient) {
  const torch::Tensor rows = groupsOf(50, 4, 6);
  const auto graph = neighbourGraph(rows, 30, {});
  const Affinities affinities = affinitiesOf(*graph, 10);
  const std::vector<double> places = drawn(400, 20, 8);
  std::vector<double> exact;
  std::vector<double> near;
  const double cost = tsneGradient(affinities, places, 0, 1, exact);
  EXPECT_NEAR(tsneGradient(affinities, places, 0.5, 1, near), cost, 0.01 * std::abs(cost));
  double apart = 0;
  double all = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    apart += (exact[i] - near[i]) * (exact[i] - near[i]);
    all += exact[i] * exact[i];
  }
  EXPECT_LT(std::sqrt(apart / all), 0.03);
}

TEST(Tsne, PointsAtOnePlaceAndOnALineAreNoTrouble) {
  const Affinities affinities = affinitiesOf(wholeGraph(kPoints), 2);
  std::vector<double> gradient;
  for (const std::vector<double>& places :
       {std::vector<double>(12, 3.0), std::vector<double>{0, 0, 1, 0, 2, 0, 2, 0, 3, 0, 1e9, 0}}) {
    const double cost = tsneGradient(affinities, places, 0.5, 1, gradient);
    EXPECT_TRUE(std::isfinite(cost));
    for (const double each : gradient) {
      EXPECT_TRUE(std::isfinite(each));
    }
  }
}

TEST(Tsne, GroupsStayTogetherAndTheSameSeedGivesTheSamePlaces) {
  constexpr std::int64_t kEach = 40;
  const torch::Tensor rows = groupsOf(kEach, 3, 8);
  const TsneOptions options{.iterations = 300, .exaggerated = 100};
  const auto places = tsneOf(rows, 15, options);
  ASSERT_TRUE(places);
  EXPECT_EQ(*places, *tsneOf(rows, 15, options, {.threads = 1}));
  EXPECT_NE(*places, *tsneOf(rows, 15, {.iterations = 300, .exaggerated = 100, .seed = 1}));
  for (std::size_t i = 0; i < 3 * kEach; ++i) {
    double best = 1e300;
    std::size_t nearest = 0;
    for (std::size_t j = 0; j < 3 * kEach; ++j) {
      const double distance = std::hypot((*places)[2 * i] - (*places)[2 * j],
                                         (*places)[2 * i + 1] - (*places)[2 * j + 1]);
      if (i != j && distance < best) {
        best = distance;
        nearest = j;
      }
    }
    EXPECT_EQ(i / kEach, nearest / kEach) << i;
  }
}

TEST(Tsne, StopsAndTellsHowFarItIs) {
  const torch::Tensor rows = groupsOf(20, 2, 4);
  std::stop_source source;
  double last = 0;
  const JobControl control{.stop = source.get_token(), .progress = [&](double share) {
                             EXPECT_GE(share, last);
                             last = share;
                             if (share > 0.5) {
                               source.request_stop();
                             }
                           }};
  EXPECT_FALSE(tsneOf(rows, 5, {}, control));
  EXPECT_LT(last, 0.6);
}

TEST(Tsne, AsManyPointsAtOnePlaceAsThereAreFindTheirNeighbours) {
  const torch::Tensor rows = torch::ones({9, 3});
  const auto places = tsneOf(rows, 30, {.iterations = 20, .exaggerated = 5});
  ASSERT_TRUE(places);
  for (const double place : *places) {
    EXPECT_TRUE(std::isfinite(place));
  }
  EXPECT_EQ(tsneOf(torch::ones({1, 3}), 30, {})->size(), 2U);
}

// Numbers of scikit-learn's PCA, up to the sign that is ours.
TEST(PrincipalComponentsTest, AreThoseOfScikitLearnByEitherMatrix) {
  const torch::Tensor rows = torch::tensor(
      {{2.F, 0.F, 1.F}, {0.F, 1.F, 3.F}, {4.F, 1.F, 0.F}, {1.F, 5.F, 2.F}, {3.F, 3.F, 3.F}});
  const double expected[5][2] = {{-1.953318497, -0.849159394},
                                 {0.527322584, -2.479835086},
                                 {-2.395169962, 1.559518893},
                                 {2.9127286, 0.886522583},
                                 {0.908437275, 0.882953004}};
  const PrincipalComponents tall = principalComponents(rows, 2);
  EXPECT_NEAR(tall.explained, 0.9148746583952176, 1e-12);
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(tall.rows[i][0].item<double>(), expected[i][0], 1e-8);
    // The largest coordinate is positive: the other way round here.
    EXPECT_NEAR(tall.rows[i][1].item<double>(), -expected[i][1], 1e-8);
  }
  // The same rows among many columns that say nothing: by the Gram matrix.
  const torch::Tensor wide = torch::cat({rows, torch::zeros({5, 20})}, 1);
  EXPECT_TRUE(torch::allclose(principalComponents(wide, 2).rows, tall.rows, 1e-9, 1e-9));
}

TEST(PrincipalComponentsTest, OfOneRowAreZero) {
  const PrincipalComponents one = principalComponents(torch::ones({1, 4}), 2);
  EXPECT_EQ(one.rows.abs().sum().item<double>(), 0);
  EXPECT_EQ(one.explained, 0);
}

}  // namespace
}  // namespace barlow
