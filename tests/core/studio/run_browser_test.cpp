#include "core/studio/run_browser.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/recording/embedding_snapshots.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

RunRecord recordOf(const std::string& id, const std::string& state, const std::string& started) {
  RunRecord record;
  record.id = id;
  record.name = id;
  record.state = state;
  record.started = started;
  return record;
}

TEST(RunBrowser, ListsRunsNewestFirstAndLeavesTheRestOut) {
  const TempDir dir;
  {
    RunFolder::create(
        dir / "old", RunConfig{}, recordOf("old", "finished", "2026-01-01T00:00:00Z"));
  }
  {
    RunFolder::create(dir / "new", RunConfig{}, recordOf("new", "stopped", "2026-02-01T00:00:00Z"));
  }
  std::filesystem::create_directory(dir / "photos");
  {
    RunFolder::create(
        dir / "broken", RunConfig{}, recordOf("b", "finished", "2026-03-01T00:00:00Z"));
  }
  std::ofstream(dir / "broken" / "run.json") << "{";
  const auto runs = listRuns(dir.path());
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].record.id, "new");
  EXPECT_EQ(runs[1].record.id, "old");
  EXPECT_EQ(runs[1].source, "shapes:2");
  EXPECT_TRUE(listRuns(dir / "missing").empty());
}

TEST(RunBrowser, ListsARunWhoseConfigurationIsDamaged) {
  const TempDir dir;
  { RunFolder::create(dir / "run", RunConfig{}, recordOf("x", "finished", "2026-01-01")); }
  std::ofstream(dir / "run" / "config.json") << "{";
  EXPECT_EQ(readHeadline(dir / "run").record.id, "x");
  EXPECT_EQ(readHeadline(dir / "run").source, "");
  EXPECT_THROW(readRun(dir / "run"), Exception);
}

TEST(RunBrowser, TellsTheDeadFromTheLiving) {
  const TempDir dir;
  {
    const RunFolder run =
        RunFolder::create(dir / "run", RunConfig{}, recordOf("x", "running", "2026-01-01"));
    EXPECT_TRUE(readHeadline(dir / "run").isTraining) << "the lock is held";
    EXPECT_FALSE(readHeadline(dir / "run").endedUnexpectedly);
  }
  EXPECT_FALSE(readHeadline(dir / "run").isTraining);
  EXPECT_TRUE(readHeadline(dir / "run").endedUnexpectedly);
}

// Issue 17: the rows of a program that measures something else are shown as its record says.
TEST(RunBrowser, TellsWhatARunMeasured) {
  const TempDir dir;
  RunRecord record = recordOf("x", "finished", "2026-01-01");
  record.metrics = MetricSchema{.terms = {{.key = "novelty", .label = "Novelty", .chart = "New"}}};
  {
    RunFolder run = RunFolder::create(dir / "run", RunConfig{}, record);
    run.appendMetric(MetricPoint{.step = 1, .loss = 3, .terms = {0.5}});
    run.sync();
  }
  const StoredRun run = readRun(dir / "run");
  EXPECT_TRUE(run.schema == *record.metrics);
  EXPECT_EQ(valueOf(run.metrics.at(0), run.schema, "novelty"), 0.5);
  RunFolder::create(dir / "old", RunConfig{}, recordOf("y", "finished", "2026-01-01"));
  EXPECT_TRUE(readRun(dir / "old").schema == schemaOfOlderRuns(RunConfig{}));
}

TEST(RunBrowser, ReadsWhatARunLeftBehind) {
  const TempDir dir;
  RunConfig config;
  config.model.projector = {8, 4};
  {
    RunFolder run = RunFolder::create(dir / "run", config, recordOf("x", "finished", "2026-01-01"));
    run.appendMetric(MetricPoint{.step = 1, .loss = 3});
    run.appendMetric(MetricPoint{.step = 2, .loss = 2});
    const auto evaluated = [&](std::int64_t step, double top1) {
      run.appendEvent({.kind = EventKind::Evaluation,
                       .step = step,
                       .evaluation = EvaluationResult{.step = step, .k = 20, .top1 = top1}});
    };
    evaluated(0, 0.1);
    evaluated(2, 0.2);
    run.appendEvent({.kind = EventKind::Finished, .step = 2});
    evaluated(2, 0.3);  // after a resume
    run.sync();
  }
  std::ofstream(dir / "run" / "events.jsonl", std::ios::app)
      << R"({"event":"edited","step":1,"epoch":0,"text":"optim.base_learning_rate: 1 -> 0.5"})"
      << '\n';
  std::ofstream(dir / "run" / "events.jsonl", std::ios::app) << R"({"event":"evaluation","st)";
  const auto keep = [&](std::int64_t step) {
    const torch::Tensor z = torch::full({3, 4}, static_cast<float>(step));
    writeSnapshot(dir / "run", *embeddingBatchOf(z, z, {0, 1, 2}, config.objective, "x", step));
  };
  keep(1);
  keep(2);
  std::ofstream(dir / "run" / "matrices" / "step-00000003.safetensors") << "damaged";

  const StoredRun run = readRun(dir / "run");
  EXPECT_EQ(run.metrics.size(), 2u);
  ASSERT_EQ(run.evaluations.size(), 2u);
  EXPECT_EQ(run.evaluations[1].step, 2);
  EXPECT_EQ(run.evaluations[1].top1, 0.3);
  EXPECT_EQ(run.evaluations[1].k, 20);
  ASSERT_EQ(run.edits.size(), 1u);
  EXPECT_EQ(run.edits[0].step, 1);
  EXPECT_EQ(run.edits[0].text, "optim.base_learning_rate: 1 -> 0.5");
  ASSERT_TRUE(run.embeddings);
  EXPECT_EQ(run.embeddings->a.origin().step, 2);
  EXPECT_EQ(run.embeddings->a.at(2, 3), 2.0F);
  EXPECT_TRUE(run.views.empty());
}

TEST(RunBrowser, SaysWhatIsNoRun) {
  const TempDir dir;
  try {
    readRun(dir.path());
    FAIL();
  } catch (const Exception& error) {
    EXPECT_NE(error.info().message.find(dir.path().string()), std::string::npos);
  }
}

}  // namespace
}  // namespace barlow
