#include "core/augment/augment.h"
#include "core/base/atomic_file.h"
#include "core/files/tensor_files.h"
#include "core/image/decode.h"
#include "core/runs/run_folder.h"
#include "core/torch.h"
#include "tests/end_to_end/cli.h"
#include "tests/support/turned_png.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;

RgbImage gradient(int width, int height) {
  RgbImage image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width * 3; ++x) {
      image.row(y)[x] = static_cast<std::uint8_t>((x * 7 + y * 13) % 256);
    }
  }
  return image;
}

void writeBigPngHeader(const fs::path& path, const fs::path& scratch) {
  // A small picture whose header claims 30000 x 30000 pixels (its checksum no longer fits, which is
  // looked at later).
  writePng(scratch, gradient(8, 8));
  auto bytes = readFileBytes(scratch, 1 << 20);
  fs::remove(scratch);
  for (const std::size_t at : {16u, 20u}) {  // width and height, big-endian
    bytes[at] = bytes[at + 1] = std::byte{0};
    bytes[at + 2] = std::byte{0x75};
    bytes[at + 3] = std::byte{0x30};
  }
  writeFileAtomically(path, bytes);
}

TEST(CommandLine, BadUsageListsEveryProblemInAFewLines) {
  const TempDir dir;
  struct Case {
    std::vector<std::string> arguments;
    std::vector<std::string> expected;  // all of them on standard error
  };
  const std::vector<Case> cases = {
      {{}, {"subcommand"}},
      {{"trian"}, {"did you mean 'train'"}},
      {{"train", "--preset", "quick-shape"}, {"did you mean 'quick-shapes'", "cifar10-small"}},
      {{"train",
        "--set",
        "optim.momentm=0.5",
        "--set",
        "run.epochs=many",
        "--set",
        "model.backbone=resnet19"},
       {"optim.momentum", "run.epochs", "did you mean 'resnet18'", "3 problems"}},
      {{"train", "--set", "run.batch_size=1"}, {"run.batch_size", "at least 2"}},
      {{"train", "--set", "model.projector=64-1"}, {"model.projector", "at least 2"}},
      {{"train", "--set", "objective.lambda=-1", "--set", "run.device=gpu"},
       {"objective.barlow_twins.lambda", "run.device"}},
      {{"train", "--set", "nonsense"}, {"key=value"}},
      {{"train", "--steps", "-3"}, {"--steps"}},
      {{"correlate", "a.npy"}, {"b is required"}},
      {{"augment", "x.png", "--recipe", "imagnet", "--out", dir / "o"},
       {"did you mean 'imagenet'"}},
      {{"presets", "show", "nothing"}, {"there is no preset"}},
      {{"check-device", "--device", "toaster"}, {"--device", "toaster"}},
      {{"bench", "step", "--device", "toaster"}, {"--device", "toaster"}},
  };
  for (const Case& example : cases) {
    const ProcessResult result = barlowCli(dir, example.arguments);
    EXPECT_EQ(result.exitCode, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_LE(std::count(result.err.begin(), result.err.end(), '\n'), 12) << result.err;
    for (const std::string& text : example.expected) {
      EXPECT_NE(result.err.find(text), std::string::npos) << text << " is not in: " << result.err;
    }
  }
}

TEST(CommandLine, FailuresSayWhatWhereAndWhatToDo) {
  const TempDir dir;
  fs::create_directories(dir / "empty");
  fs::create_directories(dir / "taken");
  std::ofstream(fs::path(dir / "taken") / "config.json") << "{}";
  std::ofstream(dir / "file.txt") << "no folder";
  fs::create_directories(dir / "cifar");
  std::ofstream(fs::path(dir / "cifar") / "data_batch_1.bin") << "too short";
  fs::create_directories(dir / "few");
  for (int i = 0; i < 3; ++i) {
    writePng(fs::path(dir / "few") / (std::to_string(i) + ".png"), gradient(40, 40));
  }
  struct Case {
    std::vector<std::string> arguments;
    std::vector<std::string> expected;
  };
  const std::string out = dir / "out";
  const std::vector<Case> cases = {
      {{"train", "--data", dir / "missing", "--out", out}, {"missing"}},
      {{"train", "--data", dir / "empty", "--out", out}, {"empty"}},
      {{"train", "--data", dir / "file.txt", "--out", out}, {"file.txt"}},
      {{"train", "--data", std::string("cifar10:") + (dir / "cifar").string(), "--out", out},
       {"data_batch_2.bin"}},
      {{"train", "--data", dir / "few", "--set", "run.batch_size=16", "--out", out},
       {"batch of 16", "3 images", "run.batch_size"}},
      {tinyTraining(dir / "taken"), {"taken", "--out", "resume"}},
      {tinyTraining(fs::path(dir / "file.txt") / "run"), {"file.txt"}},
      {{"resume", dir / "missing"}, {"missing"}},
      {{"data", "check", dir / "missing"}, {"missing"}},
      {{"correlate", dir / "missing.npy", dir / "missing.npy"}, {"missing.npy"}},
      {{"train", "--device", "cuda:7", "--out", out, "--data", "shapes"}, {"cuda:7"}},
  };
  for (const Case& example : cases) {
    const ProcessResult result = barlowCli(dir, example.arguments);
    EXPECT_EQ(result.exitCode, 1) << result.err;
    for (const std::string& text : example.expected) {
      EXPECT_NE(result.err.find(text), std::string::npos) << text << " is not in: " << result.err;
    }
    EXPECT_FALSE(fs::exists(out)) << "a run that could not begin left a folder: "
                                  << example.arguments[2];
  }
}

TEST(CommandLine, ALossThatIsNotFiniteEndsTheRunAndALowerRateGoesOn) {
  const TempDir dir;
  const ProcessResult wild =
      barlowCli(dir,
                tinyTraining(dir / "run",
                             // Every step multiplies the weights by 1 - 25: soon nothing is finite.
                             {"--set",
                              "optim.name=sgd",
                              "--set",
                              "optim.base_learning_rate=100",
                              "--set",
                              "optim.weight_decay=1",
                              "--set",
                              "optim.warmup_epochs=0",
                              "--set",
                              "run.batch_size=64",
                              "--set",
                              "run.epochs=60",
                              "--set",
                              "evaluate.every_epochs=0",
                              "--set",
                              "run.checkpoint_every_steps=1"}));
  ASSERT_EQ(wild.exitCode, 1) << wild.err;
  EXPECT_NE(wild.err.find("loss of step"), std::string::npos) << wild.err;
  EXPECT_NE(wild.err.find("optim.base_learning_rate"), std::string::npos) << wild.err;
  const RunRecord record = readRunRecord(dir / "run");
  EXPECT_EQ(record.state, "failed");
  EXPECT_FALSE(std::isfinite(readMetrics(dir / "run").back().loss)) << "the row tells of it";

  // From the beginning: the wild steps left weights that no rate can mend.
  fs::remove_all(fs::path(dir / "run") / "checkpoints");
  const ProcessResult resumed =
      barlowCli(dir, {"resume", dir / "run", "--set", "optim.base_learning_rate=0.05"});
  ASSERT_EQ(resumed.exitCode, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("optim.base_learning_rate: 100 -> 0.05"), std::string::npos)
      << resumed.err;
  EXPECT_EQ(readRunConfig(dir / "run").optim.baseLearningRate, 0.05);
  EXPECT_EQ(readRunRecord(dir / "run").state, "finished");
  const std::string events = readFileText(fs::path(dir / "run") / "events.jsonl", 1 << 20);
  EXPECT_NE(events.find("\"edited\""), std::string::npos) << events;
}

TEST(CommandLine, ResumeRefusesWhatARunCannotChange) {
  const TempDir dir;
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "run")).exitCode, 0);
  const ProcessResult result = barlowCli(dir,
                                         {"resume",
                                          dir / "run",
                                          "--set",
                                          "model.width=8",
                                          "--set",
                                          "run.batch_size=8",
                                          "--set",
                                          "optim.momentun=0.5"});
  EXPECT_EQ(result.exitCode, 2);
  for (const char* text : {"model.width", "run.batch_size", "optim.momentum"}) {
    EXPECT_NE(result.err.find(text), std::string::npos) << text << " is not in: " << result.err;
  }
}

