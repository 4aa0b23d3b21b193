// What a step did, replayed in PyTorch from its dump: skips where no Python has torch and numpy.
#include "core/base/atomic_file.h"
#include "core/files/tensor_files.h"
#include "core/torch.h"
#include "tests/end_to_end/cli.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;

struct Case {
  const char* optimizer;
  const char* backbone;
  const char* stem;
  const char* imageSize;
  const char* form;
};

std::vector<std::string> training(const Case& example, const fs::path& out, const char* steps) {
  std::vector<std::string> arguments = {"train",
                                        "--data",
                                        "shapes:1",
                                        "--out",
                                        out.string(),
                                        "--threads",
                                        "1",
                                        "--dump-steps",
                                        steps};
  const std::vector<std::string> settings = {"data.limit=64",
                                             "run.batch_size=16",
                                             "run.max_steps=3",
                                             "evaluate.every_epochs=0",
                                             "optim.warmup_epochs=0",
                                             // Steps so small that rounding is not magnified.
                                             "optim.base_learning_rate=0.006",
                                             "objective.lambda=0.01",
                                             "augment.a.crop_scale_min=0.5",
                                             "augment.b.crop_scale_min=0.5",
                                             "model.width=16",
                                             "model.projector=96-80-72",
                                             std::string("optim.name=") + example.optimizer,
                                             std::string("model.backbone=") + example.backbone,
                                             std::string("model.stem=") + example.stem,
                                             std::string("data.image_size=") + example.imageSize,
                                             std::string("objective.form=") + example.form};
  for (const std::string& setting : settings) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  return arguments;
}

bool hasTorch(const TempDir& dir) {
  return !std::string(BARLOW_TORCH_PYTHON).empty() &&
         runProcess({BARLOW_TORCH_PYTHON, "-c", "import torch, numpy"}, dir.path()).exitCode == 0;
}

TEST(Replay, StepsAreThoseOfPyTorch) {
  const TempDir dir;
  if (!hasTorch(dir)) {
    GTEST_SKIP() << "no Python with torch and numpy beside LibTorch";
  }
  const std::vector<Case> cases = {{"lars", "resnet18", "cifar", "32", "gram"},
                                   {"sgd", "resnet18", "cifar", "32", "direct"},
                                   {"adamw", "resnet50", "imagenet", "64", "gram"},
                                   {"lars", "resnet50", "imagenet", "64", "direct"}};
  std::vector<std::string> command = {BARLOW_TORCH_PYTHON,
                                      BARLOW_TEST_SOURCE_DATA "/replay_step.py"};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const fs::path run = dir / ("run" + std::to_string(i));
    const ProcessResult trained = barlowCli(dir, training(cases[i], run, "1,3"));
    ASSERT_EQ(trained.exitCode, 0) << trained.err;
    command.push_back((run / "dump" / "step-1").string());
    command.push_back((run / "dump" / "step-3").string());
    EXPECT_FALSE(fs::exists(run / "dump" / "step-2"));
  }
  const ProcessResult replayed = runProcess(command, dir.path());
  EXPECT_EQ(replayed.exitCode, 0) << replayed.out << replayed.err;
  std::istringstream lines(replayed.out);
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_TRUE(row.at("ok").get<bool>()) << line;
    EXPECT_GT(row.at("moved").get<double>(), 0) << "an update of nothing proves nothing";
  }
  EXPECT_EQ(rows, 8);
}

// An objective with settings that keep all of its parts at work, small. Four steps an epoch.
struct ObjectiveCase {
  const char* name;
  std::vector<std::string> settings;
};

