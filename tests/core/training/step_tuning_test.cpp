#include "core/training/step_tuning.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

const StepChoice kPlain{Precision::Fp32, MemoryFormat::ChannelsLast};
const StepChoice kPlanes{Precision::Fp32, MemoryFormat::Contiguous};
const StepChoice kHalf{Precision::Bf16, MemoryFormat::ChannelsLast};

// Seconds that are made up; what was asked for is noted.
struct FakeTimes {
  double plain = 1;
  double planes = 1;
  double half = 1;
  std::vector<StepChoice> asked;

  StepTimer timer() {
    return [this](const StepChoice& choice, double) {
      asked.push_back(choice);
      return choice == kPlain ? plain : choice == kPlanes ? planes : half;
    };
  }
};

TEST(FastestChoice, IsThePlainOneUnlessAnotherIsClearlyFaster) {
  const RunConfig config;
  EXPECT_EQ(fastestChoice(config, FakeTimes{.planes = 0.95, .half = 0.92}.timer()), kPlain);
  FakeTimes modern{.planes = 1.6, .half = 0.5};
  EXPECT_EQ(fastestChoice(config, modern.timer()), kHalf);
  FakeTimes old{.planes = 0.8, .half = 10};
  EXPECT_EQ(fastestChoice(config, old.timer()), kPlanes);
}

TEST(FastestChoice, KeepsToTheConfigurationAndMeasuresOnlyWhatIsOpen) {
  RunConfig config;
  config.run.precision = Precision::Fp32;
  FakeTimes times{.planes = 2, .half = 0.1};
  EXPECT_EQ(fastestChoice(config, times.timer()), kPlain);
  EXPECT_EQ(times.asked, (std::vector<StepChoice>{kPlain, kPlanes}));
  config.run.memoryFormat = MemoryFormat::Contiguous;
  times.asked.clear();
  EXPECT_EQ(fastestChoice(config, times.timer()), kPlanes);
  EXPECT_TRUE(times.asked.empty());
  config.run.precision = Precision::Bf16;
  EXPECT_EQ(fastestChoice(config, times.timer()),
            (StepChoice{Precision::Bf16, MemoryFormat::Contiguous}));
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
  const StepChoice first = resolve(bigEnough(), cache, told);
  EXPECT_EQ(told.size(), 1u);
  EXPECT_EQ(resolve(bigEnough(), cache, told), first);
  EXPECT_EQ(told.size(), 1u) << "the second time it is known";
  RunConfig other = bigEnough();
  other.model.width = 12;
  resolve(other, cache, told);
  EXPECT_EQ(told.size(), 2u) << "another network is another question";
  std::ofstream(cache) << "{ damaged";
  resolve(bigEnough(), cache, told);
  EXPECT_EQ(told.size(), 3u) << "a damaged file is as none";
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