TEST(CommandLine, DataCheckListsBrokenImagesAndTrainingLeavesThemOut) {
  const TempDir dir;
  const fs::path photos = dir / "photos";
  for (const char* name : {"cats", "dogs"}) {
    fs::create_directories(photos / name);
    for (int i = 0; i < 20; ++i) {
      writePng(photos / name / (std::to_string(i) + ".png"), gradient(30 + i, 40));
    }
  }
  auto bytes = readFileBytes(photos / "cats" / "0.png", 1 << 20);
  bytes.resize(bytes.size() / 2);
  writeFileAtomically(photos / "cats" / "truncated.png", bytes);
  std::ofstream(photos / "dogs" / "fake.jpg") << "this is text";
  std::ofstream(photos / "dogs" / "list.csv") << "no picture";
  writePng(photos / "cover.png", gradient(30, 40));
  writeBigPngHeader(photos / "dogs" / "huge.png", dir / "scratch.png");

  const ProcessResult check = barlowCli(dir, {"data", "check", photos.string(), "--json"});
  ASSERT_EQ(check.exitCode, 0) << check.err;
  const auto report = nlohmann::json::parse(check.out);
  EXPECT_EQ(report["images"], 40);
  EXPECT_EQ(report["classes"]["cats"], 20);
  EXPECT_EQ(report["sizes"]["max"], (std::vector<int>{49, 40}));
  ASSERT_EQ(report["unreadable"].size(), 3u);
  for (const auto& problem : report["unreadable"]) {
    EXPECT_FALSE(problem["reason"].get<std::string>().empty());
  }
  EXPECT_EQ(report["left_out_count"], 2);
  ASSERT_EQ(report["left_out"].size(), 2u);
  EXPECT_EQ(report["left_out"][0]["path"], (photos / "cover.png").string());
  EXPECT_EQ(report["left_out"][1]["path"], (photos / "dogs" / "list.csv").string());
  const ProcessResult text = barlowCli(dir, {"data", "check", photos.string()});
  EXPECT_NE(text.out.find("2 left out"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("cover.png"), std::string::npos) << text.out;

  const ProcessResult train = barlowCli(dir,
                                        {"train",
                                         "--data",
                                         photos.string(),
                                         "--preset",
                                         "quick-shapes",
                                         "--out",
                                         dir / "run",
                                         "--set",
                                         "run.batch_size=8",
                                         "--set",
                                         "run.epochs=2",
                                         "--set",
                                         "model.width=4",
                                         "--set",
                                         "model.projector=16",
                                         "--threads",
                                         "1",
                                         "--json"});
  ASSERT_EQ(train.exitCode, 0) << train.err;
  EXPECT_NE(train.err.find("fake.jpg"), std::string::npos) << train.err;
  EXPECT_NE(train.err.find("cover.png is left out"), std::string::npos) << train.err;
  EXPECT_EQ(nlohmann::json::parse(train.out)["state"], "finished");
}

TEST(CommandLine, CorrelateGivesTheGoldenNumbers) {
  const TempDir dir;
  const auto type = torch::kFloat64;
  writeNpy(dir / "a.npy",
           torch::tensor({{1., 0., -1.}, {2., 1., 0.}, {3., -1., 1.}, {6., 2., 2.}}, type));
  writeNpy(dir / "b.npy",
           torch::tensor({{.5, 1., -1.}, {2.5, 0., .5}, {2., -2., 1.}, {7., 1., 1.5}}, type));
  const ProcessResult result = barlowCli(dir,
                                         {"correlate",
                                          dir / "a.npy",
                                          dir / "b.npy",
                                          "--json",
                                          "--out",
                                          dir / "c.npy",
                                          "--png",
                                          dir / "c.png"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  const auto report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["n"], 4);
  EXPECT_EQ(report["d"], 3);
  EXPECT_NEAR(report["loss"], 0.087588666, 1e-8);
  EXPECT_NEAR(report["on_diagonal"], 0.075902245, 1e-8);
  EXPECT_NEAR(report["off_diagonal"], 2.291455111, 1e-8);
  const torch::Tensor c = readNpy(dir / "c.npy");
  EXPECT_NEAR(c[1][0].item<double>(), 0.784147723, 1e-6);
  EXPECT_TRUE(readImage(dir / "c.png"));
}

TEST(CommandLine, CorrelateTakesBothViewsFromOneFileAndNotesSmallVariances) {
  const TempDir dir;
  const torch::Tensor z = (torch::arange(60, torch::kFloat32) * 0.37).sin().view({12, 5}) * 1e-3;
  writeSafetensors(dir / "both.safetensors", {{"z_a", z}, {"z_b", z}});
  const ProcessResult json = barlowCli(dir, {"correlate", dir / "both.safetensors", "--json"});
  ASSERT_EQ(json.exitCode, 0) << json.err;
  const auto report = nlohmann::json::parse(json.out);
  ASSERT_EQ(report["notes"].size(), 1u);
  EXPECT_NE(json.err.find(report["notes"][0].get<std::string>()), std::string::npos) << json.err;
  const std::string file = dir / "both.safetensors";
  const ProcessResult named = barlowCli(dir, {"correlate", file + ":z_a", file + ":z_b", "--json"});
  ASSERT_EQ(named.exitCode, 0) << named.err;
  EXPECT_EQ(nlohmann::json::parse(named.out)["loss"], report["loss"]);
}

// Issue 16, P16.
TEST(CommandLine, APipeIsRefusedAndNeverWaitedFor) {
  const TempDir dir;
  const std::string pipe = dir / "z.jpg";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"augment", pipe, "--out", dir / "views"},
        std::vector<std::string>{"data", "check", pipe},
        std::vector<std::string>{"train", "--data", pipe, "--out", dir / "run"}}) {
    const ProcessResult result = barlowCli(dir, arguments);
    EXPECT_EQ(result.exitCode, 1) << arguments[0];
    EXPECT_NE(result.err.find("pipe"), std::string::npos) << result.err;
  }
  EXPECT_FALSE(fs::exists(dir / "run"));
}

