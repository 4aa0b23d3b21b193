#include "core/training/trainer.h"

#include "core/base/error.h"
#include "core/matrix/matrix_kinds.h"
#include "core/params/config_io.h"
#include "core/recording/embedding_snapshots.h"
#include "core/runs/run_folder.h"
#include "core/step/errors.h"
#include "tests/support/temp_dir.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>

namespace barlow {
namespace {

RunConfig tinyConfig() {
  RunConfig config;
  config.data.source = "shapes";
  config.data.limit = 96;
  config.data.imageSize = 32;
  config.model.backbone = Backbone::Tiny;
  config.model.width = 8;
  config.model.projector = {16, 16};
  config.run.batchSize = 32;
  config.run.epochs = 3;
  config.run.threads = 1;
  config.run.loaderWorkers = 1;
  config.run.device = "cpu";
  config.evaluate.everyEpochs = 0;
  return config;
}

struct Trained {
  std::vector<MetricPoint> given;
  std::vector<MetricPoint> recorded;
  std::string weights;
};

std::string contentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of a fresh run; `lag` steps of metrics are under way.
std::unique_ptr<TrainingLoop> prepared(const std::filesystem::path& folder,
                                       const RunConfig& config,
                                       int lag) {
  RunRequest request;
  request.config = config;
  request.folder = folder;
  request.metricLag = lag;
  auto trainer = makeTrainer(request);
  trainer->prepare({}, [](SessionEvent) {});
  return trainer;
}

// A whole run; `lag` steps of metrics are under way.
Trained train(const std::filesystem::path& folder, const RunConfig& config, int lag) {
  const auto trainer = prepared(folder, config, lag);
  Trained result;
  const auto keep = [&](const std::vector<MetricPoint>& points) {
    result.given.insert(result.given.end(), points.begin(), points.end());
  };
  while (!trainer->isDone()) {
    trainer->evaluateIfDue({});
    keep(trainer->step({}));
  }
  keep(trainer->settle());
  trainer->evaluateIfDue({});
  trainer->checkpointNow();
  trainer->finish(RunEnd::Finished, {});
  result.recorded = readMetrics(folder);
  result.weights = contentOf(folder / "checkpoints" / "step-00000009" / "model.safetensors");
  return result;
}

TEST(Trainer, MetricsThatArriveLateAreTheSame) {
  const TempDir folder;
  const Trained atOnce = train(folder.path() / "a", tinyConfig(), 0);
  const Trained late = train(folder.path() / "b", tinyConfig(), 2);
  ASSERT_EQ(atOnce.given.size(), 9u);
  ASSERT_EQ(late.given.size(), 9u);
  ASSERT_EQ(late.recorded.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_EQ(late.given[i].step, static_cast<std::int64_t>(i + 1));
    EXPECT_EQ(late.recorded[i].step, late.given[i].step);
    EXPECT_EQ(late.given[i].loss, atOnce.given[i].loss);
    EXPECT_EQ(late.given[i].terms, atOnce.given[i].terms);
    EXPECT_EQ(late.recorded[i].terms, late.given[i].terms);
    EXPECT_EQ(late.given[i].epoch, atOnce.given[i].epoch);
  }
  EXPECT_EQ(late.weights, atOnce.weights);
}

TEST(Trainer, GivesARowForEveryStepOnceItIsKnown) {
  const TempDir folder;
  const auto trainer = prepared(folder / "run", tinyConfig(), 2);
  EXPECT_EQ(trainer->step({}).size(), 0u);
  EXPECT_EQ(trainer->step({}).size(), 0u);
  ASSERT_EQ(trainer->step({}).size(), 1u);
  const auto rest = trainer->settle();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_EQ(rest.front().step, 2);
  EXPECT_TRUE(trainer->settle().empty());
  trainer->finish(RunEnd::Stopped, {});
}

// Pairs per second are those of the clock on the wall: all that passes between the first step and
// the last belongs to some step, whatever is under way.
TEST(Trainer, TellsSpeedsThatAddUpToTheTimeTaken) {
  for (const int lag : {0, 2}) {
    const TempDir folder;
    const auto trainer = prepared(folder / "run", tinyConfig(), lag);
    const auto start = std::chrono::steady_clock::now();
    while (!trainer->isDone()) {
      trainer->step({});
    }
    trainer->finish(RunEnd::Finished, {});
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
    double seconds = 0;
    for (const MetricPoint& point : readMetrics(folder / "run")) {
      seconds += 32.0 / point.pairsPerSecond;
      EXPECT_NEAR(point.seconds, seconds, 1e-9);
    }
    EXPECT_GT(seconds, 0.0);
    EXPECT_LE(seconds, wall.count());
  }
}

// What was only queued when something failed is not known to have been made.
TEST(Trainer, AFailedRunCountsTheStepsWhoseNumbersCame) {
  const TempDir folder;
  const auto trainer = prepared(folder / "run", tinyConfig(), 2);
  for (int i = 0; i < 5; ++i) {
    trainer->step({});
  }
  trainer->finish(RunEnd::Failed, {"the device is gone", ""});
  EXPECT_EQ(readMetrics(folder / "run").size(), 3u);
  EXPECT_EQ(readRunRecord(folder / "run").steps, 3);
}

TEST(Trainer, ShowsAStepOnlyOnceItsLossIsKnown) {
  const TempDir folder;
  const auto trainer = prepared(folder / "run", tinyConfig(), 2);
  trainer->beginSnapshot(4);  // nothing to show yet
  EXPECT_EQ(trainer->takeSnapshot(), nullptr);
  trainer->step({});
  trainer->beginSnapshot(4);
  EXPECT_EQ(trainer->takeSnapshot(), nullptr);
  trainer->step({});
  EXPECT_EQ(trainer->takeSnapshot(), nullptr);
  trainer->step({});
  const auto first = trainer->takeSnapshot();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->step, 1);
  EXPECT_EQ(first->views.size(), 4u);
  EXPECT_EQ(first->embeddings->a.rows(), 32);
  EXPECT_EQ(first->embeddings->samples.size(), 32u);
  EXPECT_EQ(trainer->takeSnapshot(), nullptr) << "given once";
  trainer->beginSnapshot(0);
  trainer->settle();
  const auto last = trainer->takeSnapshot();
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->step, 3);
  EXPECT_TRUE(last->views.empty());
  trainer->finish(RunEnd::Stopped, {});
}

