#include "core/base/atomic_file.h"
#include "core/image/decode.h"
#include "core/runs/run_folder.h"
#include "tests/end_to_end/cli.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <signal.h>
#include <sstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::string bytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// metrics.jsonl with whatever columns it has, without timings.
std::vector<nlohmann::json> rowsOf(const fs::path& run) {
  std::vector<nlohmann::json> rows;
  std::istringstream lines(bytesOf(run / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    rows.push_back(nlohmann::json::parse(line));
    for (const char* timing : {"pairs_per_second", "data_wait_ms", "seconds"}) {
      rows.back().erase(timing);
    }
  }
  return rows;
}

// Everything but the timings.
void expectSameRun(const fs::path& left, const fs::path& right, const std::string& checkpoint) {
  EXPECT_TRUE(fs::exists(left / "checkpoints" / checkpoint / "model.safetensors"));
  for (const char* file : {"model.safetensors",
                           "optimizer.safetensors",
                           "objective.safetensors",  // some have none
                           "momentum.safetensors"}) {
    EXPECT_TRUE(bytesOf(left / "checkpoints" / checkpoint / file) ==
                bytesOf(right / "checkpoints" / checkpoint / file))
        << file;
  }
  const auto a = rowsOf(left);
  const auto b = rowsOf(right);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i], b[i]) << "row " << i;
  }
}

void waitForFile(Process& process, const fs::path& path) {
  process.waitUntil([&] { return fs::exists(path); });
}

class ResumeWith : public testing::TestWithParam<const char*> {};

