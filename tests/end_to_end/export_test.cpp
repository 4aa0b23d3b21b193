// Issue 18: weights that leave for other programs, and weights that come from them.
#include "core/base/atomic_file.h"
#include "core/files/array_file.h"
#include "core/files/tensor_files.h"
#include "core/files/torch_file.h"
#include "core/torch.h"
#include "tests/end_to_end/cli.h"
#include "tests/support/python.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kPictures = 12;
constexpr int kSide = 32;

// Pictures 00.png, 01.png, ... in two classes, and all of them as pixels.npy.
void writeKnownPictures(const fs::path& root) {
  Rng rng(18);
  torch::Tensor pixels = torch::zeros({kPictures, kSide, kSide, 3}, torch::kUInt8);
  for (int i = 0; i < kPictures; ++i) {
    RgbImage picture(kSide, kSide);
    for (std::uint8_t& value : picture.pixels) {
      value = static_cast<std::uint8_t>(rng.next());
    }
    std::copy(picture.pixels.begin(), picture.pixels.end(), pixels[i].data_ptr<std::uint8_t>());
    const fs::path place = root / "pictures" / (i % 2 == 0 ? "even" : "odd");
    fs::create_directories(place);
    writePng(place / (std::to_string(i) + ".png"), picture);
  }
  writeNpy(root / "pixels.npy", pixels);
}

// One step of a network on those pictures.
std::vector<std::string> training(const fs::path& root,
                                  const fs::path& run,
                                  const std::vector<std::string>& settings) {
  std::vector<std::string> more = {"--data", root / "pictures", "--steps", "1"};
  for (const char* setting : {"data.limit=0",
                              "data.cache=off",
                              "run.batch_size=4",
                              "run.precision=fp32",
                              "run.memory_format=channels_last",
                              "evaluate.every_epochs=0"}) {
    more.insert(more.end(), {"--set", setting});
  }
  for (const std::string& setting : settings) {
    more.insert(more.end(), {"--set", setting});
  }
  return tinyTraining(run, more);
}

ProcessResult exported(const TempDir& dir,
                       const fs::path& model,
                       const fs::path& out,
                       std::vector<std::string> more) {
  std::vector<std::string> arguments = {"export", model, "--out", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return barlowCli(dir, arguments);
}

ProcessResult embedded(const TempDir& dir,
                       const fs::path& model,
                       const fs::path& out,
                       std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "embed", model, "--data", dir / "pictures", "--split", "train", "--out", out};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return barlowCli(dir, arguments);
}

std::map<std::string, torch::Tensor> tensorsOf(const fs::path& path) {
  const auto file = openArrayFile(path);
  std::map<std::string, torch::Tensor> tensors;
  for (std::size_t i = 0; i < file->entries().size(); ++i) {
    tensors[file->entries()[i].name] = file->read(i);
  }
  return tensors;
}