TEST(Trainer, WritesNothingWhereItsFolderWas) {
  const TempDir dir;
  const std::filesystem::path run = dir / "run";
  for (const bool isNameTaken : {false, true}) {
    const auto trainer = prepared(run, tinyConfig(), 0);
    trainer->step({});
    EXPECT_FALSE(trainer->folderProblem());
    std::filesystem::remove_all(run);
    if (isNameTaken) {
      std::filesystem::create_directory(run);
    }
    EXPECT_TRUE(trainer->folderProblem());
    trainer->step({});
    trainer->checkpointIfDue();
    EXPECT_THROW(trainer->checkpointNow(), Exception);
    trainer->finish(RunEnd::Failed, {"planned", ""});
    EXPECT_EQ(std::filesystem::exists(run), isNameTaken);
    EXPECT_TRUE(!isNameTaken || std::filesystem::is_empty(run));
    std::filesystem::remove_all(run);
  }
}

TEST(Trainer, GoesOnFromWhereItWasSavedAfterItsFolderVanished) {
  const TempDir dir;
  {
    const auto trainer = prepared(dir / "run", tinyConfig(), 0);
    trainer->step({});
    trainer->checkpointNow();
    trainer->step({});
    std::filesystem::remove_all(dir / "run");
    trainer->step({});
    trainer->moveTo(dir / "saved");
    EXPECT_EQ(trainer->folder(), dir / "saved");
    trainer->checkpointNow();
    EXPECT_EQ(trainer->savedStep(), 3);
    trainer->finish(RunEnd::Stopped, {});
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "run"));
  EXPECT_EQ(readMetrics(dir / "saved").size(), 3u);
  EXPECT_EQ(readRunRecord(dir / "saved").state, "stopped");
  const auto resumed = makeTrainer({.folder = dir / "saved", .mode = RunRequest::Mode::Resume});
  EXPECT_EQ(resumed->prepare({}, [](SessionEvent) {}).firstStep, 3);
}

TEST(Trainer, StopsPreparingAndLeavesNothing) {
  const TempDir dir;
  std::stop_source stop;
  stop.request_stop();
  const auto trainer = makeTrainer({.config = tinyConfig(), .folder = dir / "run"});
  EXPECT_THROW(trainer->prepare(stop.get_token(), [](SessionEvent) {}), PreparingStopped);
  EXPECT_FALSE(std::filesystem::exists(dir / "run"));
}

