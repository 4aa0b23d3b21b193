#include "core/evaluation/segmentation_probe.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/image/decode.h"
#include "core/image/png_writer.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/upsampling.h>

#include <array>
#include <cmath>

namespace barlow {
namespace {

namespace fs = std::filesystem;

TrainedModel untrained() {
  TrainedModel model;
  model.config.model = {.backbone = Backbone::Tiny, .width = 8, .projector = {8}};
  model.config.data.imageSize = 64;
  model.network = Encoder(model.config.model);
  initializeWeights(model.network, 1);
  model.network->train(false);
  return model;
}

// A palette whose colours say nothing, and the numbers of the pixels.
void writeMask(const fs::path& file,
               int width,
               int height,
               const std::vector<std::uint8_t>& values) {
  PngFormat format{.width = width, .height = height};
  for (int i = 0; i < 256; ++i) {
    format.palette.push_back({static_cast<std::uint8_t>(i * 7), 9, 9});
  }
  std::vector<std::byte> bytes;
  PngWriter writer(format, [&](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  });
  writer.writeRows(values.data(), height);
  writer.finish();
  makeFolder(file.parent_path());
  writeFileAtomically(file, bytes);
}

constexpr int kSide = 48;

// Picture number `i`: a red, a green or a blue part beside a gray one; the border moves.
struct Scene {
  RgbImage image{kSide, kSide};
  std::vector<std::uint8_t> mask;

  explicit Scene(int i, std::array<int, 4> classes = {3, 7, 20, 254}) {
    const int border = kSide / 4 + (i * 13) % (kSide / 2);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const bool isColoured = (i % 2 == 0 ? x : y) < border;
        const auto kind = isColoured ? static_cast<std::size_t>(i % 3) : 3u;
        for (std::size_t channel = 0; channel < 3; ++channel) {
          image.row(y)[static_cast<std::size_t>(x) * 3 + channel] = kind == 3         ? 128
                                                                    : channel == kind ? 220
                                                                                      : 20;
        }
        mask.push_back(static_cast<std::uint8_t>(classes[kind]));
      }
    }
  }
  void write(const fs::path& folder, const std::string& name) const {
    makeFolder(folder / "images");
    writePng(folder / "images" / (name + ".png"), image);
    writeMask(folder / "masks" / (name + ".png"), kSide, kSide, mask);
  }
};

std::optional<SegmentationResult> probe(const fs::path& folder, SegmentationOptions options = {}) {
  const MaskFolder data = openMaskFolder(folder, ExifTurn::Ignore, 0);
  return probeSegmentation(
      untrained(),
      *data.train,
      *data.heldOut,
      options,
      {},
      [](double) {},
      [](const std::string&) {});
}

TEST(Segmentation, ScoresAreThoseByHand) {
  // Class 1 of 10 pixels: 6 right, 4 taken for 0. Class 0 of 20: 15 right, 5 taken for 2, which has
  // no pixel of its own and does not count.
  const SegmentationScore score = scoreOf({{15, 0, 5}, {4, 6, 0}, {0, 0, 0}});
  EXPECT_DOUBLE_EQ(score.iou[0], 15.0 / 24);
  EXPECT_DOUBLE_EQ(score.iou[1], 6.0 / 10);
  EXPECT_TRUE(std::isnan(score.iou[2]));
  EXPECT_DOUBLE_EQ(score.meanIou, (15.0 / 24 + 0.6) / 2);
  EXPECT_DOUBLE_EQ(score.pixelAccuracy, 21.0 / 30);
}

TEST(Segmentation, LogitsAreInterpolatedAsLibTorchDoes) {
  const torch::Tensor small = torch::arange(20).to(torch::kFloat32).view({1, 1, 4, 5}).square();
  const torch::Tensor own = upsampling(4, 11).matmul(small).matmul(upsampling(5, 13).t());
  namespace F = torch::nn::functional;
  const torch::Tensor expected = F::interpolate(small,
                                                F::InterpolateFuncOptions()
                                                    .size(std::vector<std::int64_t>{11, 13})
                                                    .mode(torch::kBilinear)
                                                    .align_corners(false));
  EXPECT_TRUE(torch::allclose(own, expected, 1e-5, 1e-4));
}

TEST(Segmentation, ColoursAreLearntAndShuffledMasksAreNot) {
  const TempDir dir;
  for (int i = 0; i < 40; ++i) {
    Scene(i).write(dir.path() / "true", std::to_string(i));
    Scene mixed(i);
    mixed.mask = Scene(i * 7 % 40 + 1).mask;
    mixed.write(dir.path() / "shuffled", std::to_string(i));
  }
  const SegmentationOptions quick{.epochs = 60, .learningRate = 0.02};
  const auto learnt = probe(dir.path() / "true", quick);
  ASSERT_TRUE(learnt);
  EXPECT_EQ(learnt->classes, (std::vector<int>{3, 7, 20, 254})) << "numbers, not colours";
  EXPECT_EQ(learnt->judged, 8);
  EXPECT_EQ(learnt->trained, 32);
  EXPECT_EQ(learnt->mapWidth, 4);
  EXPECT_GT(scoreOf(learnt->confusion).meanIou, 0.7);
  EXPECT_LT(scoreOf(probe(dir.path() / "shuffled", quick)->confusion).meanIou, 0.4);
  EXPECT_EQ(probe(dir.path() / "true", quick)->confusion, learnt->confusion) << "the same again";
}