TEST(CommandLine, AugmentWritesPairsAndWhatWasDrawn) {
  const TempDir dir;
  writePng(dir / "photo.png", gradient(90, 60));
  const auto augment = [&](const std::string& out, const std::string& seed) {
    return barlowCli(dir,
                     {"augment",
                      dir / "photo.png",
                      "--recipe",
                      "imagenet",
                      "--size",
                      "48",
                      "--seed",
                      seed,
                      "--count",
                      "3",
                      "--out",
                      dir / out});
  };
  ASSERT_EQ(augment("one", "1").exitCode, 0);
  ASSERT_EQ(augment("again", "1").exitCode, 0);
  ASSERT_EQ(augment("two", "2").exitCode, 0);
  std::ifstream file(fs::path(dir / "one") / "views.json");
  const auto views = nlohmann::json::parse(file);
  ASSERT_EQ(views.size(), 6u);
  EXPECT_EQ(views[0]["image"], "photo.png");
  EXPECT_EQ(views[1]["view"], "b");
  EXPECT_EQ(views[5]["file"], "0003-b.png");
  for (const auto& view : views) {
    EXPECT_GE(view["crop"]["x"], 0);
    EXPECT_LE(view["crop"]["x"].get<int>() + view["crop"]["width"].get<int>(), 90);
    const auto image = readImage(fs::path(dir / "one") / view["file"].get<std::string>());
    ASSERT_TRUE(image);
    EXPECT_EQ(image->width, 48);
    const auto again = readImage(fs::path(dir / "again") / view["file"].get<std::string>());
    EXPECT_TRUE(*image == *again);
  }
  EXPECT_FALSE(*readImage(fs::path(dir / "one") / "0001-a.png") ==
               *readImage(fs::path(dir / "two") / "0001-a.png"));
}