// Also in the middle of a folder, however many images it holds; and a stop is no data that moved.
TEST(Trainer, StopsWhileItReadsAFolder) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "photos");
  std::ofstream(dir.path() / "photos" / "0.png") << "no picture, which the end of the folder tells";
  RunConfig config = tinyConfig();
  config.data.source = (dir / "photos").string();
  std::stop_source stop;
  const auto trainer = makeTrainer({.config = config, .folder = dir / "run"});
  const auto stopWhenOpening = [&](const SessionEvent& event) {
    if (event.text.starts_with("opening")) {
      stop.request_stop();
    }
  };
  EXPECT_THROW(trainer->prepare(stop.get_token(), stopWhenOpening), PreparingStopped);
}

// Nothing is saved after the step whose loss was not finite, also when that is seen later.
TEST(Trainer, FindsALossThatIsNotFiniteLater) {
  for (const int lag : {0, 2}) {
    const TempDir folder;
    RunRequest request;
    request.config = tinyConfig();
    request.config.optim.name = OptimizerName::Sgd;
    request.config.optim.warmupEpochs = 0;
    // Every step multiplies the weights by 1 - 12: soon nothing is finite.
    request.config.optim.baseLearningRate = 100;
    request.config.optim.weightDecay = 1;
    request.config.run.epochs = 60;
    request.folder = folder.path() / "run";
    request.metricLag = lag;
    request.config.run.checkpointEverySteps = 1;
    request.config.run.keepCheckpoints = 1;
    const auto trainer = makeTrainer(request);
    trainer->prepare({}, [](SessionEvent) {});
    std::int64_t bad = 0;
    try {
      while (!trainer->isDone()) {
        trainer->step({});
        trainer->checkpointIfDue();
      }
    } catch (const NonFiniteLoss& loss) {
      bad = loss.step();
    }
    ASSERT_GT(bad, 0) << "it did not diverge";
    trainer->finish(RunEnd::Failed, {"diverged", ""});
    EXPECT_EQ(readRunRecord(folder / "run").steps, bad - 1);
    EXPECT_TRUE(std::filesystem::exists(request.folder / "checkpoints" /
                                        fmt::format("step-{:08}", bad - 1)));
  }
}

std::string savedFile(const std::filesystem::path& folder, int step, const char* name) {
  return contentOf(folder / "checkpoints" / fmt::format("step-{:08}", step) / name);
}

TEST(Trainer, LearnsAClassifierBesideTheEncoderWhichFeelsNothingOfIt) {
  const TempDir dir;
  for (const int microBatch : {0, 16}) {
    RunConfig config = tinyConfig();
    config.run.microBatchSize = microBatch;
    config.evaluate.everyEpochs = 1;
    const auto name = [&](const char* run) {
      return dir.path() / fmt::format("{}{}", run, microBatch);
    };
    const Trained without = train(name("without"), config, 0);
    config.evaluate.onlineLinear = true;
    const Trained with = train(name("with"), config, 0);
    EXPECT_EQ(with.weights, without.weights) << "micro-batches of " << microBatch;
    const MetricSchema schema = *readRunRecord(name("with")).metrics;
    ASSERT_EQ(with.recorded.size(), without.recorded.size());
    const double first = valueOf(with.recorded.front(), schema, "online_loss");
    EXPECT_GT(first, 1) << "with zero weights all classes are alike";
    EXPECT_NE(valueOf(with.recorded.back(), schema, "online_loss"), first);
    for (std::size_t i = 0; i < with.recorded.size(); ++i) {
      EXPECT_EQ(with.recorded[i].terms[0], without.recorded[i].terms[0]);
      const double share = valueOf(with.recorded[i], schema, "online_top1");
      EXPECT_TRUE(share >= 0 && share <= 1) << share;
    }
    EXPECT_NE(contentOf(name("with") / "events.jsonl").find("online_linear_top1"),
              std::string::npos);
    EXPECT_NE(contentOf(name("with") / "summary.json").find("online_linear_top1"),
              std::string::npos);
    EXPECT_EQ(contentOf(name("without") / "events.jsonl").find("online_linear"), std::string::npos);
  }
}