TEST_P(ResumeWith, EqualsTheUninterruptedRunByteForByte) {
  const TempDir dir;
  const std::vector<std::string> more = {"--set", std::string("optim.name=") + GetParam()};
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "whole", more)).exitCode, 0);
  auto parts = more;
  parts.insert(parts.end(), {"--steps", "6"});  // in the middle of the second epoch
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "parts", parts)).exitCode, 0);
  const ProcessResult resumed = barlowCli(dir, {"resume", dir / "parts", "--steps", "16"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  expectSameRun(dir / "whole", dir / "parts", "step-00000016");
}

INSTANTIATE_TEST_SUITE_P(Optimisers, ResumeWith, testing::Values("lars", "sgd", "adamw"));

TEST(Resume, ARunFromBeforeAKeyGoesOnAsItBegan) {
  const TempDir dir;
  // Crops of 32 pixels that become 16: many are resized in another order by Pillow 13.
  std::vector<std::string> more = {"--set", "data.image_size=16", "--set", "augment.pillow=12"};
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "whole", more)).exitCode, 0);
  more.insert(more.end(), {"--steps", "6"});
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "parts", more)).exitCode, 0);
  auto config = nlohmann::json::parse(bytesOf(fs::path(dir / "parts") / "config.json"));
  ASSERT_EQ(config["augment"].erase("pillow"), 1u);
  writeFileAtomically(fs::path(dir / "parts") / "config.json", config.dump());
  const ProcessResult resumed = barlowCli(dir, {"resume", dir / "parts", "--steps", "16"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  expectSameRun(dir / "whole", dir / "parts", "step-00000016");
}

// Settings with which all that an objective keeps is in use within the first epochs of four steps
// of 16 images.
std::vector<std::string> smallObjective(const std::string& name) {
  std::vector<std::string> more;
  for (const std::string& setting : {"objective.name=" + name,
                                     std::string("objective.moco.queue=48"),
                                     std::string("objective.byol.predictor=12"),
                                     std::string("objective.simsiam.predictor=8"),
                                     std::string("objective.swav.prototypes=20"),
                                     std::string("objective.swav.queue=48"),
                                     std::string("objective.swav.queue_from_epoch=1"),
                                     std::string("objective.swav.freeze_epochs=1"),
                                     std::string("objective.deepcluster.clusters=8"),
                                     std::string("objective.lejepa.slices=16"),
                                     std::string("data.cache=off"),
                                     std::string("data.validation_fraction=0"),
                                     std::string("evaluate.every_epochs=0")}) {
    more.insert(more.end(), {"--set", setting});
  }
  return more;
}

class EveryObjective : public testing::TestWithParam<const char*> {};

// Issue 17. What a killed run leaves is its last checkpoint, and rows of the steps after it.
TEST_P(EveryObjective, ThatIsKilledAndResumedEqualsTheUninterruptedRun) {
  const TempDir dir;
  writePictures(dir / "pictures", 64);
  auto more = smallObjective(GetParam());
  more.insert(more.end(), {"--data", dir / "pictures"});
  for (const char* setting :
       {"run.epochs=3", "run.checkpoint_every_steps=1", "run.keep_checkpoints=100"}) {
    more.insert(more.end(), {"--set", setting});
  }
  const ProcessResult whole = barlowCli(dir, tinyTraining(dir / "whole", more));
  ASSERT_EQ(whole.exitCode, 0) << whole.err;
  for (const int step : {6, 8}) {  // in the middle of the second epoch, and at its end
    SCOPED_TRACE(step);
    const fs::path killed = dir / ("killed-" + std::to_string(step));
    fs::copy(dir / "whole", killed, fs::copy_options::recursive);
    for (int after = step + 1; after <= 12; ++after) {
      char name[32];
      std::snprintf(name, sizeof name, "step-%08d", after);
      EXPECT_GT(fs::remove_all(killed / "checkpoints" / name), 0u) << name;
    }
    const ProcessResult resumed = barlowCli(dir, {"resume", killed});
    ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
    expectSameRun(dir / "whole", killed, "step-00000012");
  }
}

TEST_P(EveryObjective, RunsWithMicroBatches) {
  const TempDir dir;
  writePictures(dir / "pictures", 64);
  auto more = smallObjective(GetParam());
  more.insert(more.end(), {"--data", dir / "pictures"});
  more.insert(more.end(), {"--set", "run.epochs=3", "--set", "run.micro_batch_size=4"});
  const ProcessResult trained = barlowCli(dir, tinyTraining(dir / "run", more));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  const auto rows = rowsOf(dir / "run");
  EXPECT_EQ(rows.size(), 12u);
  EXPECT_NE(rows.front().at("loss"), rows.back().at("loss"));
}

INSTANTIATE_TEST_SUITE_P(Objectives,
                         EveryObjective,
                         testing::Values("barlow_twins",
                                         "vicreg",
                                         "simclr",
                                         "moco",
                                         "byol",
                                         "simsiam",
                                         "swav",
                                         "deepcluster",
                                         "lejepa"),
                         [](const auto& instance) { return std::string(instance.param); });

// config.json as version 0.1.0 of November 2026 wrote it for tinyTraining(), before there was more
// than one objective.
constexpr const char* kOldConfig = R"json({
  "format": 1,
  "data": {"source": "shapes:2", "limit": 64, "validation_fraction": 0.1, "image_size": 32,
           "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25], "cache": "auto", "exif": "ignore"},
  "augment": {
    "recipe": "cifar-solo", "kernel": "exact", "pillow": 13, "interpolation": "bicubic",
    "flip_last": true,
    "a": {"crop_scale_min": 0.8, "crop_scale_max": 1.0, "crop_ratio_min": 0.75,
          "crop_ratio_max": 1.3333333333333333, "flip_probability": 0.5, "jitter_probability": 0.8,
          "brightness": 0.4, "contrast": 0.4, "saturation": 0.9, "hue": 0.0, "gray_probability": 1.0,
          "blur_probability": 0.0, "blur_sigma_min": 0.1, "blur_sigma_max": 2.0,
          "solarize_probability": 0.0, "solarize_threshold": 128},
    "b": {"crop_scale_min": 0.8, "crop_scale_max": 1.0, "crop_ratio_min": 0.75,
          "crop_ratio_max": 1.3333333333333333, "flip_probability": 0.5, "jitter_probability": 0.8,
          "brightness": 0.4, "contrast": 0.4, "saturation": 0.9, "hue": 0.0, "gray_probability": 0.1,
          "blur_probability": 0.0, "blur_sigma_min": 0.1, "blur_sigma_max": 2.0,
          "solarize_probability": 0.0, "solarize_threshold": 128}},
  "model": {"backbone": "tiny", "stem": "cifar", "width": 4, "projector": "24-16",
            "projector_bias": false, "projector_last_norm": false, "zero_init_residual": true},
  "objective": {"name": "barlow_twins", "lambda": 0.12, "standardization": "batch_norm",
                "form": "auto"},
  "optim": {"name": "adamw", "base_learning_rate": 0.012, "bias_learning_rate": 0.0048,
            "schedule": "cosine", "final_factor": 0.001, "warmup_epochs": 1,
            "weight_decay": 0.0001, "momentum": 0.9, "lars_eta": 0.001, "lars_clip": false,
            "clip_norm": 0.0},
  "evaluate": {"every_epochs": 2, "k": 200, "temperature": 0.1, "bank": 64, "queries": 32},
  "run": {"name": "quick-shapes", "epochs": 4, "max_steps": 6, "batch_size": 16,
          "micro_batch_size": 0, "seed": 0, "device": "auto", "precision": "auto",
          "memory_format": "auto", "threads": 1, "loader_workers": 0, "device_views": "auto",
          "deterministic": false, "step_graph": true, "checkpoint_every_steps": 0,
          "keep_checkpoints": 2, "matrix_interval_ms": 200, "summary_every_steps": 0,
          "matrix_moments": 50, "matrix_storage_mb": 256}
})json";

