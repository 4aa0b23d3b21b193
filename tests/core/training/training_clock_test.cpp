#include "core/training/training_clock.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(TrainingClock, CountsWhatPassesWhileItRuns) {
  double now = 100;
  TrainingClock clock([&] { return now; });
  now = 110;
  EXPECT_EQ(clock.seconds(), 0) << "it begins stopped";
  clock.start();
  now = 113;
  clock.start();  // nothing
  EXPECT_EQ(clock.seconds(), 3);
  clock.stop();
  now = 200;
  clock.stop();  // nothing
  EXPECT_EQ(clock.seconds(), 3);
  clock.start();
  now = 202;
  EXPECT_EQ(clock.seconds(), 5);
}

TEST(TrainingClock, HoldsOutWhatIsNotTraining) {
  double now = 0;
  TrainingClock clock([&] { return now; });
  {
    const TrainingClock::Hold hold(clock);
    now = 5;
  }
  EXPECT_EQ(clock.seconds(), 0) << "stopped before, stopped after";
  clock.start();
  now = 7;
  {
    const TrainingClock::Hold evaluation(clock);
    now = 50;
    const TrainingClock::Hold inner(clock);
    now = 60;
  }
  EXPECT_EQ(clock.seconds(), 2);
  now = 61;
  EXPECT_EQ(clock.seconds(), 3);
}

}  // namespace
}  // namespace barlow