TEST(Trainer, GoesOnWithTheClassifierBesideTheEncoder) {
  const TempDir dir;
  RunConfig config = tinyConfig();
  config.objective.name = ObjectiveName::Byol;  // whose own columns have one that comes later
  config.evaluate.onlineLinear = true;
  train(dir.path() / "whole", config, 0);
  config.run.maxSteps = 4;
  auto begun = prepared(dir.path() / "parts", config, 2);
  while (!begun->isDone()) {
    begun->step({});
  }
  begun->checkpointNow();
  begun->finish(RunEnd::Finished, {});
  begun.reset();
  RunRequest request{.folder = dir.path() / "parts", .mode = RunRequest::Mode::Resume};
  request.epochs = config.run.epochs;
  const auto trainer = makeTrainer(request);
  trainer->prepare({}, [](SessionEvent) {});
  while (!trainer->isDone()) {
    trainer->step({});
  }
  trainer->checkpointNow();
  trainer->finish(RunEnd::Finished, {});
  EXPECT_EQ(savedFile(dir.path() / "parts", 9, "online.safetensors"),
            savedFile(dir.path() / "whole", 9, "online.safetensors"));
  EXPECT_EQ(contentOf(dir.path() / "parts" / "metrics.jsonl").find("\"nan\""), std::string::npos);
}

TEST(Trainer, DistortsOnTheDeviceWhereAsked) {
  const TempDir folder;
  RunConfig config = tinyConfig();
  const Trained cpu = train(folder.path() / "cpu", config, 0);
  config.run.deviceViews = DeviceViews::On;
  const Trained device = train(folder.path() / "device", config, 0);
  EXPECT_EQ(readRunRecord(folder.path() / "cpu").views, "cpu");
  EXPECT_EQ(readRunRecord(folder.path() / "device").views, "device");
  // The same views, wherever they are made.
  EXPECT_EQ(device.weights, cpu.weights);
}

class TrainerOfEvery : public testing::TestWithParam<ObjectiveName> {
 protected:
  static RunConfig config() {
    RunConfig config = withObjective(tinyConfig(), GetParam());
    config.objective.moco.queue = 64;
    config.objective.byol.predictor = 8;
    config.objective.simsiam.predictor = 8;
    config.objective.swav.prototypes = 10;
    config.objective.swav.queue = 64;
    config.objective.swav.queueFromEpoch = 1;
    config.objective.swav.freezeEpochs = 1;
    config.objective.deepCluster.clusters = 8;
    config.objective.lejepa.slices = 16;
    config.run.summaryEverySteps = 1;
    return config;
  }
};

// Whatever is trained: its numbers are finite, are those it declares, and stand in the record.
TEST_P(TrainerOfEvery, RecordsTheColumnsThatItsObjectiveDeclares) {
  const TempDir dir;
  const Trained trained = train(dir / "run", config(), 0);
  const auto schema = readRunRecord(dir / "run").metrics;
  ASSERT_TRUE(schema);
  ASSERT_EQ(trained.recorded.size(), 9u);
  EXPECT_FALSE(schema->loss.help.empty());
  const bool isDeepCluster = GetParam() == ObjectiveName::DeepCluster;
  for (const MetricPoint& point : trained.recorded) {
    EXPECT_TRUE(std::isfinite(point.loss)) << point.step;
    ASSERT_EQ(point.terms.size(), schema->terms.size());
    for (std::size_t i = 0; i < point.terms.size(); ++i) {
      EXPECT_TRUE(std::isfinite(point.terms[i]) || isDeepCluster) << schema->terms[i].key;
    }
    ASSERT_TRUE(point.collapse);
    EXPECT_EQ(point.collapse->meanDiagonal.has_value(), GetParam() != ObjectiveName::BarlowTwins)
        << "the correlation of the two views is there for every method";
  }
}

