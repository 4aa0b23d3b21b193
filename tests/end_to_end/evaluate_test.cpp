#include "core/base/atomic_file.h"
#include "core/files/tensor_files.h"
#include "core/image/decode.h"
#include "core/image/png_writer.h"
#include "core/report/evaluation_report.h"
#include "core/torch.h"
#include "tests/end_to_end/cli.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// A run on pictures in four classes, trained once for all tests that only look at it.
class Judged : public testing::Test {
 protected:
  void SetUp() override {
    if (scratch_ != nullptr) {
      return;
    }
    scratch_ = new TempDir;
    writePictures(*scratch_ / "photos/train", 80);
    writePictures(*scratch_ / "photos/test", 40);
    writePictures(*scratch_ / "photos/val", 20);
    const auto trained = barlowCli(*scratch_,
                                   tinyTraining(run(),
                                                {"--data",
                                                 *scratch_ / "photos",
                                                 "--set",
                                                 "data.limit=0",
                                                 "--set",
                                                 "evaluate.bank=0",
                                                 "--set",
                                                 "evaluate.queries=0",
                                                 "--quiet"}));
    ASSERT_EQ(trained.exitCode, 0) << trained.err;
  }
  static void TearDownTestSuite() {
    delete scratch_;
    scratch_ = nullptr;
  }

  static std::string run() { return *scratch_ / "run"; }
  static ProcessResult evaluated(std::vector<std::string> more, const std::string& model = run()) {
    more.insert(more.begin(), {"evaluate", model, "--threads", "1"});
    return barlowCli(*scratch_, std::move(more));
  }
  static nlohmann::json report(std::vector<std::string> more) {
    more.push_back("--json");
    const ProcessResult result = evaluated(std::move(more));
    EXPECT_EQ(result.exitCode, 0) << result.err;
    EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1) << "one line";
    return nlohmann::json::parse(result.out);
  }
  // A copy of the run that may be spoilt.
  static fs::path copyOfRun(const TempDir& dir) {
    fs::copy(run(), dir.path() / "run", fs::copy_options::recursive);
    fs::remove_all(dir.path() / "run/evaluations");  // of the tests before
    return dir.path() / "run";
  }
  static TempDir* scratch_;
};
TempDir* Judged::scratch_ = nullptr;

TEST_F(Judged, TheNeighboursSayWhatTheySaidInTraining) {
  const auto json = report({});
  std::ifstream events(fs::path(run()) / "events.jsonl");
  nlohmann::json last;
  for (std::string line; std::getline(events, line);) {
    const auto event = nlohmann::json::parse(line);
    last = event["event"] == "evaluation" ? event : last;
  }
  EXPECT_EQ(json["probe"], "knn");
  EXPECT_EQ(json["top1"], last["top1"]);
  EXPECT_EQ(json["top5"], last["top5"]);
  EXPECT_EQ(json["k"], last["k"]);
  EXPECT_EQ(json["temperature"], 0.1);
  EXPECT_EQ(json["split"], "test");
  EXPECT_EQ(json["checkpoint"], "step-00000020");
  EXPECT_EQ(json["model"]["epoch"], 4);
  EXPECT_EQ(json["data"]["bank_size"], 80);
  EXPECT_EQ(json["data"]["queries"], 40);
  EXPECT_EQ(json["data"]["transfer"], false);
  EXPECT_EQ(json["confusion"].size(), 4u);
  // The second time features come from the cache; the answer is the same.
  const auto again = report({});
  EXPECT_EQ(again["top1"], json["top1"]);
  EXPECT_EQ(again["confusion"], json["confusion"]);
}