TEST(Export, WhatIsTakenAwayComesBackAsItWas) {
  const TempDir dir;
  writeKnownPictures(dir.path());
  const ProcessResult trained = barlowCli(dir, training(dir.path(), dir / "run", {}));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  const ProcessResult whole = embedded(dir, dir / "run", dir / "whole.npy");
  ASSERT_EQ(whole.exitCode, 0) << whole.err;
  ASSERT_EQ(embedded(dir, dir / "run", dir / "last.npy", {"--part", "projector"}).exitCode, 0);
  const torch::Tensor features = readNpy(dir / "whole.npy");

  for (const char* format : {"pth", "safetensors"}) {
    const fs::path out = dir / (std::string("backbone.") + format);
    const ProcessResult result = exported(dir, dir / "run", out, {"--format", format, "--json"});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    const auto report = nlohmann::json::parse(result.out);
    EXPECT_EQ(report.at("features"), 32);
    EXPECT_EQ(report.at("step"), 1);
    EXPECT_EQ(report.at("bytes"), fs::file_size(out));
    EXPECT_THAT(report.at("python").get<std::string>(), HasSubstr(out.string()));
    EXPECT_TRUE(tensorsOf(out).contains("conv1.weight"));
    EXPECT_FALSE(tensorsOf(out).contains("0.weight"));

    const fs::path all = dir / (std::string("all.") + format);
    ASSERT_EQ(exported(dir, dir / "run", all, {"--format", format, "--part", "all"}).exitCode, 0);
    EXPECT_TRUE(tensorsOf(all).contains("backbone.conv1.weight"));
    EXPECT_TRUE(tensorsOf(all).contains("projector.3.weight"));
    ASSERT_EQ(embedded(dir, out, dir / "again.npy").exitCode, 0);
    EXPECT_TRUE(torch::equal(readNpy(dir / "again.npy"), features)) << format;
    const ProcessResult projected = embedded(dir, all, dir / "again.npy", {"--part", "projector"});
    ASSERT_EQ(projected.exitCode, 0) << projected.err;
    EXPECT_TRUE(torch::equal(readNpy(dir / "again.npy"), readNpy(dir / "last.npy"))) << format;

    const fs::path projector = dir / (std::string("projector.") + format);
    ASSERT_EQ(exported(dir, all, projector, {"--format", format, "--part", "projector"}).exitCode,
              0);
    EXPECT_TRUE(tensorsOf(projector).contains("0.weight"));
    EXPECT_FALSE(tensorsOf(projector).contains("conv1.weight"));
  }
  EXPECT_EQ(readFileText(dir / "backbone.pth", 1 << 22),
            (exported(dir, dir / "run", dir / "twice.pth", {"--format", "pth"}),
             readFileText(dir / "twice.pth", 1 << 22)))
      << "the same weights make the same file";
  const ProcessResult judged = barlowCli(
      dir,
      {"evaluate", dir / "backbone.pth", "--data", dir / "pictures", "--probe", "knn", "--json"});
  EXPECT_EQ(judged.exitCode, 0) << judged.err;
}

