#include "core/base/text.h"

#include "core/base/check.h"
#include "core/base/result.h"
#include "core/base/system.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace barlow {
namespace {

TEST(FormatBytes, UsesTheFittingUnit) {
  EXPECT_EQ(formatBytes(17), "17 bytes");
  EXPECT_EQ(formatBytes(5000), "5 KiB");
  EXPECT_EQ(formatBytes(312ull << 20), "312 MiB");
  EXPECT_EQ(formatBytes(3ull << 29), "1.5 GiB");
}

TEST(PlainLine, ShowsWhatANameCouldDoToATerminal) {
  EXPECT_EQ(plainLine("a b/ä.png"), "a b/ä.png");
  EXPECT_EQ(plainLine("two\nlines\tand \x1b[31mred\x7f"), "two\\nlines\\tand \\x1b[31mred\\x7f");
  EXPECT_EQ(plainLine("\xc2\x9b"
                      "31m"),
            "\\x9b31m")
      << "the one-byte form of ESC [";
}

TEST(ThreadsAskedFor, AreTheFirstNumberOfTheVariable) {
  ::unsetenv("OMP_NUM_THREADS");
  EXPECT_EQ(threadsAskedFor(), std::nullopt);
  const std::map<std::string, std::optional<int>> cases = {
      {"3", 3}, {"4,2", 4}, {" 2 ", 2}, {"", {}}, {"0", {}}, {"-1", {}}, {"many", {}}, {"3x", {}}};
  for (const auto& [text, expected] : cases) {
    ::setenv("OMP_NUM_THREADS", text.c_str(), 1);
    EXPECT_EQ(threadsAskedFor(), expected) << text;
  }
  ::unsetenv("OMP_NUM_THREADS");
}

TEST(Text, CountsInSingularAndPlural) {
  EXPECT_EQ(counted(0, "image"), "0 images");
  EXPECT_EQ(counted(1, "image"), "1 image");
  EXPECT_EQ(counted(12, "training image"), "12 training images");
}

TEST(FormatDuration, UsesTheFittingUnit) {
  EXPECT_EQ(formatDuration(0.2), "under 1 s");
  EXPECT_EQ(formatDuration(8.2), "8 s");
  EXPECT_EQ(formatDuration(100), "2 min");
  EXPECT_EQ(formatDuration(7500), "2 h 05 min");
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
  EXPECT_LE(usableCores(), 1 << 16);
  EXPECT_GT(availableMemoryBytes(), 1ull << 20);
  EXPECT_GT(peakResidentBytes(), 1ull << 20);
  EXPECT_GT(freeDiskBytes("/tmp/not/there/yet"), 0u);
  EXPECT_FALSE(processorName().empty());
  EXPECT_EQ(utcNow().size(), std::string("2026-01-31T12:00:00.000Z").size());
}

TEST(System, LowersThePriorityOfOneThreadOnly) {
  const auto priority = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); };
  const int before = priority();
  int lowered = 0;
  std::jthread([&] {
    lowerThreadPriority();
    lowered = priority();
  }).join();
  EXPECT_EQ(lowered, std::max(before, 15));
  EXPECT_EQ(priority(), before);
}

TEST(System, UserFoldersFollowTheEnvironment) {
  const char* const names[] = {"XDG_DATA_HOME", "XDG_CACHE_HOME", "HOME"};
  std::map<std::string, std::optional<std::string>> before;
  for (const char* name : names) {
    const char* value = std::getenv(name);
    before[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }
  setenv("HOME", "/home/someone", 1);
  setenv("XDG_DATA_HOME", "/data", 1);
  setenv("XDG_CACHE_HOME", "relative/is/ignored", 1);  // as the XDG specification wants it
  EXPECT_EQ(userDataFolder(), "/data/barlow-studio");
  EXPECT_EQ(userCacheFolder(), "/home/someone/.cache/barlow-studio");
  unsetenv("XDG_DATA_HOME");
  EXPECT_EQ(userDataFolder(), "/home/someone/.local/share/barlow-studio");
  for (const auto& [name, value] : before) {
    value ? setenv(name.c_str(), value->c_str(), 1) : unsetenv(name.c_str());
  }
}

}  // namespace
}  // namespace barlow
