#include "core/runs/run_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace barlow {
namespace {

namespace fs = std::filesystem;

RunRecord someRecord() {
  RunRecord record;
  record.id = "id-1";
  record.name = "a \"name\"";
  record.tags = {"x", "y"};
  record.threads = 2;
  record.steps = 17;
  return record;
}

std::string messageOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const Exception& error) {
    return error.info().message;
  }
  return "";
}

TEST(RunFolder, KeepsConfigurationRecordAndRows) {
  const TempDir dir;
  RunConfig config;
  config.run.epochs = 7;
  {
    RunFolder run = RunFolder::create(dir / "run", config, someRecord());
    for (std::int64_t step = 1; step <= 5; ++step) {
      run.appendMetric({.step = step, .loss = 1.0 / static_cast<double>(step)});
    }
    run.appendEvent({.kind = EventKind::Started});
    run.sync();
  }
  EXPECT_TRUE(readRunConfig(dir / "run") == config);
  EXPECT_EQ(readRunRecord(dir / "run"), someRecord());
  ASSERT_EQ(readMetrics(dir / "run").size(), 5u);
  EXPECT_EQ(readMetrics(dir / "run")[2].loss, 1.0 / 3.0);
}

TEST(RunFolder, CutsRowsAndATornTail) {
  const TempDir dir;
  {
    RunFolder run = RunFolder::create(dir / "run", RunConfig{}, someRecord());
    for (std::int64_t step = 1; step <= 5; ++step) {
      run.appendMetric({.step = step});
    }
  }
  std::ofstream(fs::path(dir / "run") / "metrics.jsonl", std::ios::app) << "{\"step\":6,\"epo";
  EXPECT_EQ(readMetrics(dir / "run").size(), 5u);
  RunFolder run = RunFolder::open(dir / "run");
  run.appendMetric({.step = 6});
  EXPECT_EQ(readMetrics(dir / "run").size(), 6u);
  run.cutMetricsAfter(3);
  run.appendMetric({.step = 4});
  const auto rows = readMetrics(dir / "run");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows.back().step, 4);
}

TEST(RunFolder, IsTrainedByOneAtATimeAndNeverOverwritten) {
  const TempDir dir;
  {
    const RunFolder run = RunFolder::create(dir / "run", RunConfig{}, someRecord());
    EXPECT_NE(messageOf([&] { RunFolder::open(dir / "run"); }).find("another process"), std::string::npos);
  }
  const std::string message = messageOf([&] { RunFolder::create(dir / "run", RunConfig{}, someRecord()); });
  EXPECT_NE(message.find("--out"), std::string::npos) << message;
  EXPECT_NE(message.find("resume"), std::string::npos) << message;
}

TEST(RunFolder, SaysWhatIsWrongWithDamagedFiles) {
  const TempDir dir;
  EXPECT_NE(messageOf([&] { RunFolder::open(dir / "none"); }).find("none"), std::string::npos);
  { RunFolder::create(dir / "run", RunConfig{}, someRecord()); }
  writeFileAtomically(fs::path(dir / "run") / "run.json", "{");
  EXPECT_NE(messageOf([&] { readRunRecord(dir / "run"); }).find("run.json"), std::string::npos);
  writeFileAtomically(fs::path(dir / "run") / "config.json", R"({"run":{"epochs":"x"}})");
  EXPECT_NE(messageOf([&] { readRunConfig(dir / "run"); }).find("run.epochs"), std::string::npos);
}

TEST(RunIds, TellRunsApart) {
  EXPECT_NE(newRunId(), newRunId());
  EXPECT_NE(newRunFolder("a b").filename().string().find("a-b"), std::string::npos);
}

}  // namespace
}  // namespace barlow
