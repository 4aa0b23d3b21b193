#include "core/planning/loader_share.h"

#include "core/dataset/synthetic_shapes.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(LoaderShare, IsWhatKeepsUpWithTheSteps) {
  EXPECT_EQ(loaderShare(0.001, 1.0, 256, 8), 1) << "a third of a thread";
  EXPECT_EQ(loaderShare(0.001, 0.2, 256, 8), 2) << "1.6";
  EXPECT_EQ(loaderShare(0.01, 0.2, 256, 8), 8) << "16 would be needed";
  EXPECT_EQ(loaderShare(0.01, 0.2, 256, 0), 1);
  EXPECT_EQ(loaderShare(0, 0.2, 256, 4), 4) << "unknown";
  EXPECT_EQ(loaderShare(0.01, 0, 256, 4), 4) << "unknown";
}

TEST(SecondsPerPair, AreThoseOfThisData) {
  const auto shapes = std::make_shared<SyntheticShapes>(SyntheticShapes::Part::Test);
  RunConfig config;
  config.data.imageSize = 32;
  const double small = secondsPerPair(shapes, config);
  EXPECT_GT(small, 0);
  EXPECT_LT(small, 1) << "some microseconds are usual";
}

// Nothing but broken images: no time, and no exception before training says what is wrong.
class Broken final : public Dataset {
 public:
  std::int64_t size() const override { return 2; }
  Result<RgbImage> image(std::int64_t) const override { return ErrorInfo{"it is broken", ""}; }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t) const override { return "x"; }
  const std::vector<std::string>& classNames() const override { return names_; }

 private:
  std::vector<std::string> names_;
};

TEST(SecondsPerPair, AreNoneWhereNothingCanBeRead) {
  EXPECT_EQ(secondsPerPair(std::make_shared<Broken>(), RunConfig{}), 0);
}

}  // namespace
}  // namespace barlow
