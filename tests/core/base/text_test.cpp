#include "core/base/text.h"

#include <gtest/gtest.h>

#include "core/base/check.h"
#include "core/base/result.h"
#include "core/base/system.h"

namespace barlow {
namespace {

TEST(FormatBytes, UsesTheFittingUnit) {
  EXPECT_EQ(formatBytes(17), "17 bytes");
  EXPECT_EQ(formatBytes(312ull << 20), "312 MiB");
  EXPECT_EQ(formatBytes(3ull << 29), "1.5 GiB");
}

TEST(Check, ThrowsWithPlaceAndText) {
  const auto check = [](int n) { BARLOW_CHECK(n > 1) << "n is " << n; };
  EXPECT_NO_THROW(check(2));
  try {
    check(1);
    FAIL();
  } catch (const CheckFailure& failure) {
    EXPECT_NE(std::string(failure.what()).find("text_test.cpp"), std::string::npos);
    EXPECT_NE(std::string(failure.what()).find("n is 1"), std::string::npos);
  }
}

TEST(Result, HoldsAValueOrTheReason) {
  const Result<int> good = 3;
  const Result<int> bad = ErrorInfo{"it is broken", ""};
  EXPECT_EQ(*good, 3);
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().message, "it is broken");
  EXPECT_THROW(bad.value(), Exception);
}

TEST(System, KnowsTheMachine) {
  EXPECT_GE(usableCores(), 1);
  EXPECT_GT(availableMemoryBytes(), 1ull << 20);
  EXPECT_GT(peakResidentBytes(), 1ull << 20);
  EXPECT_GT(freeDiskBytes("/tmp/not/there/yet"), 0u);
  EXPECT_FALSE(processorName().empty());
  EXPECT_EQ(utcNow().size(), std::string("2026-01-31T12:00:00.000Z").size());
}

}  // namespace
}  // namespace barlow