std::vector<ObjectiveCase> objectiveCases() {
  return {
      {"barlow_twins", {"optim.name=lars"}},
      {"barlow_twins",
       {"optim.name=sgd",
        "objective.barlow_twins.predictor=24",
        "objective.barlow_twins.stop_gradient=true",
        "objective.barlow_twins.standardization=features",
        "model.projector_last_norm=true"}},
      {"barlow_twins",
       {"optim.name=adam",
        "objective.barlow_twins.criterion=cross_entropy",
        "objective.barlow_twins.temperature=0.5",
        "objective.barlow_twins.standardization=none",
        "model.projector_norm=false"}},
      {"vicreg", {"optim.name=lars", "optim.lars_clip=true", "optim.lars_eta=0.02"}},
      {"simclr", {"optim.name=sgd", "optim.clip_norm=0.05", "augment.small_crops=2"}},
      {"moco", {"optim.name=sgd", "objective.moco.queue=96", "run.micro_batch_size=16"}},
      {"byol",
       {"optim.name=lars",
        "optim.lars_clip=true",
        "optim.lars_eta=0.02",
        "objective.byol.predictor=40",
        "augment.small_crops=2"}},
      {"simsiam", {"optim.name=sgd", "optim.schedule=cosine", "objective.simsiam.predictor=16"}},
      {"swav",
       {"optim.name=adamw",
        "objective.swav.prototypes=30",
        "objective.swav.queue=96",
        "objective.swav.queue_from_epoch=1",
        "objective.swav.freeze_epochs=1",
        "augment.small_crops=2"}},
      {"deepcluster", {"optim.name=lars", "objective.deepcluster.clusters=12"}},
      {"lejepa",
       {"optim.name=adamw",
        "objective.lejepa.slices=40",
        "objective.lejepa.center=all_views",
        "augment.small_crops=2"}},
  };
}

// Issue 17: step 2 is of the first epoch (prototypes rest, queues are not full, no image has a
// cluster); step 5 begins the second (clusters are found just before it); step 8 ends it.
TEST(Replay, StepsOfEveryObjectiveAreThoseOfPyTorch) {
  const TempDir dir;
  if (!hasTorch(dir)) {
    GTEST_SKIP() << "no Python with torch and numpy beside LibTorch";
  }
  std::vector<std::string> command = {BARLOW_TORCH_PYTHON,
                                      BARLOW_TEST_SOURCE_DATA "/replay_step.py"};
  writePictures(dir / "pictures", 128);
  const std::vector<ObjectiveCase> cases = objectiveCases();
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const fs::path run = dir / ("run" + std::to_string(i));
    std::vector<std::string> arguments = {"--data", dir / "pictures", "--dump-steps", "2,5,8"};
    std::vector<std::string> settings = cases[i].settings;
    settings.insert(settings.end(),
                    {std::string("objective.name=") + cases[i].name,
                     "data.limit=128",
                     "data.cache=off",
                     "data.validation_fraction=0",
                     "run.batch_size=32",
                     "run.max_steps=8",
                     "run.precision=fp32",
                     "run.memory_format=channels_last",
                     "evaluate.every_epochs=0",
                     "optim.warmup_epochs=1",
                     "model.width=8",
                     "model.projector=40-24",
                     "augment.a.crop_scale_min=0.5",
                     "augment.b.crop_scale_min=0.5"});
    for (const std::string& setting : settings) {
      arguments.insert(arguments.end(), {"--set", setting});
    }
    const ProcessResult trained = barlowCli(dir, tinyTraining(run, arguments));
    ASSERT_EQ(trained.exitCode, 0) << cases[i].name << ": " << trained.err;
    for (const char* step : {"step-2", "step-5", "step-8"}) {
      command.push_back((run / "dump" / step).string());
    }
  }
  const ProcessResult replayed = runProcess(command, dir.path());
  EXPECT_EQ(replayed.exitCode, 0) << replayed.err;
  std::istringstream lines(replayed.out);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_TRUE(row.at("ok").get<bool>()) << line;
    EXPECT_EQ(row.at("objective"), cases[rows / 3].name);
    EXPECT_GT(row.at("moved").get<double>(), 0) << "an update of nothing proves nothing";
  }
  EXPECT_EQ(rows, 3 * cases.size());
}

TEST(Replay, NoticesAWrongGradientAndAWrongUpdate) {
  const TempDir dir;
  if (!hasTorch(dir)) {
    GTEST_SKIP() << "no Python with torch and numpy beside LibTorch";
  }
  const fs::path run = dir / "run";
  ASSERT_EQ(barlowCli(dir, tinyTraining(run, {"--dump-steps", "2"})).exitCode, 0);
  const fs::path sound = run / "dump" / "step-2";
  std::vector<std::string> command = {BARLOW_TORCH_PYTHON,
                                      BARLOW_TEST_SOURCE_DATA "/replay_step.py"};
  const std::vector<std::string> spoiled = {"gradients.safetensors", "after.safetensors"};
  for (const std::string& file : spoiled) {
    const fs::path dump = dir / file;
    fs::copy(sound, dump);
    NamedTensors tensors = readSafetensors(dump / file);
    tensors.front().second.mul_(1.02);
    writeSafetensors(dump / file, tensors);
    command.push_back(dump.string());
  }
  command.push_back(sound.string());
  const ProcessResult replayed = runProcess(command, dir.path());
  EXPECT_EQ(replayed.exitCode, 1) << replayed.out << replayed.err;
  std::istringstream lines(replayed.out);
  std::vector<bool> verdicts;
  for (std::string line; std::getline(lines, line);) {
    verdicts.push_back(nlohmann::json::parse(line).at("ok").get<bool>());
  }
  EXPECT_EQ(verdicts, (std::vector<bool>{false, false, true}));
}