// A run with that configuration.
std::vector<std::string> oldTraining(const TempDir& dir, const fs::path& run, const char* steps) {
  writeFileAtomically(dir / "old.json", kOldConfig);
  return {"train", "--config", dir / "old.json", "--out", run, "--steps", steps};
}

// Of six steps, as that version left it.
void writeOldRun(const TempDir& dir, const fs::path& run) {
  const ProcessResult trained = barlowCli(dir, oldTraining(dir, run, "6"));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  writeFileAtomically(run / "config.json", kOldConfig);
  const auto written = nlohmann::json::parse(bytesOf(run / "run.json"));
  nlohmann::ordered_json record;
  for (const char* key : {"format",    "id",        "name",           "notes",
                          "tags",      "state",     "program",        "libtorch",
                          "device",    "precision", "memory_format",  "loss_form",
                          "views",     "threads",   "loader_workers", "data_fingerprint",
                          "started",   "ended",     "error",          "steps",
                          "process_id"}) {
    record[key] = written.at(key);
  }
  writeFileAtomically(run / "run.json", record.dump(2) + "\n");
  std::string rows;
  std::istringstream lines(bytesOf(run / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto now = nlohmann::json::parse(line);
    nlohmann::ordered_json row;
    for (const char* key : {"step",
                            "epoch",
                            "loss",
                            "on_diagonal",
                            "off_diagonal",
                            "floor",
                            "mean_diagonal",
                            "rms_off_diagonal",
                            "learning_rate",
                            "pairs_per_second",
                            "data_wait_ms",
                            "seconds",
                            "effective_rank",
                            "dead_dimensions",
                            "embedding_std"}) {
      if (now.contains(key)) {
        row[key] = now[key];
      }
    }
    rows += row.dump() + "\n";
  }
  writeFileAtomically(run / "metrics.jsonl", rows);
}

// Issue 17.
TEST(OldRun, OpensAndGoesOnAsItBegan) {
  const TempDir dir;
  const fs::path run = dir / "run";
  writeOldRun(dir, run);
  const ProcessResult resumed = barlowCli(dir, {"resume", run, "--steps", "16"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  ASSERT_EQ(barlowCli(dir, oldTraining(dir, dir / "whole", "16")).exitCode, 0);
  expectSameRun(dir / "whole", run, "step-00000016");
}

TEST(OldRun, TakesASettingByItsOldName) {
  const TempDir dir;
  const fs::path run = dir / "run";
  writeOldRun(dir, run);
  const ProcessResult resumed =
      barlowCli(dir, {"resume", run, "--steps", "8", "--set", "objective.lambda=0.2"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  EXPECT_EQ(readRunConfig(run).objective.barlowTwins.lambda, 0.2);
  EXPECT_EQ(rowsOf(run).size(), 8u);
  const auto config = nlohmann::json::parse(bytesOf(run / "config.json"));
  EXPECT_EQ(config["objective"]["lambda"], 0.2) << "for scripts that look for it";
}

void addPhotos(const fs::path& folder, const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    fs::create_directories(folder / name);
    for (int i = 0; i < 20; ++i) {
      writePng(folder / name / (std::to_string(i) + ".png"), RgbImage(16 + i, 16));
    }
  }
}

ProcessResult barlowIn(const fs::path& folder,
                       const TempDir& scratch,
                       std::vector<std::string> arguments) {
  auto command = barlowCommand(std::move(arguments));
  command.insert(command.begin() + 1, {"-C", folder.string()});
  return runProcess(command, scratch.path());
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// Issue 16, P25.
TEST(MovedData, IsFoundFromAnyFolderAndTakenOnlyWhenItIsTheSame) {
  const TempDir dir;
  addPhotos(dir / "a/photos", {"cat", "dog"});
  addPhotos(dir / "b/photos", {"x", "y", "z"});
  const std::string run = dir / "a/run";
  auto training =
      tinyTraining("run", {"--data", "photos", "--steps", "2", "--set", "run.batch_size=4"});
  ASSERT_EQ(barlowIn(dir / "a", dir, training).exitCode, 0);
  const std::string photos = (fs::canonical(dir / "a") / "photos").string();
  EXPECT_EQ(readRunConfig(run).data.source, photos);

  const ProcessResult elsewhere = barlowIn(dir / "b", dir, {"resume", run, "--steps", "3"});
  EXPECT_EQ(elsewhere.exitCode, 0) << elsewhere.err;
  EXPECT_FALSE(holds(elsewhere.err, "not those")) << elsewhere.err;

  fs::rename(dir / "a/photos", dir / "moved");
  const ProcessResult gone = barlowIn(dir / "a", dir, {"resume", run, "--steps", "4"});
  EXPECT_EQ(gone.exitCode, 1);
  EXPECT_TRUE(holds(gone.err, photos) && holds(gone.err, "--data")) << gone.err;
  const ProcessResult set =
      barlowIn(dir.path(), dir, {"resume", run, "--set", "data.source=moved"});
  EXPECT_EQ(set.exitCode, 2);
  EXPECT_TRUE(holds(set.err, "with --data")) << set.err;
  const ProcessResult other =
      barlowIn(dir / "b", dir, {"resume", run, "--steps", "4", "--data", "photos"});
  EXPECT_EQ(other.exitCode, 1);
  EXPECT_TRUE(holds(other.err, "does not hold the images")) << other.err;
  EXPECT_EQ(readRunConfig(run).data.source, photos) << "nothing changed";

  const ProcessResult found =
      barlowIn(dir.path(), dir, {"resume", run, "--steps", "4", "--data", "moved"});
  EXPECT_EQ(found.exitCode, 0) << found.err;
  EXPECT_EQ(readRunConfig(run).data.source, (fs::canonical(dir.path()) / "moved").string());
  EXPECT_EQ(readMetrics(run).back().step, 4);
}

TEST(MovedData, OlderRecordsWithRelativePathsGoOnWithTheirOwnImagesOnly) {
  const TempDir dir;
  addPhotos(dir / "a/photos", {"cat", "dog"});
  addPhotos(dir / "b/photos", {"x", "y", "z"});
  const std::string run = dir / "a/run";
  auto training =
      tinyTraining("run", {"--data", "photos", "--steps", "2", "--set", "run.batch_size=4"});
  ASSERT_EQ(barlowIn(dir / "a", dir, training).exitCode, 0);
  {
    RunFolder folder = RunFolder::open(run);
    RunConfig config = folder.config();
    config.data.source = "photos";
    folder.updateConfig(config);
  }
  const ProcessResult other = barlowIn(dir / "b", dir, {"resume", run, "--steps", "4"});
  EXPECT_EQ(other.exitCode, 1);
  EXPECT_TRUE(holds(other.err, "--data")) << other.err;
  const ProcessResult own = barlowIn(dir / "a", dir, {"resume", run, "--steps", "4"});
  EXPECT_EQ(own.exitCode, 0) << own.err;
  EXPECT_EQ(readRunConfig(run).data.source, (fs::canonical(dir / "a") / "photos").string());
}

TEST(Resume, SurvivesKillMinusNine) {
  const TempDir dir;
  const std::vector<std::string> more = {
      "--set", "run.epochs=60", "--set", "run.checkpoint_every_steps=3"};
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "whole", more)).exitCode, 0);
  Process process(barlowCommand(tinyTraining(dir / "killed", more)), dir.path());
  waitForFile(process, fs::path(dir / "killed") / "checkpoints" / "step-00000009");
  process.signal(SIGKILL);
  ASSERT_EQ(process.wait().exitCode, 128 + SIGKILL) << "it ended before it could be killed";
  EXPECT_EQ(readRunRecord(dir / "killed").state, "running");
  const ProcessResult resumed = barlowCli(dir, {"resume", dir / "killed"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  expectSameRun(dir / "whole", dir / "killed", "step-00000240");
}

TEST(Resume, ContinuesAfterCtrlC) {
  const TempDir dir;
  const std::vector<std::string> more = {"--set", "run.epochs=200"};
  Process process(barlowCommand(tinyTraining(dir / "run", more)), dir.path());
  waitForFile(process, fs::path(dir / "run") / "metrics.jsonl");
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  ASSERT_EQ(result.exitCode, 130) << result.err;
  const RunRecord record = readRunRecord(dir / "run");
  EXPECT_EQ(record.state, "stopped");
  EXPECT_EQ(readMetrics(dir / "run").size(), static_cast<std::size_t>(record.steps));
  EXPECT_TRUE(fs::exists(fs::path(dir / "run") / "checkpoints"));
  const ProcessResult resumed = barlowCli(
      dir, {"resume", dir / "run", "--steps", std::to_string(record.steps + 2), "--json"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  EXPECT_EQ(nlohmann::json::parse(resumed.out)["steps"], record.steps + 2);
}

TEST(Resume, FallsBackFromADamagedCheckpoint) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "whole")).exitCode, 0);
  ASSERT_EQ(
      barlowCli(
          dir, tinyTraining(dir / "run", {"--steps", "9", "--set", "run.checkpoint_every_steps=4"}))
          .exitCode,
      0);
  const fs::path newest =
      fs::path(dir / "run") / "checkpoints" / "step-00000009" / "model.safetensors";
  std::string bytes = bytesOf(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(newest, std::ios::binary) << bytes;
  const ProcessResult resumed = barlowCli(dir, {"resume", dir / "run", "--steps", "16"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("step-00000009 is damaged"), std::string::npos) << resumed.err;
  expectSameRun(dir / "whole", dir / "run", "step-00000016");
}

TEST(Resume, OfAFinishedRunDoesNothingUntilAskedForMoreEpochs) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "run")).exitCode, 0);
  const std::string before = bytesOf(fs::path(dir / "run") / "metrics.jsonl");
  ASSERT_EQ(barlowCli(dir, {"resume", dir / "run"}).exitCode, 0);
  EXPECT_EQ(bytesOf(fs::path(dir / "run") / "metrics.jsonl"), before);
  EXPECT_TRUE(fs::exists(fs::path(dir / "run") / "matrix.png"));
  ASSERT_EQ(barlowCli(dir, {"resume", dir / "run", "--epochs", "5"}).exitCode, 0);
  EXPECT_EQ(readMetrics(dir / "run").size(), 20u);
  EXPECT_EQ(readRunConfig(dir / "run").run.epochs, 5);
}

TEST(Resume, StartsAtTheBeginningWithoutACheckpoint) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "whole")).exitCode, 0);
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "run")).exitCode, 0);
  fs::remove_all(fs::path(dir / "run") / "checkpoints");
  ASSERT_EQ(barlowCli(dir, {"resume", dir / "run"}).exitCode, 0);
  expectSameRun(dir / "whole", dir / "run", "step-00000016");
}

}  // namespace
}  // namespace barlow
