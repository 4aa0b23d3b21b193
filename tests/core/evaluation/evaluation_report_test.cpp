#include "core/report/evaluation_report.h"

#include "core/base/atomic_file.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <cmath>

namespace barlow {
namespace {

EvaluationReport example(EvaluationProtocol protocol, std::string probe) {
  EvaluationReport report;
  report.probe = std::move(probe);
  report.protocol = std::move(protocol);
  report.model = {.path = "runs/one",
                  .checkpoint = "step-00000062",
                  .step = 62,
                  .epoch = 2,
                  .weights = "ab12",
                  .part = "projector",
                  .features = 64,
                  .imageSize = 32};
  report.data = {.source = "cifar10:",
                 .fingerprint = "f",
                 .bankSize = 50000,
                 .split = "val",
                 .queries = 10000,
                 .isTransfer = true};
  report.top1 = 0.125;
  report.top5 = 0.5;
  report.metrics = {{"rankme", "RankMe", 12.5, "A sentence."}, {"x", "X", std::nan(""), "Y."}};
  report.metrics.pop_back();
  report.classes = {"cat", "dog \"x\""};
  report.classAccuracy = {0.25, std::nan("")};
  report.confusion = {{1, 3}, {0, 0}};
  report.notes = {"a note"};
  report.head = "linear.safetensors";
  report.subset = "linear.labels.txt";
  report.seed = 7;
  report.seconds = 1.5;
  report.time = "2026-01-31T12:00:00.000Z";
  return report;
}

TEST(EvaluationReport, ReadsBackWhatItWroteWithEveryProtocol) {
  const std::vector<EvaluationReport> all = {
      example(KnnProtocol{.k = 20, .temperature = 0.07, .metric = "euclidean", .vote = "plain"},
              "knn"),
      example(LinearProtocol{.preset = "solo",
                             .optimizer = "sgd",
                             .augmentation = "crop-flip",
                             .schedule = "steps",
                             .epochs = 100,
                             .batchSize = 256,
                             .learningRate = 0.1,
                             .momentum = 0.9,
                             .weightDecay = 1e-6,
                             .labels = "10%"},
              "linear"),
      example(FineTuneProtocol{.epochs = 20,
                               .batchSize = 256,
                               .backboneLearningRate = 0.005,
                               .classifierLearningRate = 0.5,
                               .momentum = 0.9},
              "finetune"),
      example(UnlabelledProtocol{.images = 1000, .views = 10, .recipe = "imagenet"}, "unlabelled"),
      example(SegmentationProtocol{.epochs = 20,
                                   .batchSize = 16,
                                   .learningRate = 1e-3,
                                   .weightDecay = 1e-4,
                                   .classes = 21,
                                   .mapWidth = 7,
                                   .mapHeight = 7},
              "segmentation")};
  for (const EvaluationReport& report : all) {
    for (const bool isIndented : {false, true}) {
      EXPECT_EQ(evaluationReportFromJson(toJson(report, isIndented), "x"), report);
    }
    EXPECT_EQ(toJson(report).find('\n'), std::string::npos) << "one line";
    EXPECT_FALSE(toText(report.protocol).empty());
  }
  EvaluationReport without = all.back();
  without.top1.reset();
  without.top5.reset();
  EXPECT_EQ(evaluationReportFromJson(toJson(without), "x"), without);
}

TEST(EvaluationReport, DamagedAndNewerFilesAreProblemsOfTheirOwn) {
  const TempDir dir;
  const EvaluationReport report = example(KnnProtocol{.k = 20}, "knn");
  EXPECT_EQ(freeEvaluationName(dir.path(), report), "knn-step-00000062");
  writeEvaluation(dir / "knn-step-00000062.json", report);
  EXPECT_EQ(freeEvaluationName(dir.path(), report), "knn-step-00000062-2");
  EvaluationReport later = report;
  later.time = "2026-02-01T00:00:00.000Z";
  writeEvaluation(dir / "a.json", later);
  writeFileAtomically(dir / "bad.json", std::string_view("{\"format\":1}"));
  writeFileAtomically(dir / "new.json", std::string_view("{\"format\":2}"));
  writeFileAtomically(dir / "notes.txt", std::string_view("mine"));
  const StoredEvaluations all = readEvaluations(dir.path());
  ASSERT_EQ(all.evaluations.size(), 2u);
  EXPECT_EQ(all.evaluations[0].report, report) << "oldest first";
  EXPECT_EQ(all.evaluations[1].report, later);
  EXPECT_EQ(all.problems.size(), 2u);
  EXPECT_TRUE(readEvaluations(dir / "none").evaluations.empty());
  // Cut anywhere, a report is refused with its name.
  const std::string text = toJson(report);
  for (std::size_t size = 0; size < text.size(); size += 41) {
    EXPECT_EQ(messageOf([&] { (void)evaluationReportFromJson(text.substr(0, size), "r.json"); }),
              "r.json is damaged: it is no report of an evaluation.");
  }
}

}  // namespace
}  // namespace barlow
