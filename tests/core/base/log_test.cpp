#include "core/base/log.h"

#include "core/base/atomic_file.h"
#include "core/base/system.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace barlow {
namespace {

TEST(Log, WritesTimeLevelThreadAndTextToFileAndListener) {
  const TempDir dir;
  std::vector<LogLine> heard;
  {
    Log log(
        {.file = dir / "log.txt", .listener = [&](const LogLine& line) { heard.push_back(line); }});
    std::jthread([&] {
      nameThread("loader-with-a-long-name");
      log.warning("a file is unreadable: {}");
    }).join();
  }
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].level, LogLevel::Warning);
  EXPECT_EQ(heard[0].thread, "loader-with-a-l");
  EXPECT_EQ(heard[0].text, "a file is unreadable: {}");
  EXPECT_THAT(
      readFileText(dir / "log.txt", 1000),
      testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z warning loader-with-a-l "
                            "a file is unreadable: \\{\\}\n"));
}

TEST(Log, ContinuesTheFileOfAnEarlierPart) {
  const TempDir dir;
  Log({.file = dir / "log.txt"}).info("first part");
  Log({.file = dir / "log.txt"}).info("second part");
  const std::string text = readFileText(dir / "log.txt", 1000);
  EXPECT_LT(text.find("first part"), text.find("second part"));
}

TEST(Log, KeepsLinesOfManyThreadsWhole) {
  const TempDir dir;
  int heard = 0;
  {
    Log log({.file = dir / "log.txt", .listener = [&](const LogLine&) { ++heard; }});
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int line = 0; line < 200; ++line) {
          log.info("a line");
        }
      });
    }
  }
  const std::string text = readFileText(dir / "log.txt", 1 << 20);
  EXPECT_EQ(heard, 800);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 800);
}

TEST(Log, AFullOrMissingDiskNeverThrowsAndTheListenerStillHears) {
  const TempDir dir;
  writeFileAtomically(dir / "file", "");
  for (const std::filesystem::path& file :
       {std::filesystem::path("/dev/full"), dir / "file/below"}) {
    int heard = 0;
    Log log({.file = file, .listener = [&](const LogLine&) { ++heard; }});
    EXPECT_NO_THROW(log.error("the disk is full"));
    EXPECT_NO_THROW(log.error("still"));
    EXPECT_EQ(heard, 2) << file;
  }
}

}  // namespace
}  // namespace barlow