// Issue 16, p10.
TEST(CommandLine, AugmentTurnsPicturesWhereAsked) {
  const TempDir dir;
  writeTurnedPng(dir / "turned.png", gradient(60, 30), 6);
  const auto augment = [&](const std::string& out, const std::string& exif) {
    return barlowCli(dir,
                     {"augment",
                      dir / "turned.png",
                      "--recipe",
                      "none",
                      "--size",
                      "8",
                      "--exif",
                      exif,
                      "--out",
                      dir / out});
  };
  const auto cropHeight = [&](const std::string& out) {
    std::ifstream file(fs::path(dir / out) / "views.json");
    return nlohmann::json::parse(file)[0]["crop"]["height"].get<int>();
  };
  const ProcessResult stored = augment("stored", "ignore");
  ASSERT_EQ(stored.exitCode, 0) << stored.err;
  EXPECT_NE(stored.err.find("--exif apply"), std::string::npos) << stored.err;
  const ProcessResult turned = augment("turned", "apply");
  ASSERT_EQ(turned.exitCode, 0) << turned.err;
  EXPECT_EQ(turned.err, "");
  EXPECT_LE(cropHeight("stored"), 30);
  EXPECT_GT(cropHeight("turned"), 30);
  EXPECT_EQ(augment("other", "sideways").exitCode, 2);
}

