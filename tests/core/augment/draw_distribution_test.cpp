#include "core/augment/augment.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>

namespace barlow {
namespace {

using Json = nlohmann::json;

// As many as torchvision's in make_golden_draws.py. Two samples of this size from one distribution
// are further apart than this, somewhere, once in a thousand times (Kolmogorov and Smirnov: 1.95
// sqrt(2 / n)); ours are always the same ones.
constexpr std::int64_t kDraws = 40'000;
const double kApart = 1.95 * std::sqrt(2.0 / static_cast<double>(kDraws));

Json golden() {
  std::ifstream file(BARLOW_TEST_SOURCE_DATA "/golden/draws.json");
  Json json = Json::parse(file);
  EXPECT_EQ(json.at("draws").get<std::int64_t>(), kDraws);
  return json;
}

void expectDistributedAs(const Json& expected,
                         const std::string& name,
                         const std::vector<double>& values) {
  const Json& entry = expected.at(name);
  for (std::size_t i = 0; i < entry.at("thresholds").size(); ++i) {
    const double threshold = entry.at("thresholds")[i];
    const auto below =
        std::count_if(values.begin(), values.end(), [&](double v) { return v <= threshold; });
    EXPECT_NEAR(static_cast<double>(below) / static_cast<double>(values.size()),
                entry.at("shares")[i].get<double>(),
                kApart)
        << name << " up to " << threshold;
  }
}

std::vector<ViewPlan> drawn(const AugmentParams& params, int width, int height) {
  std::vector<ViewPlan> plans;
  for (std::int64_t sample = 0; sample < kDraws; ++sample) {
    plans.push_back(
        drawViewPlan(params, {.seed = 11, .sample = sample, .view = View::A}, width, height));
  }
  return plans;
}

// Ordinary pictures; small ones, where whole pixels count; long ones, where most tries fail and the
// centre is taken; tiny crops.
TEST(DrawDistribution, CropsAreTorchvisions) {
  const Json file = golden();
  for (const Json& expected : file.at("crops")) {
    const int width = expected.at("width");
    const int height = expected.at("height");
    SCOPED_TRACE(std::to_string(width) + " x " + std::to_string(height));
    AugmentParams params;
    params.a.cropScaleMin = expected.at("scale")[0];
    params.a.cropScaleMax = expected.at("scale")[1];
    const auto plans = drawn(params, width, height);
    const auto values = [&](const std::function<double(const ViewPlan::Crop&)>& value) {
      std::vector<double> all;
      for (const ViewPlan& plan : plans) {
        all.push_back(value(plan.crop));
      }
      return all;
    };
    const double area = static_cast<double>(width) * height;
    using Crop = ViewPlan::Crop;
    expectDistributedAs(expected, "area", values([&](const Crop& crop) {
                          return static_cast<double>(crop.width) * crop.height / area;
                        }));
    expectDistributedAs(expected, "ratio", values([](const Crop& crop) {
                          return std::log(static_cast<double>(crop.width) / crop.height);
                        }));
    expectDistributedAs(expected, "left", values([&](const Crop& crop) {
                          return static_cast<double>(crop.x) / std::max(1, width - crop.width);
                        }));
    expectDistributedAs(expected, "top", values([&](const Crop& crop) {
                          return static_cast<double>(crop.y) / std::max(1, height - crop.height);
                        }));
  }
}

TEST(DrawDistribution, JitterIsTorchvisions) {
  const Json expected = golden();
  AugmentParams params;
  params.a.jitterProbability = 1.0;
  std::map<std::string, std::vector<double>> factors;
  std::array<std::array<double, 4>, 4> places{};  // [operation][place]
  for (const ViewPlan& plan : drawn(params, 64, 64)) {
    const ViewPlan::Jitter& jitter = plan.jitter.value();
    factors["brightness"].push_back(jitter.brightness);
    factors["contrast"].push_back(jitter.contrast);
    factors["saturation"].push_back(jitter.saturation);
    factors["hue"].push_back(jitter.hue);
    for (std::size_t place = 0; place < 4; ++place) {
      places[static_cast<std::size_t>(jitter.order[place])][place] += 1.0 / kDraws;
    }
  }
  for (const auto& [name, values] : factors) {
    expectDistributedAs(expected, name, values);
  }
  for (std::size_t op = 0; op < 4; ++op) {
    for (std::size_t place = 0; place < 4; ++place) {
      EXPECT_NEAR(places[op][place], expected.at("places")[op][place].get<double>(), kApart);
    }
  }
}

}  // namespace
}  // namespace barlow
