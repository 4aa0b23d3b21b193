#include "core/image/decode.h"
#include "core/runs/run_folder.h"
#include "tests/end_to_end/cli.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <set>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::vector<nlohmann::json> linesOf(const fs::path& path) {
  std::vector<nlohmann::json> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    rows.push_back(nlohmann::json::parse(line));
  }
  return rows;
}

TEST(Train, WritesARunFolderThatKeepsThePromises) {
  const TempDir dir;
  const ProcessResult result = barlowCli(dir, tinyTraining(dir / "run", {"--json"}));
  ASSERT_EQ(result.exitCode, 0) << result.err;
  const auto summary = nlohmann::json::parse(result.out);
  EXPECT_EQ(summary["state"], "finished");
  EXPECT_EQ(summary["steps"], 16);
  EXPECT_EQ(summary["epochs"], 4.0);
  EXPECT_EQ(summary["run"], (dir.path() / "run").string());
  EXPECT_TRUE(summary["knn_top1"].is_number());
  EXPECT_GT(summary["pairs_per_second"], 0);

  const fs::path run = dir / "run";
  for (const char* file : {"config.json",
                           "run.json",
                           "events.jsonl",
                           "matrix.png",
                           "views.png",
                           "summary.json",
                           "log.txt"}) {
    EXPECT_TRUE(fs::exists(run / file)) << file;
  }
  EXPECT_EQ(readRunRecord(run).state, "finished");
  const double lambda = readRunConfig(run).objective.barlowTwins.lambda;
  const auto rows = linesOf(run / "metrics.jsonl");
  ASSERT_EQ(rows.size(), 16u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]["step"], i + 1);
    EXPECT_EQ(rows[i]["epoch"], i / 4);
    EXPECT_NEAR(
        rows[i]["loss"].get<double>(),
        rows[i]["on_diagonal"].get<double>() + lambda * rows[i]["off_diagonal"].get<double>(),
        1e-4 * rows[i]["loss"].get<double>());
  }
  const RunRecord record = readRunRecord(run);
  ASSERT_TRUE(record.metrics);
  for (const MetricColumn& column : record.metrics->terms) {
    EXPECT_EQ(summary[column.key], rows.back()[column.key]) << column.key;
  }
  std::set<std::string> kinds;
  for (const auto& event : linesOf(run / "events.jsonl")) {
    kinds.insert(event["event"]);
  }
  for (const char* kind : {"started", "evaluation", "checkpoint", "finished"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
  const fs::path checkpoint = run / "checkpoints" / "step-00000016";
  for (const char* file :
       {"model.safetensors", "optimizer.safetensors", "state.json", "MANIFEST.json"}) {
    EXPECT_TRUE(fs::exists(checkpoint / file)) << file;
  }
  EXPECT_TRUE(readImage(run / "matrix.png"));
  EXPECT_TRUE(fs::exists(run / "matrices" / "step-00000016.safetensors"));
}

TEST(Train, GivesTheSameBytesForTheSameSeedAndAnyNumberOfWorkers) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "one", {"--set", "run.loader_workers=1"})).exitCode,
            0);
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "three", {"--set", "run.loader_workers=3"})).exitCode,
            0);
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "other", {"--set", "run.seed=5"})).exitCode, 0);
  const auto hash = [&](const std::string& run) {
    std::ifstream file(fs::path(dir / run) / "checkpoints" / "step-00000016" / "MANIFEST.json");
    return nlohmann::json::parse(file)["files"]["model.safetensors"]["sha256"].get<std::string>();
  };
  EXPECT_EQ(hash("one"), hash("three"));
  EXPECT_NE(hash("one"), hash("other"));
}

TEST(Train, StopsAtMaxStepsWithoutChangingTheSchedule) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "short", {"--steps", "6"})).exitCode, 0);
  const ProcessResult whole = barlowCli(dir, tinyTraining(dir / "long"));
  ASSERT_EQ(whole.exitCode, 0);
  EXPECT_NE(whole.out.find("towards a batch's noise, 0.25)"), std::string::npos)
      << "1 / sqrt(16): " << whole.out;
  const auto few = readMetrics(dir / "short");
  const auto all = readMetrics(dir / "long");
  ASSERT_EQ(few.size(), 6u);
  for (std::size_t i = 0; i < few.size(); ++i) {
    EXPECT_EQ(few[i].learningRate, all[i].learningRate);
    EXPECT_EQ(few[i].loss, all[i].loss);
  }
}

}  // namespace
}  // namespace barlow