TEST_F(Judged, EveryProbeWritesItsReportIntoTheRun) {
  const TempDir dir;
  const std::string copy = copyOfRun(dir);
  const std::vector<std::vector<std::string>> probes = {
      {"--probe", "knn", "--k", "5", "--metric", "euclidean", "--vote", "plain"},
      {"--probe", "linear", "--labels", "10%"},
      {"--probe", "linear", "--preset", "solo", "--epochs", "2"},
      {"--probe", "linear", "--part", "projector", "--split", "validation"},
      {"--probe", "finetune", "--labels", "50%", "--epochs", "1"},
      {"--probe", "unlabelled", "--images", "8"}};
  for (const auto& probe : probes) {
    const ProcessResult result = evaluated(probe, copy);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    EXPECT_FALSE(result.out.empty());
  }
  const fs::path folder = fs::path(copy) / "evaluations";
  const StoredEvaluations all = readEvaluations(folder);
  EXPECT_TRUE(all.problems.empty());
  ASSERT_EQ(all.evaluations.size(), probes.size());
  EXPECT_EQ(std::get<KnnProtocol>(all.evaluations[0].report.protocol),
            (KnnProtocol{.k = 5, .temperature = 0.1, .metric = "euclidean", .vote = "plain"}));
  const EvaluationReport& few = all.evaluations[1].report;
  EXPECT_EQ(few.data.bankSize, 8);
  const std::string names = readFileText(folder / few.subset, 1 << 16);
  EXPECT_EQ(std::count(names.begin(), names.end(), '\n'), 8);
  const auto head = readSafetensors(folder / few.head);
  ASSERT_EQ(head.size(), 2u);
  EXPECT_EQ(head[0].first, "fc.weight");
  EXPECT_EQ(head[0].second.size(0), 4);
  EXPECT_EQ(all.evaluations[3].report.model.part, "projector");
  EXPECT_EQ(all.evaluations[3].report.data.split, "val");
  EXPECT_EQ(all.evaluations[3].report.data.queries, 20);
  EXPECT_EQ(all.evaluations[4].report.probe, "finetune");
  EXPECT_FALSE(all.evaluations[5].report.top1);
  // What is beside them is no obstacle to the run.
  EXPECT_EQ(barlowCli(dir, {"resume", copy, "--epochs", "5", "--quiet"}).exitCode, 0);
}

TEST_F(Judged, ACheckpointAndOtherDataCanBeNamed) {
  const TempDir dir;
  writePictures(dir.path() / "birds", 40);
  const auto json = report({"--data", dir / "birds", "--probe", "linear"});
  EXPECT_EQ(json["data"]["transfer"], true);
  EXPECT_EQ(json["data"]["split"], "train") << "a part that is held out";
  EXPECT_EQ(json["data"]["queries"], 4);
  EXPECT_EQ(evaluated({}, run() + "/checkpoints/step-00000020/").exitCode, 0);
}

TEST_F(Judged, ASegmentationProbeTellsPixelsApart) {
  const TempDir dir;
  fs::create_directories(dir.path() / "scenes/images");
  fs::create_directories(dir.path() / "scenes/masks");
  for (int i = 0; i < 10; ++i) {
    RgbImage image(24, 20);
    PngFormat format{.width = 24, .height = 20};
    format.palette.assign(4, {200, 10, 10});
    std::string bytes;
    PngWriter writer(format, [&](std::span<const std::byte> piece) {
      bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    });
    std::vector<std::uint8_t> mask;
    for (int y = 0; y < 20; ++y) {
      for (int x = 0; x < 24; ++x) {
        const bool isRight = x >= 8 + i % 8;
        image.row(y)[3 * x] = isRight ? 250 : 5;
        mask.push_back(isRight ? 3 : 0);
      }
    }
    writer.writeRows(mask.data(), 20);
    writer.finish();
    const std::string name = std::to_string(i) + ".png";
    writePng(dir.path() / "scenes/images" / name, image);
    writeFileAtomically(dir.path() / "scenes/masks" / name, bytes);
  }
  const auto json = report({"--data", dir / "scenes", "--probe", "segmentation", "--epochs", "30"});
  EXPECT_EQ(json["protocol"]["classes"], 2);
  EXPECT_EQ(json["protocol"]["epochs"], 30);
  EXPECT_EQ(json["protocol"]["upsampling"], "bilinear");
  EXPECT_EQ(json["data"]["queries"], 2);
  EXPECT_EQ(json["metrics"][0]["key"], "mean_iou");
  EXPECT_EQ(json["metrics"][3]["key"], "iou_3");
  EXPECT_TRUE(json["top1"].is_null());
  const ProcessResult unnamed = evaluated({"--probe", "segmentation"});
  EXPECT_EQ(unnamed.exitCode, 1);
  EXPECT_NE(unnamed.err.find("--data"), std::string::npos) << unnamed.err;
  const ProcessResult plain =
      evaluated({"--probe", "segmentation", "--data", *scratch_ / "photos"});
  EXPECT_EQ(plain.exitCode, 1);
  EXPECT_NE(plain.err.find("no masks to learn from"), std::string::npos) << plain.err;
}