torch::Tensor tensorOf(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [own, tensor] : tensors) {
    if (own == name) {
      return tensor;
    }
  }
  ADD_FAILURE() << "there is no " << name;
  return {};
}

// Issue 17.
TEST(Replay, DumpHoldsWhatAnObjectiveKeepsAndDraws) {
  const TempDir dir;
  std::vector<std::string> arguments = {"--dump-steps", "5"};  // the first of the second epoch
  for (const char* setting : {"objective.name=deepcluster", "objective.deepcluster.clusters=8"}) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "run", arguments)).exitCode, 0);
  const fs::path dump = dir / "run/dump/step-5";
  const torch::Tensor used =
      tensorOf(readSafetensors(dump / "before.safetensors"), "objective.assignments");
  EXPECT_EQ(used.sizes(), (std::vector<std::int64_t>{3, 64}));
  EXPECT_GE(used.min().item<std::int64_t>(), 0) << "the clusters were found before the step";
  EXPECT_TRUE(torch::equal(
      used, tensorOf(readSafetensors(dump / "after.safetensors"), "objective.assignments")));
  const auto step = nlohmann::json::parse(readFileText(dump / "step.json", 1 << 20));
  EXPECT_EQ(step.at("epoch"), 1);
  EXPECT_EQ(step.at("micro_batch_size"), 0);
  EXPECT_EQ(step.at("objective").at("clusters"), 8);
  EXPECT_TRUE(step.at("terms").contains("clusters_in_use")) << step.at("terms");

  arguments = {"--dump-steps", "1"};
  for (const char* setting : {"objective.name=lejepa", "objective.lejepa.slices=6"}) {
    arguments.insert(arguments.end(), {"--set", setting});
  }
  ASSERT_EQ(barlowCli(dir, tinyTraining(dir / "drawing", arguments)).exitCode, 0);
  EXPECT_EQ(readNpy(dir / "drawing/dump/step-1/drawn_directions.npy").sizes(),
            (std::vector<std::int64_t>{16, 6}));
}

TEST(Replay, DumpHoldsWhatTheDoorsPromise) {
  const TempDir dir;
  const fs::path run = dir / "run";
  const Case example{"lars", "resnet18", "cifar", "32", "auto"};
  ASSERT_EQ(barlowCli(dir, training(example, run, "1")).exitCode, 0);
  const fs::path dump = run / "dump" / "step-1";
  EXPECT_EQ(readNpy(dump / "view_a.npy").sizes(), (std::vector<std::int64_t>{16, 3, 32, 32}));
  EXPECT_EQ(readNpy(dump / "indices.npy").scalar_type(), torch::kInt64);
  EXPECT_EQ(readNpy(dump / "z_b.npy").sizes(), (std::vector<std::int64_t>{16, 72}));
  EXPECT_TRUE(readSafetensors(dump / "optimizer_before.safetensors").empty()) << "the first step";
  const auto step = nlohmann::json::parse(readFileText(dump / "step.json", 1 << 20));
  EXPECT_EQ(step.at("step"), 1);
  EXPECT_EQ(step.at("optimizer").at("eta"), 0.001);
  EXPECT_EQ(step.at("groups").size(), 2u);
  EXPECT_EQ(step.at("groups")[0].at("parameters")[0], "backbone.conv1.weight");
  const auto plans = nlohmann::json::parse(readFileText(dump / "plans.json", 1 << 20));
  ASSERT_EQ(plans.size(), 32u);
  EXPECT_EQ(plans[1].at("view"), "b");
  EXPECT_TRUE(plans[0].contains("crop") && !plans[0].contains("file")) << plans[0];

  const ProcessResult wrong = barlowCli(
      dir, {"train", "--data", "shapes", "--out", dir / "other", "--dump-steps", "1,zero"});
  EXPECT_EQ(wrong.exitCode, 2) << wrong.err;
}

}  // namespace
}  // namespace barlow
