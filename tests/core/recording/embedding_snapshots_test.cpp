#include "core/recording/embedding_snapshots.h"

#include "core/base/error.h"
#include "core/files/tensor_files.h"
#include "core/matrix/correlate.h"
#include "core/objectives/barlow_twins_loss.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>

namespace barlow {
namespace {

torch::Tensor formula(std::int64_t n, std::int64_t d, double speed) {
  return torch::arange(n * d, torch::kFloat32).mul(speed).sin().view({n, d}) + 0.3;
}

RunConfig configOf(int batch, int moments, int megabytes) {
  RunConfig config;
  config.run.batchSize = batch;
  config.run.matrixMoments = moments;
  config.run.matrixStorageMb = megabytes;
  config.objective.barlowTwins.lambda = 0.01;
  return config;
}

TEST(KeptEmbeddings, AreReadBackToTheByte) {
  const TempDir dir;
  const auto written = embeddingBatchOf(
      formula(6, 5, 0.37), formula(6, 5, 0.53), {5, 4, 3, 2, 1, 0}, ObjectiveParams{}, "x", 12);
  writeSnapshot(dir.path(), *written);
  std::ofstream(dir / "matrices" / "step-x.safetensors") << "of no step";
  std::ofstream(dir / "matrices" / "notes.txt") << "not ours";
  const auto files = listSnapshots(dir.path());
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].step, 12);
  EXPECT_EQ(files[0].bytes, std::filesystem::file_size(files[0].file));
  const EmbeddingBatch read = readSnapshot(files[0], configOf(6, 50, 256), "run");
  EXPECT_EQ(read.samples, written->samples);
  EXPECT_EQ(read.a.origin(), (MatrixOrigin{.n = 6, .lambda = 0.01, .name = "run", .step = 12}));
  for (std::int64_t i = 0; i < 30; ++i) {
    ASSERT_EQ(read.a.values()[i], written->a.values()[i]);
    ASSERT_EQ(read.b.values()[i], written->b.values()[i]);
  }
}

TEST(KeptEmbeddings, CarryTheScoresOfPrototypesWhereThereAreAny) {
  const TempDir dir;
  ObjectiveParams swav{.name = ObjectiveName::Swav};
  swav.swav.temperature = 0.2;
  RunConfig config = configOf(6, 50, 256);
  config.objective = swav;
  const torch::Tensor scores = formula(6, 9, 0.71);
  const auto z = formula(6, 5, 0.37);
  writeSnapshot(dir.path(), *embeddingBatchOf(z, z, {0, 1, 2, 3, 4, 5}, swav, "x", 12, scores));
  const EmbeddingBatch read = readSnapshot(listSnapshots(dir.path()).at(0), config, "run");
  EXPECT_EQ(read.temperature, 0.2);
  ASSERT_EQ(read.scores.columns(), 9);
  for (std::int64_t i = 0; i < 54; ++i) {
    ASSERT_EQ(read.scores.values()[i], scores.view({-1})[i].item<float>());
  }
  // Of other methods a file has what it always had, and scores of no use are left out.
  writeSnapshot(dir.path(), *embeddingBatchOf(z, z, {0, 1, 2, 3, 4, 5}, {}, "x", 13));
  const NamedTensors kept = readSafetensors(listSnapshots(dir.path()).at(1).file);
  EXPECT_EQ(kept.size(), 3u);
  EXPECT_TRUE(readSnapshot(listSnapshots(dir.path()).at(1), config, "run").scores.isEmpty());
  writeSafetensors(dir / "matrices" / "step-00000014.safetensors",
                   {{"z_a", z}, {"z_b", z}, {"prototype_scores", formula(5, 9, 0.7)}});
  EXPECT_TRUE(readSnapshot(listSnapshots(dir.path()).at(2), config, "run").scores.isEmpty());
}

TEST(KeptEmbeddings, GiveTheMatrixOfTheLoss) {
  for (const Standardization how : {Standardization::BatchNorm, Standardization::Hsic}) {
    ObjectiveParams objective;
    objective.barlowTwins.standardization = how;
    const torch::Tensor zA = formula(64, 20, 0.37);
    const torch::Tensor zB = zA + 0.2 * formula(64, 20, 0.91);
    const auto c = correlationOf(*embeddingBatchOf(zA, zB, {}, objective, "", 1));
    const torch::Tensor expected = torch::mm(standardize(zA, how).t(), standardize(zB, how)) / 64.0;
    ASSERT_EQ(c->rows(), 20);
    for (std::int64_t i = 0; i < 20; ++i) {
      for (std::int64_t j = 0; j < 20; ++j) {
        ASSERT_NEAR(c->at(i, j), expected[i][j].item<float>(), 2e-6) << i << ", " << j;
      }
    }
  }
}

// Issue 17: the matrix of another objective was said to have Barlow Twins' loss.
TEST(KeptEmbeddings, SayThatNoLossIsMadeOfTheMatrixByOtherObjectives) {
  ObjectiveParams objective;
  const auto lambda = [&] {
    return embeddingBatchOf(formula(4, 3, 0.1), formula(4, 3, 0.2), {}, objective, "", 1)
        ->a.origin()
        .lambda;
  };
  EXPECT_GT(lambda(), 0);
  objective.name = ObjectiveName::Simclr;
  EXPECT_EQ(lambda(), 0);
}

TEST(KeptEmbeddings, AfterAStepGo) {
  const TempDir dir;
  for (const std::int64_t step : {1, 10, 20}) {
    writeSnapshot(
        dir.path(),
        *embeddingBatchOf(formula(4, 3, 0.1), formula(4, 3, 0.2), {}, ObjectiveParams{}, "", step));
  }
  removeSnapshotsAfter(dir.path(), 10);
  ASSERT_EQ(listSnapshots(dir.path()).size(), 2u);
  EXPECT_EQ(listSnapshots(dir.path()).back().step, 10);
}

TEST(KeptEmbeddings, StayBelowTheirRoom) {
  EXPECT_EQ(snapshotEvery(configOf(256, 50, 256), 1000, 128), 20);
  EXPECT_EQ(snapshotEvery(configOf(256, 50, 256), 10, 128), 1);
  EXPECT_EQ(snapshotEvery(configOf(256, 0, 256), 1000, 128), 0);
  // Scores of 3000 prototypes are twelve times as large as two embeddings of 128 dimensions.
  RunConfig swav = configOf(256, 50, 66);
  swav.objective.name = ObjectiveName::Swav;
  EXPECT_EQ(snapshotEvery(swav, 1000, 128), 53);
  // 1024 x 8192 floats of two views are 67 MB: three fit into 256 MB.
  EXPECT_EQ(snapshotEvery(configOf(1024, 50, 256), 999, 8192), 333);
  EXPECT_EQ(snapshotEvery(configOf(1024, 50, 64), 999, 8192), 0);
}

TEST(KeptEmbeddings, SayWhatIsWrong) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "matrices");
  const auto path = dir / "matrices" / "step-00000001.safetensors";
  std::ofstream(path) << "torn";
  EXPECT_THROW(readSnapshot({.step = 1, .file = path}, RunConfig{}, ""), Exception);
}

}  // namespace
}  // namespace barlow
