#include "core/planning/loss_tuning.h"

#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

LossTimer timesOf(double direct, double gram) {
  return [=](LossForm form) { return form == LossForm::Gram ? gram : direct; };
}

TEST(FasterForm, IsTheUsualOneUnlessTheOtherIsClearlyFaster) {
  for (const LossForm usual : {LossForm::Direct, LossForm::Gram}) {
    EXPECT_EQ(fasterForm(usual, timesOf(1, 1)), usual);
    EXPECT_EQ(fasterForm(usual, timesOf(1, 0.95)), usual);
    EXPECT_EQ(fasterForm(usual, timesOf(0.95, 1)), usual);
    EXPECT_EQ(fasterForm(usual, timesOf(1, 0.8)), LossForm::Gram);
    EXPECT_EQ(fasterForm(usual, timesOf(0.8, 1)), LossForm::Direct);
  }
}

RunConfig sized(int n, int d) {
  RunConfig config;
  config.run.batchSize = n;
  config.model.projector = {d, d};
  return config;
}

LossForm resolve(const RunConfig& config,
                 const std::filesystem::path& cache,
                 const RunRecord* resumed = nullptr) {
  return resolveLossForm(config, torch::kCPU, 1, resumed, cache);
}

// The choice that stands in the cache of this machine, turned round.
void turnRound(const std::filesystem::path& cache) {
  std::string text;
  {
    std::ifstream file(cache);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const bool isGram = text.find("\"gram\"") != std::string::npos;
  const std::string from = isGram ? "\"gram\"" : "\"direct\"";
  text.replace(text.find(from), from.size(), isGram ? "\"direct\"" : "\"gram\"");
  std::ofstream(cache) << text;
}

TEST(ResolveLossForm, MeasuresOnceWhereItIsOpenAndRemembers) {
  const TempDir dir;
  const RunConfig config = sized(448, 512);
  const LossForm first = resolve(config, dir / "c.json");
  EXPECT_NE(first, LossForm::Auto);
  ASSERT_TRUE(std::filesystem::exists(dir / "c.json"));
  turnRound(dir / "c.json");
  EXPECT_NE(resolve(config, dir / "c.json"), first) << "what is known is not measured again";
  std::ofstream(dir / "c.json") << "{ damaged";
  EXPECT_NE(resolve(config, dir / "c.json"), LossForm::Auto);
}

TEST(ResolveLossForm, MeasuresNothingThatIsClearSmallOrAsked) {
  const TempDir dir;
  EXPECT_EQ(resolve(sized(64, 4096), dir / "c.json"), LossForm::Gram);
  EXPECT_EQ(resolve(sized(4096, 512), dir / "c.json"), LossForm::Direct);
  EXPECT_EQ(resolve(sized(32, 32), dir / "c.json"), LossForm::Direct);
  RunConfig asked = sized(448, 512);
  asked.objective.barlowTwins.form = LossForm::Gram;
  EXPECT_EQ(resolve(asked, dir / "c.json"), LossForm::Gram);
  RunConfig another = sized(448, 512);
  another.objective.name = ObjectiveName::Simclr;
  EXPECT_EQ(resolve(another, dir / "c.json"), LossForm::Direct) << "it has no forms";
  EXPECT_FALSE(std::filesystem::exists(dir / "c.json"));
}

TEST(ResolveLossForm, KeepsWhatARunBeganWith) {
  const TempDir dir;
  RunRecord record;
  record.lossForm = "gram";
  EXPECT_EQ(resolve(sized(448, 512), dir / "c.json", &record), LossForm::Gram);
  record.lossForm = "";  // a run from before it was measured
  EXPECT_EQ(resolve(sized(448, 512), dir / "c.json", &record), LossForm::Direct);
  EXPECT_FALSE(std::filesystem::exists(dir / "c.json"));
}

TEST(LossTimer, TimesBothForms) {
  const LossTimer time = makeLossTimer(sized(16, 24), torch::kCPU);
  EXPECT_GT(time(LossForm::Direct), 0);
  EXPECT_GT(time(LossForm::Gram), 0);
}

}  // namespace
}  // namespace barlow