TEST_F(Judged, EmbedWritesFeaturesInTheOrderOfTheSplit) {
  const TempDir dir;
  const ProcessResult result = barlowCli(*scratch_,
                                         {"embed",
                                          run(),
                                          "--data",
                                          *scratch_ / "photos",
                                          "--split",
                                          "test",
                                          "--out",
                                          dir / "new/z.npy",
                                          "--csv",
                                          "--json"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["images"], 40);
  const torch::Tensor z = readNpy(dir / "new/z.npy");
  EXPECT_EQ(z.scalar_type(), torch::kFloat32);
  EXPECT_EQ(z.size(0), 40);
  EXPECT_EQ(z.size(1), json["features"]);
  const torch::Tensor labels = readNpy(dir / "new/z.labels.npy");
  EXPECT_EQ(labels.scalar_type(), torch::kInt64);
  EXPECT_EQ(labels.sum().item<std::int64_t>(), 60) << "ten of each class";
  std::ifstream names(dir / "new/z.names.txt");
  std::ifstream table(dir / "new/z.csv");
  std::string row;
  std::getline(table, row);
  EXPECT_TRUE(row.starts_with("name,label,class,f0,f1")) << row;
  int count = 0;
  for (std::string name; std::getline(names, name) && std::getline(table, row); ++count) {
    const auto label = labels[count].item<std::int64_t>();
    EXPECT_NE(name.find("class-" + std::to_string(label)), std::string::npos) << name;
    EXPECT_TRUE(row.starts_with("\"" + name + "\"," + std::to_string(label))) << row;
    const std::string last = row.substr(row.rfind(',') + 1);
    EXPECT_EQ(std::stof(last), z[count][z.size(1) - 1].item<float>()) << "to the last digit";
  }
  EXPECT_EQ(count, 40);
  // All of the training images, none held out.
  ASSERT_EQ(barlowCli(*scratch_,
                      {"embed",
                       run(),
                       "--data",
                       *scratch_ / "photos/train",
                       "--part",
                       "projector",
                       "--out",
                       dir / "p.npy"})
                .exitCode,
            0);
  EXPECT_EQ(readNpy(dir / "p.npy").sizes(), (std::vector<std::int64_t>{80, 16}));
}

TEST_F(Judged, BadInputIsOneSentence) {
  const TempDir dir;
  fs::create_directories(dir.path() / "flat");
  for (int i = 0; i < 12; ++i) {
    writePng(dir.path() / "flat" / (std::to_string(i) + ".png"), RgbImage(20, 20));
  }
  writePictures(dir.path() / "four", 4);
  writePictures(dir.path() / "fifty", 50);
  const fs::path empty = copyOfRun(dir);
  fs::rename(empty, dir.path() / "empty");
  fs::remove_all(dir.path() / "empty/checkpoints");
  const fs::path wider = copyOfRun(dir);
  std::string config = readFileText(wider / "config.json", 1 << 20);
  const std::size_t at = config.find("\"width\": 4");
  ASSERT_NE(at, std::string::npos);
  writeFileAtomically(wider / "config.json", config.replace(at, 10, "\"width\": 8"));
  struct Case {
    std::string model;
    std::vector<std::string> arguments;
    int exitCode;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {run(), {"--data", dir / "flat"}, 1, "has no classes"},
      {run(), {"--data", dir / "four"}, 1, "too few images (4)"},
      {run(),
       {"--data", dir / "fifty", "--probe", "linear", "--labels", "1%"},
       1,
       "fewer than one for each of its 4 classes"},
      {run(), {"--data", dir / "fifty", "--split", "validation"}, 1, "no images for validation"},
      {run(), {"--data", dir / "nowhere"}, 1, "There is no folder"},
      {dir / "empty", {}, 1, "has no checkpoint yet"},
      {wider.string(), {}, 1, "another network"},
      {dir / "flat", {}, 1, "neither a run nor a checkpoint"},
      {dir / "missing", {}, 1, "There is no "},
      {run(), {"--probe", "knm"}, 2, "did you mean 'knn'"},
      {run(), {"--probe", "linear", "--k", "5"}, 2, "--k makes no difference to --probe linear"},
      {run(), {"--probe", "linear", "--labels", "0%"}, 2, "--labels 0%"},
      {run(), {"--probe", "linear", "--labels", "many"}, 2, "--labels many"},
      {run(), {"--probe", "linear", "--preset", "offical"}, 2, "did you mean 'official'"},
      {run(), {"--probe", "finetune", "--part", "projector"}, 1, "of the backbone"},
      {run(), {"--split", "dev"}, 2, "split"},
  };
  for (const Case& example : cases) {
    const ProcessResult result = evaluated(example.arguments, example.model);
    EXPECT_EQ(result.exitCode, example.exitCode) << example.expected << "\n" << result.err;
    EXPECT_NE(result.err.find(example.expected), std::string::npos) << result.err;
    EXPECT_TRUE(result.out.empty()) << result.out;
  }
  const ProcessResult named =
      barlowCli(dir, {"embed", run(), "--data", "shapes", "--out", dir / "z.txt"});
  EXPECT_EQ(named.exitCode, 2);
  EXPECT_NE(named.err.find(".npy"), std::string::npos) << named.err;
}

TEST_F(Judged, AClassWithoutTrainingImagesIsLeftOutAndNamed) {
  const TempDir dir;
  for (const char* place : {"train/cat", "train/dog", "test/cat", "test/eel"}) {
    fs::create_directories(dir.path() / "other" / place);
    for (int i = 0; i < 4; ++i) {
      writePng(dir.path() / "other" / place / (std::to_string(i) + ".png"), RgbImage(20, 20));
    }
  }
  const ProcessResult result = evaluated({"--data", dir / "other", "--probe", "linear"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.err.find("eel"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("a class without training images"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("No image is judged of the classes dog"), std::string::npos)
      << result.err;
}

TEST_F(Judged, ADamagedCheckpointIsPassedOver) {
  const TempDir dir;
  const fs::path copy = copyOfRun(dir);
  const fs::path file = copy / "checkpoints/step-00000020/model.safetensors";
  std::string bytes = readFileText(file, 1 << 24);
  bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
  writeFileAtomically(file, bytes);
  const ProcessResult result = evaluated({}, copy.string());
  const ProcessResult direct = evaluated({}, (copy / "checkpoints/step-00000020").string());
  EXPECT_EQ(direct.exitCode, 1);
  EXPECT_NE(direct.err.find("has changed since it was written"), std::string::npos) << direct.err;
  EXPECT_NE(result.err.find("has changed since it was written"), std::string::npos) << result.err;
}

TEST_F(Judged, AProbeThatIsStoppedGoesOnWhenAskedAgain) {
  const TempDir dir;
  const fs::path copy = copyOfRun(dir);
  const std::vector<std::string> asked = {"evaluate",
                                          copy.string(),
                                          "--probe",
                                          "linear",
                                          "--preset",
                                          "official",
                                          "--epochs",
                                          "300",
                                          "--threads",
                                          "1",
                                          "--json"};
  const fs::path unfinished = copy / "evaluations/linear-step-00000020.unfinished";
  Process process(barlowCommand(asked), dir.path());
  process.waitUntil([&] { return fs::exists(unfinished); });
  ASSERT_TRUE(process.isRunning());
  process.signal(SIGINT);
  const ProcessResult stopped = process.wait();
  EXPECT_EQ(stopped.exitCode, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("no report was written"), std::string::npos) << stopped.err;
  const auto reports = [&] { return readEvaluations(copy / "evaluations").evaluations; };
  EXPECT_TRUE(reports().empty()) << "nothing half-written";
  const ProcessResult second = barlowCli(dir, asked);
  ASSERT_EQ(second.exitCode, 0) << second.err;
  EXPECT_NE(second.err.find("goes on after epoch"), std::string::npos) << second.err;
  EXPECT_FALSE(fs::exists(unfinished)) << "done";
  const ProcessResult whole = barlowCli(dir, asked);
  EXPECT_EQ(whole.err.find("goes on after epoch"), std::string::npos) << whole.err;
  ASSERT_EQ(reports().size(), 2u);
  EvaluationReport resumed = reports()[0].report;
  const EvaluationReport uninterrupted = reports()[1].report;
  EXPECT_EQ(readFileText(copy / "evaluations" / resumed.head, 1 << 20),
            readFileText(copy / "evaluations" / uninterrupted.head, 1 << 20));
  resumed.head = uninterrupted.head;
  resumed.seconds = uninterrupted.seconds;
  resumed.time = uninterrupted.time;
  EXPECT_EQ(resumed, uninterrupted);
}

TEST_F(Judged, WhatCannotBeReadOrComparedIsSaidByEveryProbe) {
  const TempDir dir;
  writePictures(dir.path() / "cut/train", 20);
  writePictures(dir.path() / "cut/test", 8);
  for (const auto& entry : fs::recursive_directory_iterator(dir.path() / "cut/test")) {
    if (entry.is_regular_file()) {  // the header is whole, the pixels are not
      fs::resize_file(entry.path(), fs::file_size(entry.path()) / 2);
    }
  }
  for (int i = 0; i < 10; ++i) {
    const fs::path place = dir.path() / "single" / std::to_string(i);
    fs::create_directories(place);
    writePng(place / "a.png", RgbImage(20, 20));
  }
  for (const char* place : {"train/cat", "train/dog", "test/eel", "test/fox"}) {
    fs::create_directories(dir.path() / "strange" / place);
    for (int i = 0; i < 10; ++i) {
      writePng(dir.path() / "strange" / place / (std::to_string(i) + ".png"), RgbImage(20, 20));
    }
  }
  const std::vector<std::vector<std::string>> probes = {
      {"--probe", "knn"},
      {"--probe", "linear"},
      {"--probe", "linear", "--preset", "solo", "--epochs", "1"},
      {"--probe", "finetune", "--epochs", "1"}};
  for (std::vector<std::string> probe : probes) {
    probe.push_back("--quiet");
    probe.push_back("--data");
    const auto of = [&](const char* data) {
      std::vector<std::string> arguments = probe;
      arguments.push_back(dir / data);
      return evaluated(arguments);
    };
    const ProcessResult cut = of("cut");
    EXPECT_EQ(cut.exitCode, 1);
    EXPECT_NE(cut.err.find("None of the 8 images to judge by"), std::string::npos) << cut.err;
    const ProcessResult single = of("single");
    EXPECT_EQ(single.exitCode, 1);
    EXPECT_NE(single.err.find("those held out have classes that none of the rest has"),
              std::string::npos)
        << single.err;
    const ProcessResult strange = of("strange");
    EXPECT_EQ(strange.exitCode, 0) << strange.err;
    EXPECT_NE(strange.err.find("20 images for test not judged"), std::string::npos) << strange.err;
  }
}

TEST_F(Judged, AFullDiskLeavesTheOldFiles) {
  const TempDir dir;
  const auto embed = [&](const std::string& limit, const std::string& split) {
    return runProcess(
        {"/bin/bash",
         "-c",
         "trap '' XFSZ; ulimit -f $1; XDG_CACHE_HOME=$2 exec \"$3\" embed \"$4\" --data "
         "\"$5\" --split $6 --out \"$7\" --quiet",
         "bash",
         limit,
         dir / "cache",
         BARLOW_PROGRAM,
         run(),
         *scratch_ / "photos",
         split,
         dir / "z.npy"},
        dir.path());
  };
  ASSERT_EQ(embed("unlimited", "test").exitCode, 0);
  const auto files = [&] {
    std::map<std::string, std::string> all;
    for (const fs::directory_entry& entry : fs::directory_iterator(dir.path())) {
      const std::string name = entry.path().filename();
      if (name.starts_with("z.")) {
        all[name] = readFileText(entry.path(), 1 << 20);
      }
    }
    return all;
  };
  const auto before = files();
  ASSERT_EQ(before.size(), 3u);
  // Of training images, whose names and labels still fit, but not their features.
  const ProcessResult result = embed("8", "train");
  EXPECT_EQ(result.exitCode, 1) << result.err;
  EXPECT_NE(result.err.find("z.npy"), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace barlow
