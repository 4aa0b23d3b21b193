#include "core/planning/resident_choice.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(ResidentLimit, IsThatOfTheDeviceAndOfTheHost) {
  EXPECT_EQ(residentLimit(60, 300), 30u);
  EXPECT_EQ(residentLimit(600, 300), 100u);
  EXPECT_EQ(residentLimit(600, 0), 300u);  // a host that does not tell
  EXPECT_EQ(residentLimit(0, 300), 0u);
}

}  // namespace
}  // namespace barlow