TEST(Export, SaysInOneSentenceWhyItCannot) {
  const TempDir dir;
  writeKnownPictures(dir.path());
  ASSERT_EQ(barlowCli(dir, training(dir.path(), dir / "run", {})).exitCode, 0);
  ASSERT_EQ(exported(dir, dir / "run", dir / "backbone.pth", {"--format", "pth"}).exitCode, 0);
  fs::copy(dir / "run", dir / "young", fs::copy_options::recursive);
  fs::remove_all(dir / "young/checkpoints");
  writeFileAtomically(dir / "text.pth", std::string("hello"));
  fs::copy(fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files/code.pth", dir / "code.pth");
  struct Case {
    fs::path model;
    fs::path out;
    std::vector<std::string> more;
    int exitCode;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {dir / "run", "/dev/full", {"--format", "pth"}, 1, "/dev/full"},
      {dir / "run", "/dev/full", {"--format", "onnx"}, 1, "/dev/full"},
      {dir / "run", "/dev/full", {}, 1, "/dev/full"},
      {dir / "run", dir / "no/x.onnx", {"--format", "onnx"}, 1, "no/x.onnx"},
      {dir / "run", dir.path(), {"--format", "pth"}, 1, dir.path().string()},
      {dir / "young", dir / "x", {}, 1, "has no checkpoint"},
      {dir / "missing", dir / "x", {}, 1, "missing"},
      {dir.path(), dir / "x", {}, 1, "neither a run"},
      {dir / "text.pth", dir / "x", {}, 1, "no file of PyTorch"},
      {dir / "code.pth", dir / "x", {}, 1, "posix.system"},
      {dir / "backbone.pth", dir / "x", {"--part", "all"}, 1, "no projector"},
      {dir / "run", dir / "x", {"--with-fc"}, 1, "of a ResNet"},
      {dir / "run", dir / "x", {"--format", "onxn"}, 2, "onnx"},
      {dir / "run", dir / "x", {"--part", "head"}, 2, "projector"},
      {dir / "run", dir / "x", {"--names", "keras"}, 2, "timm"},
  };
  for (const Case& example : cases) {
    const ProcessResult result = exported(dir, example.model, example.out, example.more);
    EXPECT_EQ(result.exitCode, example.exitCode) << example.expected << result.err;
    EXPECT_THAT(result.err, HasSubstr(example.expected));
    EXPECT_LE(std::count(result.err.begin(), result.err.end(), '\n'), 2) << result.err;
    EXPECT_FALSE(fs::exists(dir / "x")) << example.expected;
  }
  const ProcessResult without =
      barlowCli(dir, {"evaluate", dir / "backbone.pth", "--probe", "knn"});
  EXPECT_EQ(without.exitCode, 1);
  EXPECT_THAT(without.err, HasSubstr("--data"));
  EXPECT_THAT(embedded(dir, dir / "backbone.pth", dir / "x.npy", {"--part", "projector"}).err,
              HasSubstr("no projector"));
}

TEST(Export, ARunStartsFromAFile) {
  const TempDir dir;
  writeKnownPictures(dir.path());
  ASSERT_EQ(barlowCli(dir, training(dir.path(), dir / "first", {"objective.name=byol"})).exitCode,
            0);
  ASSERT_EQ(
      exported(dir, dir / "first", dir / "all.pth", {"--format", "pth", "--part", "all"}).exitCode,
      0);
  const auto starting = [&](const fs::path& run, std::vector<std::string> settings) {
    settings.push_back("model.init=" + (dir / "all.pth").string());
    settings.push_back("run.seed=7");
    auto arguments = training(dir.path(), run, settings);
    arguments.insert(arguments.end(), {"--dump-steps", "1"});
    return barlowCli(dir, arguments);
  };
  const auto given = tensorsOf(dir / "all.pth");
  // BYOL has a second network, which begins where the first one does.
  const ProcessResult same = starting(dir / "same", {"objective.name=byol"});
  ASSERT_EQ(same.exitCode, 0) << same.err;
  std::set<std::string> seen;
  for (const auto& [name, tensor] : tensorsOf(dir / "same/dump/step-1/before.safetensors")) {
    std::string own = name;
    if (own.starts_with("momentum.")) {
      own = own.substr(9);
    }
    if (given.contains(own)) {
      EXPECT_TRUE(torch::equal(tensor, given.at(own))) << name;
      seen.insert(name);
    }
  }
  EXPECT_TRUE(seen.contains("projector.0.weight"));
  EXPECT_EQ(seen.size(), 2 * given.size());
  EXPECT_THAT(readFileText(dir / "same/events.jsonl", 1 << 20),
              HasSubstr("is where the backbone and the projector begin"));

  const ProcessResult other = starting(dir / "other", {"model.projector=20-10"});
  ASSERT_EQ(other.exitCode, 0) << other.err;
  const auto before = tensorsOf(dir / "other/dump/step-1/before.safetensors");
  EXPECT_TRUE(torch::equal(before.at("backbone.conv1.weight"), given.at("backbone.conv1.weight")));
  EXPECT_EQ(before.at("projector.0.weight").size(0), 20);
  EXPECT_THAT(readFileText(dir / "other/events.jsonl", 1 << 20), HasSubstr("begins anew"));

  // Without a checkpoint a resume starts at the beginning, which is the file.
  fs::remove_all(dir / "same/checkpoints");
  fs::remove_all(dir / "same/dump");
  const ProcessResult resumed = barlowCli(dir, {"resume", dir / "same"});
  EXPECT_EQ(resumed.exitCode, 0) << resumed.err;

  const ProcessResult wrong = starting(dir / "wrong", {"model.width=8"});
  EXPECT_EQ(wrong.exitCode, 1);
  EXPECT_THAT(wrong.err, HasSubstr("seems to be a tiny network (width 4)"));
  EXPECT_FALSE(fs::exists(dir / "wrong/config.json")) << "no run is left behind";
}

TEST(Export, TheLinearProbeComesAlong) {
  const TempDir dir;
  writeKnownPictures(dir.path());
  const ProcessResult trained = barlowCli(
      dir, training(dir.path(), dir / "run", {"model.backbone=resnet18", "model.width=8"}));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  const ProcessResult none =
      exported(dir, dir / "run", dir / "zeros.pth", {"--format", "pth", "--with-fc"});
  ASSERT_EQ(none.exitCode, 0) << none.err;
  EXPECT_THAT(none.err, HasSubstr("fc is 1000 zeros"));
  EXPECT_EQ(tensorsOf(dir / "zeros.pth").at("fc.weight").sizes(),
            (std::vector<std::int64_t>{1000, 64}));

  const ProcessResult probed =
      barlowCli(dir, {"evaluate", dir / "run", "--probe", "linear", "--preset", "lbfgs"});
  ASSERT_EQ(probed.exitCode, 0) << probed.err;
  const ProcessResult with =
      exported(dir, dir / "run", dir / "fc.pth", {"--format", "pth", "--with-fc"});
  ASSERT_EQ(with.exitCode, 0) << with.err;
  EXPECT_THAT(with.err, HasSubstr("linear probe"));
  const auto tensors = tensorsOf(dir / "fc.pth");
  for (const auto& file : fs::directory_iterator(dir / "run/evaluations")) {
    if (file.path().extension() == ".safetensors") {
      const auto head = tensorsOf(file.path());
      EXPECT_TRUE(torch::equal(tensors.at("fc.weight"), head.at("fc.weight")));
      EXPECT_TRUE(torch::equal(tensors.at("fc.bias"), head.at("fc.bias")));
    }
  }
  EXPECT_EQ(openArrayFile(dir / "fc.pth")->metadata().at("classes"), R"(["even","odd"])");
  ASSERT_EQ(exported(dir, dir / "run", dir / "fc.onnx", {"--format", "onnx", "--with-fc"}).exitCode,
            0);
  EXPECT_THAT(readFileText(dir / "fc.onnx", 1 << 22), HasSubstr("logits"));
}

TEST(Export, OtherProgramsOpenTheFilesAndComputeTheSame) {
  const std::string python = pythonWith({"torch", "numpy"});
  if (python.empty()) {
    GTEST_SKIP() << "no Python with torch and numpy";
  }
  const TempDir dir;
  writeKnownPictures(dir.path());
  const std::map<std::string, std::vector<std::string>> models = {
      {"tiny", {"model.backbone=tiny", "model.width=16"}},
      {"resnet18", {"model.backbone=resnet18", "model.stem=cifar", "model.width=64"}},
      {"resnet50",
       {"model.backbone=resnet50",
        "model.stem=imagenet",
        "model.width=64",
        "model.projector_bias=true",
        "model.projector_last_norm=true",
        "model.projector_last_affine=false"}}};
  for (const auto& [name, settings] : models) {
    const fs::path place = dir / name;
    const fs::path run = place / "run";
    const ProcessResult trained = barlowCli(dir, training(dir.path(), run, settings));
    ASSERT_EQ(trained.exitCode, 0) << trained.err;
    const auto take = [&](const char* file, std::vector<std::string> more) {
      const ProcessResult result = exported(dir, run, place / file, std::move(more));
      EXPECT_EQ(result.exitCode, 0) << file << ": " << result.err;
    };
    take("backbone.pth", {"--format", "pth"});
    take("backbone.safetensors", {});
    take("all.pth", {"--format", "pth", "--part", "all"});
    take("backbone.onnx", {"--format", "onnx"});
    take("all.onnx", {"--format", "onnx", "--part", "all"});
    take("projector.onnx", {"--format", "onnx", "--part", "projector"});
    if (name != "tiny") {
      take("fc.pth", {"--format", "pth", "--with-fc", "--classes", "7"});
    }
    ASSERT_EQ(embedded(dir, run, place / "features.npy").exitCode, 0);
    ASSERT_EQ(embedded(dir, run, place / "projected.npy", {"--part", "projector"}).exitCode, 0);
  }
  const ProcessResult opened =
      runProcess({python, BARLOW_TEST_SOURCE_DATA "/open_exports.py", dir.path()}, dir.path());
  EXPECT_EQ(opened.exitCode, 0) << opened.err;
  std::istringstream lines(opened.out);
  int rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    EXPECT_TRUE(nlohmann::json::parse(line).at("ok").get<bool>()) << line;
  }
  EXPECT_GE(rows, 3);
}