TEST(CommandLine, AugmentEqualsTheGivenPillow) {
  const TempDir dir;
  writePng(dir / "tall.png", gradient(60, 300));
  const auto views = [&](const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "augment", dir / "tall.png", "--size", "64", "--count", "8", "--out", dir / out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = barlowCli(dir, arguments);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    std::ifstream file(fs::path(dir / out) / "views.json");
    return nlohmann::json::parse(file);
  };
  const auto plain = views("plain", {});
  const auto older = views("older", {"--pillow", "12", "--kernel", "fast"});
  EXPECT_EQ(plain[0]["pillow"], 13);
  EXPECT_EQ(plain[0]["kernel"], "exact");
  EXPECT_EQ(older[0]["pillow"], 12);
  EXPECT_EQ(older[0]["kernel"], "fast");
  EXPECT_EQ(older[0]["crop"], plain[0]["crop"]) << "the same draws";
  const RgbImage picture = *readImage(dir / "tall.png");
  for (const int pillow : {12, 13}) {
    const std::string out = std::to_string(pillow);
    const auto made = views(out, {"--pillow", out});
    ASSERT_EQ(made.size(), 16u);
    for (std::size_t i = 0; i < made.size(); ++i) {
      const AugmentParams params{.pillow = pillow};
      const ViewKey key{.epoch = static_cast<std::int64_t>(i / 2),
                        .view = i % 2 == 0 ? View::A : View::B};
      const ViewPlan plan = drawViewPlan(params, key, picture.width, picture.height);
      EXPECT_TRUE(*readImage(fs::path(dir / out) / made[i]["file"].get<std::string>()) ==
                  applyViewPlan(picture, plan, params, 64));
    }
  }
  EXPECT_NE(
      barlowCli(dir, {"augment", dir / "tall.png", "--pillow", "11", "--out", dir / "no"}).exitCode,
      0);
}

TEST(CommandLine, TrainingSuggestsTheAuthorsRateAndKeepsTheGivenOne) {
  const TempDir dir;
  const std::vector<std::string> settings = {"--set",
                                             "optim.name=lars",
                                             "--set",
                                             "optim.lars_clip=false",
                                             "--set",
                                             "optim.base_learning_rate=0.2",
                                             "--set",
                                             "run.batch_size=64",
                                             "--steps",
                                             "1"};
  const ProcessResult loud = barlowCli(dir, tinyTraining(dir / "loud", settings));
  ASSERT_EQ(loud.exitCode, 0) << loud.err;
  EXPECT_NE(loud.err.find("--set optim.base_learning_rate=1"), std::string::npos) << loud.err;
  EXPECT_EQ(readRunConfig(dir / "loud").optim.baseLearningRate, 0.2);
  std::vector<std::string> quiet = settings;
  quiet.push_back("--quiet");
  const ProcessResult silent = barlowCli(dir, tinyTraining(dir / "silent", quiet));
  ASSERT_EQ(silent.exitCode, 0) << silent.err;
  EXPECT_EQ(silent.err.find("authors"), std::string::npos) << silent.err;
}

