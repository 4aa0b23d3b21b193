#include "ui/plots/series_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace barlow::ui {
namespace {

TEST(SeriesData, SmoothsWithoutTheStartsBias) {
  SeriesData data;
  data.reset(1);
  data.setWeight(0.9);
  for (int i = 0; i < 50; ++i) {
    data.append(i, {3.0});
    EXPECT_NEAR(data.smoothed(0, static_cast<std::size_t>(i)), 3.0, 1e-12)
        << "a constant stays what it is";
  }
  data.reset(1);
  data.append(1, {1.0});
  data.append(2, {2.0});
  // (0.1 x 1 x 0.9 + 0.1 x 2) / (1 - 0.81)
  EXPECT_NEAR(data.smoothed(0, 1), 0.29 / 0.19, 1e-12);
}

TEST(SeriesData, GapsStayGapsAndDoNotSpread) {
  SeriesData data;
  data.reset(2);
  data.setWeight(0.5);
  data.append(1, {1.0, 5.0});
  data.append(2, {std::numeric_limits<double>::infinity(), 5.0});
  data.append(3, {1.0, 5.0});
  EXPECT_TRUE(std::isnan(data.raw(0, 1)));
  EXPECT_TRUE(std::isnan(data.smoothed(0, 1)));
  EXPECT_NEAR(data.smoothed(0, 2), 1.0, 1e-12);
  EXPECT_NEAR(data.smoothed(1, 1), 5.0, 1e-12);
}

TEST(SeriesData, AnEarlierStepReplacesWhatFollowed) {
  SeriesData data;
  data.reset(1);
  for (int step = 1; step <= 10; ++step) {
    EXPECT_FALSE(data.append(step, {1.0 * step}));
  }
  EXPECT_TRUE(data.append(6, {60.0}));
  EXPECT_EQ(data.size(), 6u);
  EXPECT_EQ(data.raw(0, 5), 60.0);
  EXPECT_EQ(data.raw(0, 4), 5.0);
}

TEST(SeriesData, FindsTheNearestStep) {
  SeriesData data;
  data.reset(1);
  for (const double step : {0.0, 10.0, 20.0}) {
    data.append(step, {step});
  }
  EXPECT_EQ(data.nearest(-5), 0u);
  EXPECT_EQ(data.nearest(14), 1u);
  EXPECT_EQ(data.nearest(16), 2u);
  EXPECT_EQ(data.nearest(99), 2u);
}

}  // namespace
}  // namespace barlow::ui