// What `export` prints, and the window shows, is run as it stands.
TEST(Export, TheLinesOfPythonOpenTheFile) {
  const TempDir dir;
  writeKnownPictures(dir.path());
  const ProcessResult trained = barlowCli(dir,
                                          training(dir.path(),
                                                   dir / "run",
                                                   {"model.backbone=resnet18",
                                                    "model.stem=cifar",
                                                    "model.width=64",
                                                    "model.projector_bias=true",
                                                    "model.projector_last_norm=true",
                                                    "model.projector_last_affine=false"}));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  const std::vector<std::vector<std::string>> ways = {{},
                                                      {"--with-fc", "--classes", "3"},
                                                      {"--names", "timm"},
                                                      {"--part", "projector"},
                                                      {"--part", "all"},
                                                      {"--part", "all", "--names", "timm"}};
  int count = 0;
  for (const char* format : {"pth", "safetensors"}) {
    for (std::vector<std::string> way : ways) {
      way.insert(way.end(), {"--format", format, "--json"});
      // A name that Python's quotes would end.
      const fs::path out = dir / ("it's a \\ net " + std::to_string(count));
      const ProcessResult result = exported(dir, dir / "run", out, way);
      ASSERT_EQ(result.exitCode, 0) << result.err;
      const std::string lines = nlohmann::json::parse(result.out).at("python");
      EXPECT_THAT(lines, HasSubstr("load_state_dict("));
      writeFileAtomically(dir / ("lines-" + std::to_string(count++) + ".py"), lines);
    }
  }
  const std::string python = pythonWith({"torch"});
  if (python.empty()) {
    GTEST_SKIP() << "no Python with torch";
  }
  const char* runAll =
      "import glob, sys\n"
      "for name in sorted(glob.glob(sys.argv[1] + '/lines-*.py')):\n"
      "    lines = open(name).read()\n"
      "    try:\n"
      "        exec(lines.split('\\n')[0])\n"  // the imports
      "    except Exception:\n"
      "        continue  # a library that is not there\n"
      "    exec(lines, {})\n"
      "    print(name)\n";
  const ProcessResult opened = runProcess({python, "-c", runAll, dir.path()}, dir.path());
  EXPECT_EQ(opened.exitCode, 0) << opened.err;
  EXPECT_THAT(opened.out, HasSubstr("lines-3.py")) << "the projector needs torch alone";
}

// The paper's detection and segmentation.
TEST(Export, ABackboneTrainsInTorchvisionsDetectors) {
  const std::string python = pythonWith({"torch", "torchvision"});
  if (python.empty()) {
    GTEST_SKIP() << "no Python with torch and torchvision";
  }
  const TempDir dir;
  writeKnownPictures(dir.path());
  const ProcessResult trained =
      barlowCli(dir,
                training(dir.path(),
                         dir / "run",
                         {"model.backbone=resnet50", "model.stem=imagenet", "model.width=64"}));
  ASSERT_EQ(trained.exitCode, 0) << trained.err;
  ASSERT_EQ(exported(dir, dir / "run", dir / "backbone.pth", {"--format", "pth"}).exitCode, 0);
  const ProcessResult dense =
      runProcess({python,
                  BARLOW_TEST_SOURCE_DATA "/../../app/bench/dense_transfer.py",
                  dir / "backbone.pth",
                  "--steps",
                  "2",
                  "--side",
                  "64",
                  "--proposals",
                  "16"},
                 dir.path());
  EXPECT_EQ(dense.exitCode, 0) << dense.out << dense.err;
  EXPECT_THAT(dense.out, HasSubstr("Mask R-CNN"));
}

}  // namespace
}  // namespace barlow
