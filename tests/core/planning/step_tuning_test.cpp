#include "core/planning/step_tuning.h"

#include "core/step/errors.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <limits>

namespace barlow {
namespace {

const StepChoice kPlain{Precision::Fp32, MemoryFormat::ChannelsLast};
const StepChoice kPlanes{Precision::Fp32, MemoryFormat::Contiguous};
const StepChoice kTensorFloat{Precision::Tf32, MemoryFormat::ChannelsLast};
const StepChoice kHalf{Precision::Bf16, MemoryFormat::ChannelsLast};

// Seconds that are made up; what was asked for is noted.
struct FakeTimes {
  double plain = 1;
  double planes = 1;
  double tensorFloat = 1;
  double half = 1;
  std::vector<StepChoice> asked;

  StepTimer timer() {
    return [this](const StepChoice& choice, double) {
      asked.push_back(choice);
      return choice == kPlain         ? plain
             : choice == kPlanes      ? planes
             : choice == kTensorFloat ? tensorFloat
                                      : half;
    };
  }
};

TEST(FastestChoice, IsThePlainOneUnlessAnotherIsClearlyFaster) {
  const RunConfig config;
  EXPECT_EQ(fastestChoice(config, torch::kCPU, FakeTimes{.planes = 0.95, .half = 0.92}.timer()),
            kPlain);
  FakeTimes modern{.planes = 1.6, .half = 0.5};
  EXPECT_EQ(fastestChoice(config, torch::kCPU, modern.timer()), kHalf);
  FakeTimes old{.planes = 0.8, .half = 10};
  EXPECT_EQ(fastestChoice(config, torch::kCPU, old.timer()), kPlanes);
}

TEST(FastestChoice, KeepsToTheConfigurationAndMeasuresOnlyWhatIsOpen) {
  RunConfig config;
  config.run.precision = Precision::Fp32;
  FakeTimes times{.planes = 2, .half = 0.1};
  EXPECT_EQ(fastestChoice(config, torch::kCPU, times.timer()), kPlain);
  EXPECT_EQ(times.asked, (std::vector<StepChoice>{kPlain, kPlanes}));
  config.run.memoryFormat = MemoryFormat::Contiguous;
  times.asked.clear();
  EXPECT_EQ(fastestChoice(config, torch::kCPU, times.timer()), kPlanes);
  EXPECT_TRUE(times.asked.empty());
  config.run.precision = Precision::Bf16;
  EXPECT_EQ(fastestChoice(config, torch::kCPU, times.timer()),
            (StepChoice{Precision::Bf16, MemoryFormat::Contiguous}));
}

TEST(FastestChoice, TakesOnAGpuThePlainestThatIsNotATenthSlower) {
  const RunConfig config;
  const auto chosen = [&](FakeTimes times) {
    return fastestChoice(config, torch::kCUDA, times.timer());
  };
  EXPECT_EQ(chosen({.planes = 1, .tensorFloat = 0.5, .half = 0.25}), kHalf);
  EXPECT_EQ(chosen({.planes = 1, .tensorFloat = 0.5, .half = 0.46}), kTensorFloat);
  EXPECT_EQ(chosen({.planes = 1, .tensorFloat = 0.92, .half = 0.91}), kPlain);
  EXPECT_EQ(chosen({.planes = 0.8, .tensorFloat = 0.75, .half = 0.7}), kHalf);
  FakeTimes ruined{.tensorFloat = 0.1, .half = 0.1};
  fastestChoice(config, torch::kCPU, ruined.timer());
  EXPECT_EQ(ruined.asked, (std::vector<StepChoice>{kPlain, kPlanes, kHalf}))
      << "a CPU knows no TF32";
}

// Everything failed for want of memory: the plain choice is as good as any.
TEST(FastestChoice, IsThePlainOneWhereNothingCouldBeMeasured) {
  const double never = std::numeric_limits<double>::infinity();
  FakeTimes none{.plain = never, .planes = never, .tensorFloat = never, .half = never};
  EXPECT_EQ(fastestChoice(RunConfig(), torch::kCUDA, none.timer()), kPlain);
  FakeTimes one{.plain = never, .planes = never, .tensorFloat = never, .half = 1};
  EXPECT_EQ(fastestChoice(RunConfig(), torch::kCUDA, one.timer()), kHalf);
}

RunConfig bigEnough() {
  RunConfig config;
  config.model.width = 8;
  config.model.projector = {16, 16};
  config.run.batchSize = 256;
  return config;
}

StepChoice resolve(const RunConfig& config,
                   const std::filesystem::path& cache,
                   std::vector<std::string>& told,
                   const RunRecord* resumed = nullptr) {
  return resolveStepChoice(config, torch::kCPU, 1, resumed, cache, [&](const std::string& text) {
    told.push_back(text);
  });
}

TEST(ResolveStepChoice, MeasuresOnceAndRemembers) {
  const TempDir dir;
  const std::filesystem::path cache = dir / "folder" / "choices.json";
  std::vector<std::string> told;
  RunConfig config = bigEnough();
  config.run.precision = Precision::Fp32;  // bf16 takes a processor seconds
  const StepChoice first = resolve(config, cache, told);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_NE(told[0].find("fp32 and bf16"), std::string::npos) << told[0];
  EXPECT_NE(told[1].find(toText(first.precision)), std::string::npos) << told[1];
  EXPECT_EQ(resolve(config, cache, told), first);
  EXPECT_EQ(told.size(), 2u) << "the second time it is known";
  RunConfig other = config;
  other.model.width = 12;
  std::stop_source stop;
  const auto stopNow = [&](const std::string&) { stop.request_stop(); };
  EXPECT_THROW(resolveStepChoice(other, torch::kCPU, 1, nullptr, cache, stopNow, stop.get_token()),
               PreparingStopped)
      << "another network is another question";
}

// Few images are measured; DeepCluster could not find its clusters among them.
TEST(ResolveStepChoice, MeasuresTheNetworkWhateverItsObjectiveNeeds) {
  const TempDir dir;
  std::vector<std::string> told;
  RunConfig config = bigEnough();
  config.run.precision = Precision::Fp32;
  config.objective.name = ObjectiveName::DeepCluster;
  resolve(config, dir / "choices.json", told);
  EXPECT_EQ(told.size(), 2u) << "it was measured";
}

TEST(ResolveStepChoice, StopsMeasuringAndKeepsNothing) {
  const TempDir dir;
  std::stop_source stop;
  const auto stopNow = [&](const std::string&) { stop.request_stop(); };  // it has begun
  EXPECT_THROW(
      resolveStepChoice(
          bigEnough(), torch::kCPU, 1, nullptr, dir / "choices.json", stopNow, stop.get_token()),
      PreparingStopped);
  EXPECT_FALSE(std::filesystem::exists(dir / "choices.json"));
}

TEST(ResolveStepChoice, KeepsWhatARunBeganWith) {
  const TempDir dir;
  std::vector<std::string> told;
  RunRecord record;
  record.precision = "bf16";
  record.memoryFormat = "contiguous";
  EXPECT_EQ(resolve(bigEnough(), dir / "c.json", told, &record),
            (StepChoice{Precision::Bf16, MemoryFormat::Contiguous}));
  record.precision = "fp32";
  record.memoryFormat = "";  // a run from before there was a choice
  EXPECT_EQ(resolve(bigEnough(), dir / "c.json", told, &record), kPlain);
  EXPECT_TRUE(told.empty());
}

TEST(ResolveStepChoice, CallsWhatACpuDoesByItsName) {
  const TempDir dir;
  std::vector<std::string> told;
  RunConfig config = bigEnough();
  config.run.precision = Precision::Tf32;
  config.run.memoryFormat = MemoryFormat::ChannelsLast;
  EXPECT_EQ(resolve(config, dir / "c.json", told), kPlain);
  RunRecord record;  // of a GPU
  record.precision = "tf32";
  record.memoryFormat = "contiguous";
  EXPECT_EQ(resolve(config, dir / "c.json", told, &record), kPlanes);
  EXPECT_TRUE(told.empty());
}

TEST(ResolveStepChoice, LeavesSmallNetworksAlone) {
  const TempDir dir;
  std::vector<std::string> told;
  RunConfig small;
  small.model.backbone = Backbone::Tiny;
  small.model.width = 4;
  small.model.projector = {16, 16};
  small.run.batchSize = 16;
  EXPECT_EQ(resolve(small, dir / "c.json", told), kPlain);
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace barlow
