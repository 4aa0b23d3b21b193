#include "core/runs/run_folder.h"
#include "core/studio/session.h"
#include "core/training/trainer.h"
#include "tests/gpu/gpu_device.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

namespace barlow {
namespace {

class QuietObserver final : public SessionObserver {
 public:
  void onState(SessionState) override {}
  void onEvent(const SessionEvent& event) override {
    if (event.kind == EventKind::Failed) {
      error = event.error.message;
    }
  }
  void onNews() override {}
  std::string error;  // read after wait()
};

RunConfig cifarLike(int batch) {
  RunConfig config;
  config.data.source = "shapes";
  config.data.limit = 8192;
  config.data.imageSize = 32;
  config.model.backbone = Backbone::ResNet18;
  config.model.projector = {2048, 2048, 2048};
  config.augment.recipe = Recipe::CifarSolo;
  config.run.batchSize = batch;
  config.run.epochs = 100;
  config.run.device = "cuda";
  config.run.precision = Precision::Bf16;
  config.run.memoryFormat = MemoryFormat::ChannelsLast;
  config.run.matrixMoments = 0;
  config.evaluate.everyEpochs = 0;
  return config;
}

// A whole run in a session; what went wrong, or nothing.
std::string run(const RunConfig& config, const std::filesystem::path& folder) {
  QuietObserver observer;
  Session session(observer);
  RunRequest request;
  request.config = config;
  request.folder = folder;
  session.start(request);
  session.wait();
  return observer.error;
}

std::string weightsOf(const std::filesystem::path& folder, int step) {
  const auto path = folder / "checkpoints" / fmt::format("step-{:08}", step) / "model.safetensors";
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

class GpuSession : public GpuTest {};

// The first run chooses algorithms by timing, the second and third must repeat themselves; a full
// device would refuse them.
TEST_F(GpuSession, RunsOneAfterAnotherAlsoDeterministically) {
  const TempDir folder;
  RunConfig config = cifarLike(256);
  config.run.maxSteps = 20;
  ASSERT_EQ(run(config, folder.path() / "fast"), "");
  config.run.deterministic = true;
  ASSERT_EQ(run(config, folder.path() / "a"), "");
  ASSERT_EQ(run(config, folder.path() / "b"), "");
  EXPECT_EQ(weightsOf(folder.path() / "a", 20), weightsOf(folder.path() / "b", 20));
}

// Images per second of the clock on the wall, from outside, against what the rows say.
TEST_F(GpuSession, TellsTheSpeedThatTheWallClockShows) {
  for (const DeviceViews views : {DeviceViews::On, DeviceViews::Off}) {
    const TempDir folder;
    RunRequest request;
    request.config = cifarLike(512);
    request.config.run.deviceViews = views;
    request.config.augment.kernel = AugmentKernel::Fast;
    request.config.run.maxSteps = 60;
    request.folder = folder.path() / "run";
    const auto trainer = makeTrainer(request);
    trainer->prepare({}, [](SessionEvent) {});
    for (int i = 0; i < 20; ++i) {  // algorithms are searched
      trainer->step({});
    }
    const double before = trainer->settle().back().seconds;
    const auto start = std::chrono::steady_clock::now();
    while (!trainer->isDone()) {
      trainer->step({});
    }
    const double after = trainer->settle().back().seconds;
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    trainer->finish(RunEnd::Stopped, {});
    fmt::print(
        "{{\"bench\":\"run\",\"views\":\"{}\",\"batch\":512,\"pairs_per_second\":{:.0f},"
        "\"claimed\":{:.0f}}}\n",
        toText(views),
        40 * 512 / wall.count(),
        40 * 512 / (after - before));
    EXPECT_NEAR((after - before) / wall.count(), 1.0, 0.1);
  }
}

// What a viewer that wants ten matrices a second costs, as a figure; that it gets some.
TEST_F(GpuSession, ShowsMatricesWhileItTrains) {
  for (const bool isWatched : {false, true, false, true}) {
    const TempDir folder;
    QuietObserver observer;
    Session session(observer);
    RunRequest request;
    request.config = cifarLike(1024);
    request.config.run.maxSteps = 200;
    request.folder = folder.path() / "run";
    session.setSnapshotDemand({.isWanted = isWatched, .minIntervalMs = 100, .viewPairs = 8});
    session.start(request);
    int pictures = 0;
    while (session.state() != SessionState::Finished && session.state() != SessionState::Failed) {
      pictures += session.takeSnapshot() ? 1 : 0;
      std::this_thread::yield();
    }
    session.wait();
    ASSERT_EQ(observer.error, "");
    const std::vector<MetricPoint> rows = readMetrics(request.folder);
    ASSERT_EQ(rows.size(), 200u);
    const double seconds = rows.back().seconds - rows[39].seconds;
    fmt::print(
        "{{\"bench\":\"watched\",\"watched\":{},\"pictures\":{},\"seconds\":{:.2f},"
        "\"pairs_per_second\":{:.0f}}}\n",
        isWatched,
        pictures,
        seconds,
        160 * 1024 / seconds);
    EXPECT_EQ(pictures > 0, isWatched);
  }
}

}  // namespace
}  // namespace barlow