// Every kind of matrix can be made of what a viewer is given and of what is kept; assignments where
// the method has prototypes, DeepCluster's from its second epoch on.
TEST_P(TrainerOfEvery, GivesWhatItsMatricesAreMadeOf) {
  const TempDir dir;
  RunConfig brief = config();
  brief.run.maxSteps = 5;
  brief.run.matrixMoments = 5;
  const auto trainer = prepared(dir / "run", brief, 0);
  std::vector<std::shared_ptr<const EmbeddingBatch>> shown;
  while (!trainer->isDone()) {
    trainer->step({});
    trainer->beginSnapshot(1);
    shown.push_back(trainer->takeSnapshot()->embeddings);
  }
  trainer->finish(RunEnd::Finished, {});
  const auto kept = listSnapshots(dir / "run");
  ASSERT_EQ(shown.size(), 5u);
  ASSERT_EQ(kept.size(), 5u);
  const std::int64_t prototypes = brief.objective.prototypeForm().count;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    SCOPED_TRACE(i);
    const EmbeddingBatch stored = readSnapshot(kept[i], brief, "run");
    const bool isSorted = prototypes > 0 && (GetParam() == ObjectiveName::Swav || i >= 3);
    for (const EmbeddingBatch* batch : {shown[i].get(), &stored}) {
      for (const auto& kind : kEnumNames<MatrixKind>) {
        if (kind.value != MatrixKind::Assignments || isSorted) {
          EXPECT_FALSE(matrixOf(*batch, kind.value)->isEmpty()) << kind.text;
        }
      }
      ASSERT_EQ(batch->scores.columns(), isSorted ? prototypes : 0);
      for (std::int64_t cell = 0; cell < batch->scores.rows() * batch->scores.columns(); ++cell) {
        ASSERT_LE(std::abs(batch->scores.values()[cell]), 1.0001f) << "a cosine";
      }
    }
  }
  EXPECT_EQ(brief.objective.info().owns(MatrixKind::Assignments), prototypes > 0);
}

TEST_P(TrainerOfEvery, MeasuresHowFarAMomentumNetworkIsNowAndThen) {
  const TempDir dir;
  RunConfig brief = config();
  brief.run.summaryEverySteps = 2;
  brief.run.maxSteps = 5;
  for (const int lag : {0, 2}) {
    const auto folder = dir / std::to_string(lag);
    const auto trainer = prepared(folder, brief, lag);
    while (!trainer->isDone()) {
      trainer->step({});
    }
    trainer->finish(RunEnd::Finished, {});
    const MetricSchema schema = *readRunRecord(folder).metrics;
    const bool hasMomentum = brief.objective.info().hasMomentumEncoder;
    ASSERT_EQ(termIndex(schema, "momentum_distance").has_value(), hasMomentum);
    if (!hasMomentum) {
      continue;
    }
    const std::vector<MetricPoint> points = readMetrics(folder);
    ASSERT_EQ(points.size(), 5u);
    for (const MetricPoint& point : points) {
      const double distance = valueOf(point, schema, "momentum_distance");
      EXPECT_EQ(std::isnan(distance), point.step % 2 == 1) << "a gap, at step " << point.step;
      EXPECT_FALSE(std::isnan(point.terms[0])) << "the objective's own numbers are its own";
      if (point.step % 2 == 0) {
        EXPECT_GT(distance, 0);
        EXPECT_LT(distance, 1);
      }
    }
    EXPECT_EQ(contentOf(folder / "summary.json").find("\"momentum_distance\":\"nan\""),
              std::string::npos)
        << "the last one known is the run's";
  }
}

TEST_P(TrainerOfEvery, TakesSmallCropsOrSaysWhyNot) {
  const TempDir dir;
  RunConfig crops = config();
  crops.augment.smallCrops = 2;
  crops.augment.smallCropSize = 16;
  crops.run.maxSteps = 5;
  if (!crops.objective.info().takesMoreViews) {
    EXPECT_THROW(prepared(dir / "run", crops, 0), Exception);
    EXPECT_FALSE(std::filesystem::exists(dir / "run"));
    return;
  }
  const auto trainer = prepared(dir / "run", crops, 0);
  while (!trainer->isDone()) {
    for (const MetricPoint& point : trainer->step({})) {
      EXPECT_TRUE(std::isfinite(point.loss));
    }
  }
  trainer->finish(RunEnd::Finished, {});
}

INSTANTIATE_TEST_SUITE_P(All,
                         TrainerOfEvery,
                         testing::ValuesIn([] {
                           std::vector<ObjectiveName> names;
                           for (const auto& name : kEnumNames<ObjectiveName>) {
                             names.push_back(name.value);
                           }
                           return names;
                         }()),
                         [](const auto& test) { return std::string(toText(test.param)); });

}  // namespace
}  // namespace barlow
