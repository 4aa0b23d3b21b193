#include "core/evaluation/label_subset.h"

#include "core/base/error.h"
#include "tests/support/messages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace barlow {
namespace {

std::vector<std::int64_t> labelsOf(std::int64_t size, int classes) {
  std::vector<std::int64_t> labels;
  for (std::int64_t i = 0; i < size; ++i) {
    labels.push_back(i % classes);
  }
  return labels;
}

TEST(LabelSubset, IsTheSameOnEveryMachine) {
  EXPECT_EQ(labelSubset(labelsOf(200, 4), 0.04, 0, "x"),
            (std::vector<std::int64_t>{31, 61, 102, 116, 127, 140, 153, 182}));
  EXPECT_EQ(labelSubset(labelsOf(200, 4), 0.04, 1, "x"),
            (std::vector<std::int64_t>{7, 14, 17, 64, 84, 93, 107, 190}));
}

TEST(LabelSubset, HasTheSameShareOfEveryClassAndGrowsByAddition) {
  std::vector<std::int64_t> labels = labelsOf(1000, 5);
  labels.resize(1100, 2);  // one class is larger
  const auto one = labelSubset(labels, 0.01, 3, "x");
  const auto ten = labelSubset(labels, 0.1, 3, "x");
  std::map<std::int64_t, int> counts;
  for (const std::int64_t position : ten) {
    ++counts[labels[static_cast<std::size_t>(position)]];
  }
  EXPECT_EQ(counts, (std::map<std::int64_t, int>{{0, 20}, {1, 20}, {2, 30}, {3, 20}, {4, 20}}));
  EXPECT_TRUE(std::includes(ten.begin(), ten.end(), one.begin(), one.end()));
  EXPECT_EQ(labelSubset(labels, 1, 3, "x").size(), labels.size());
}

TEST(LabelSubset, TakesOneImageOfASmallClassAndRefusesLessThanOneForEach) {
  std::vector<std::int64_t> labels(400, 0);
  labels.push_back(1);
  EXPECT_EQ(labelSubset(labels, 0.01, 0, "x").size(), 5u);
  const std::string message =
      messageOf([] { (void)labelSubset(labelsOf(50, 10), 0.01, 0, "photos"); });
  EXPECT_EQ(message,
            "1% of the 50 training images of photos are fewer than one for each of its 10 classes; "
            "take a larger share with --labels.");
}

}  // namespace
}  // namespace barlow