TEST(CommandLine, ObjectivesTellWhatTheyDo) {
  const TempDir dir;
  const ProcessResult list = barlowCli(dir, {"objectives", "list", "--json"});
  ASSERT_EQ(list.exitCode, 0) << list.err;
  const auto objectives = nlohmann::json::parse(list.out)["objectives"];
  ASSERT_GE(objectives.size(), 8u);
  EXPECT_EQ(objectives[0]["name"], "barlow_twins");
  const ProcessResult plain = barlowCli(dir, {"objectives", "list"});
  for (const auto& objective : objectives) {
    for (const char* part : {"name", "title", "does", "prevents", "healthy", "paper"}) {
      const auto text = objective[part].get<std::string>();
      EXPECT_FALSE(text.empty()) << objective << part;
      EXPECT_NE(plain.out.find(text), std::string::npos) << text;
    }
  }
}

TEST(CommandLine, PresetsCanBeShownAndFedBack) {
  const TempDir dir;
  const ProcessResult list = barlowCli(dir, {"presets", "list", "--json"});
  EXPECT_EQ(nlohmann::json::parse(list.out)["presets"].size(), 31u);
  EXPECT_EQ(nlohmann::json::parse(list.out)["presets"][30]["group"],
            "Ablations of the Barlow Twins paper");
  const ProcessResult words = barlowCli(dir, {"presets", "list"});
  EXPECT_NE(words.out.find("\n\nOther methods\ncifar10-resnet18-vicreg "), std::string::npos)
      << words.out;
  const ProcessResult show = barlowCli(dir, {"presets", "show", "quick-shapes"});
  ASSERT_EQ(show.exitCode, 0);
  std::ofstream(dir / "config.json") << show.out;
  const ProcessResult train = barlowCli(dir,
                                        {"train",
                                         "--config",
                                         dir / "config.json",
                                         "--out",
                                         dir / "run",
                                         "--steps",
                                         "1",
                                         "--set",
                                         "data.limit=32",
                                         "--set",
                                         "run.batch_size=16",
                                         "--set",
                                         "evaluate.every_epochs=0",
                                         "--quiet",
                                         "--json"});
  ASSERT_EQ(train.exitCode, 0) << train.err;
  EXPECT_EQ(train.err, "");
  EXPECT_EQ(nlohmann::json::parse(train.out)["steps"], 1);
}

TEST(CommandLine, CheckingADeviceThatIsNotThereFails) {
  const TempDir dir;
  const ProcessResult result =
      barlowCli(dir, {"check-device", "--device", "cuda:99", "--json", "--quiet"});
  EXPECT_EQ(result.exitCode, 1) << result.err;
  EXPECT_EQ(result.err, "");
  std::istringstream lines(result.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto check = nlohmann::json::parse(line);
    EXPECT_TRUE(check["check"].is_string()) << line;
    EXPECT_TRUE(check["figures"].is_object()) << line;
    EXPECT_FALSE(check["text"].get<std::string>().empty()) << line;
    EXPECT_EQ(check["passed"].is_null(), count > 0) << line;
  }
  EXPECT_GE(count, 9);
}

TEST(CommandLine, AnInterruptEndsTheDeviceCheck) {
  const TempDir dir;
  Process process(barlowCommand({"check-device", "--device", "cpu", "--json"}), dir.path());
  // Its first result has come: from then on it listens.
  const auto hasBegun = [&] {
    for (const auto& entry : fs::directory_iterator(dir.path())) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("stdout-") && fs::file_size(entry.path()) > 0) {
        return true;
      }
    }
    return false;
  };
  process.waitUntil(hasBegun);
  process.signal(SIGINT);
  const ProcessResult result = process.wait();
  EXPECT_EQ(result.exitCode, 130) << result.err;
  EXPECT_LT(std::count(result.out.begin(), result.out.end(), '\n'), 11);
  EXPECT_TRUE(result.out.ends_with("\n")) << "whole lines only";
}

TEST(CommandLine, HelpNamesEveryKey) {
  const TempDir dir;
  const ProcessResult help = barlowCli(dir, {"train", "--help"});
  EXPECT_EQ(help.exitCode, 0);
  for (const char* key : {"data.source",
                          "augment.b.solarize_probability",
                          "optim.bias_learning_rate",
                          "run.max_steps"}) {
    EXPECT_NE(help.out.find(key), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace barlow
