#include "core/report/verdict.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

TEST(Verdict, FollowsItsLimits) {
  EXPECT_EQ(judgeDiagonal(0.81), Verdict::Good);
  EXPECT_EQ(judgeDiagonal(0.79), Verdict::Fair);
  EXPECT_EQ(judgeDiagonal(0.49), Verdict::Poor);
  EXPECT_EQ(judgeOffDiagonal(0.19, 100), Verdict::Good);
  EXPECT_EQ(judgeOffDiagonal(0.21, 100), Verdict::Fair);
  EXPECT_EQ(judgeOffDiagonal(0.41, 100), Verdict::Poor);
  EXPECT_EQ(judgeRank(26, 128, 64), Verdict::Good);
  EXPECT_EQ(judgeRank(26, 0, 64), Verdict::Good);
  EXPECT_EQ(judgeRank(5, 9, 64), Verdict::Good) << "nine samples span eight directions";
  EXPECT_EQ(judgeRank(25, 128, 64), Verdict::Fair);
  EXPECT_EQ(judgeRank(6, 128, 64), Verdict::Poor);
  EXPECT_EQ(judgeLoss(13, 1, 64), Verdict::Good);
  EXPECT_EQ(judgeLoss(14, 1, 64), Verdict::Fair);
  EXPECT_EQ(judgeLoss(60, 1, 64), Verdict::Poor);
  EXPECT_EQ(judgeAccuracy(0.8, 0.5), Verdict::Good);
  EXPECT_EQ(judgeAccuracy(0.6, 0.5), Verdict::Fair);
  EXPECT_EQ(judgeAccuracy(0.54, 0.5), Verdict::Poor);
}

TEST(Verdict, IsNoneWhereThereIsNothingToJudgeBy) {
  EXPECT_EQ(judgeOffDiagonal(0.1, 0), Verdict::None);
  EXPECT_EQ(judgeLoss(3, 0, 0), Verdict::None);
}

TEST(Verdict, OfWhatCannotBeIsPoor) {
  for (const double wrong : {std::nan(""), 1e29, -1e29}) {
    EXPECT_EQ(judgeDiagonal(wrong), Verdict::Poor);
    EXPECT_EQ(judgeOffDiagonal(wrong, 100), Verdict::Poor);
    EXPECT_EQ(judgeOffDiagonal(wrong, 0), Verdict::Poor);
    EXPECT_EQ(judgeRank(wrong, 100, 64), Verdict::Poor);
    EXPECT_EQ(judgeAccuracy(wrong, 0.5), Verdict::Poor);
  }
  EXPECT_EQ(judgeLoss(-1, 0, 64), Verdict::Poor);
  EXPECT_EQ(judgeLoss(std::nan(""), 0, 64), Verdict::Poor);
}

TEST(Verdict, NothingIsGoodWhileTheViewsDoNotAgree) {
  EXPECT_EQ(judgedWith(0.05, Verdict::Good), Verdict::Fair);
  EXPECT_EQ(judgedWith(0.05, Verdict::Poor), Verdict::Poor);
  EXPECT_EQ(judgedWith(0.6, Verdict::Good), Verdict::Good);
}

}  // namespace
}  // namespace barlow
