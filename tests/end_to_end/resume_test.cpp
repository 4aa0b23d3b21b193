#include "core/base/atomic_file.h"
#include "core/image/decode.h"
#include "core/runs/run_folder.h"
#include "tests/end_to_end/cli.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>
#include <signal.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::string bytesOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Everything but the timings.
void expectSameRun(const fs::path& left, const fs::path& right, const std::string& checkpoint) {
  for (const char* file : {"model.safetensors", "optimizer.safetensors"}) {
    const std::string a = bytesOf(left / "checkpoints" / checkpoint / file);
    EXPECT_FALSE(a.empty());
    EXPECT_TRUE(a == bytesOf(right / "checkpoints" / checkpoint / file)) << file;
  }
  const auto a = readMetrics(left);
  const auto b = readMetrics(right);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    MetricPoint other = b[i];
    other.pairsPerSecond = a[i].pairsPerSecond;
    other.dataWaitMs = a[i].dataWaitMs;
    other.seconds = a[i].seconds;
    EXPECT_EQ(a[i], other) << "row " << i;
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