TEST(Segmentation, SplitsOfTheFolderAreTakenAndUnknownPixelsAreNotJudged) {
  const TempDir dir;
  for (int i = 0; i < 6; ++i) {
    Scene(i).write(dir.path() / "around/train", std::to_string(i));
  }
  Scene strange(0, {3, 7, 20, 99});
  strange.mask[0] = 255;
  strange.write(dir.path() / "around/val", "inside");
  const auto result = probe(dir.path(), {.epochs = 2});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->trained, 6);
  EXPECT_EQ(result->judged, 1);
  EXPECT_EQ(result->epochs, 2);
  ASSERT_EQ(result->notes.size(), 1u);
  EXPECT_NE(result->notes[0].find("no training mask has their classes: 99"), std::string::npos)
      << result->notes[0];
  std::int64_t pixels = 0;
  for (const auto& row : result->confusion) {
    for (const std::int64_t count : row) {
      pixels += count;
    }
  }
  EXPECT_EQ(pixels, kSide * kSide / 4 - 1) << "at the mask's size";
}

TEST(Segmentation, WhatIsWrongIsToldInOneSentence) {
  const TempDir dir;
  const auto message = [&](const std::string& name, SegmentationOptions options = {}) {
    return messageOf([&] { (void)probe(dir.path() / name, options); });
  };
  const auto scenes = [&](const std::string& name, std::array<int, 4> classes) {
    for (int i = 0; i < 6; ++i) {
      Scene(i, classes).write(dir.path() / name, std::to_string(i));
    }
  };
  scenes("unknown", {255, 255, 255, 255});
  scenes("one", {255, 255, 255, 0});
  scenes("plain", {0, 1, 2, 3});
  scenes("masks missing", {0, 1, 2, 3});
  fs::remove_all(dir.path() / "masks missing/masks");
  scenes("other names", {0, 1, 2, 3});
  fs::remove_all(dir.path() / "other names/masks");
  writeMask(dir.path() / "other names/masks/0_mask.png", 2, 2, {0, 1, 0, 1});
  scenes("other size", {0, 1, 2, 3});
  for (int i = 0; i < 6; ++i) {
    writeMask(dir.path() / "other size/masks" / (std::to_string(i) + ".png"), 2, 2, {0, 1, 0, 1});
  }
  scenes("in colours", {0, 1, 2, 3});
  for (int i = 0; i < 6; ++i) {
    writePng(dir.path() / "in colours/masks" / (std::to_string(i) + ".png"),
             RgbImage(kSide, kSide));
  }
  Scene(0).write(dir.path() / "single", "a");
  EXPECT_NE(message("unknown").find("All pixels of the training masks are 255"), std::string::npos);
  EXPECT_NE(message("one").find("of class 0: there is nothing to tell apart"), std::string::npos);
  EXPECT_NE(message("one").find("255 stands for no class"), std::string::npos);
  EXPECT_NE(message("masks missing").find("there must be the folders images and masks"),
            std::string::npos);
  EXPECT_NE(message("other names").find("No picture in"), std::string::npos);
  EXPECT_NE(message("other size").find("is 2 x 2, and it is 48 x 48"), std::string::npos);
  EXPECT_NE(message("in colours").find("holds colours"), std::string::npos);
  EXPECT_NE(message("single").find("one picture with a mask"), std::string::npos);
  EXPECT_NE(message("nowhere").find("There is no folder"), std::string::npos);
  EXPECT_NE(message("plain", {.mostBytes = 1000}).find("name a folder with fewer images"),
            std::string::npos);
}

TEST(Segmentation, AStopLeavesNothing) {
  const TempDir dir;
  for (int i = 0; i < 6; ++i) {
    Scene(i).write(dir.path(), std::to_string(i));
  }
  const MaskFolder data = openMaskFolder(dir.path(), ExifTurn::Ignore, 0);
  std::stop_source stop;
  EXPECT_FALSE(probeSegmentation(
      untrained(),
      *data.train,
      *data.heldOut,
      {.epochs = 1'000'000},
      stop.get_token(),
      [&](double share) {
        if (share > 0.4) {
          stop.request_stop();
        }
      },
      [](const std::string&) {}));
}

}  // namespace
}  // namespace barlow
