#include "core/params/presets.h"

#include "core/params/config_io.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(Presets, AreCompleteAndValid) {
  ASSERT_EQ(presets().size(), 9u);
  for (const Preset& preset : presets()) {
    RunConfig config = preset.config;
    if (config.data.source.empty()) {
      config.data.source = "a-folder";  // the user's own
    }
    EXPECT_EQ(validate(config), std::vector<Problem>{}) << preset.name;
    EXPECT_EQ(config.augment.pillow, 13) << preset.name;
    EXPECT_FALSE(preset.title.empty()) << preset.name;
    EXPECT_TRUE(preset.forWhom.ends_with(".")) << preset.name;
    EXPECT_TRUE(preset.follows.ends_with(".")) << preset.name;
  }
}

TEST(Presets, AreFoundByNameAndByData) {
  EXPECT_TRUE(findPreset("cifar10-small"));
  EXPECT_FALSE(findPreset("cifar10"));
  EXPECT_EQ(presetForSource("shapes").name, "quick-shapes");
  EXPECT_EQ(presetForSource("cifar10:somewhere").name, "cifar10-small");
  EXPECT_EQ(presetForSource("photos").name, "folder-224");
  EXPECT_EQ(presetForSource("photos", false).name, "photos-laptop");
  EXPECT_EQ(presetForSource("shapes", false).name, "quick-shapes");
}

TEST(Presets, ForALaptopIsMuchSmallerAndReachesItsRate) {
  const RunConfig laptop = findPreset("photos-laptop")->config;
  EXPECT_LE(laptop.data.imageSize, 64);
  EXPECT_LE(laptop.model.width, 32);
  EXPECT_LE(2 * laptop.optim.warmupEpochs, laptop.run.epochs);
}

TEST(Presets, FollowTheirRecipes) {
  const RunConfig cifar = findPreset("cifar10-resnet18")->config;
  EXPECT_EQ(cifar.model.projector, (std::vector<int>{2048, 2048, 2048}));
  EXPECT_EQ(cifar.augment, withRecipe(AugmentParams{}, Recipe::CifarSolo));
  EXPECT_TRUE(cifar.optim.larsClip && cifar.model.projectorBias);
  const RunConfig hsic = findPreset("cifar10-hsic")->config;
  EXPECT_EQ(hsic.objective.barlowTwins.standardization, Standardization::Hsic);
  EXPECT_EQ(hsic.objective.barlowTwins.lambda, 1.0 / 128);
  EXPECT_EQ(findPreset("cifar10-lightly")->config.model.projector, (std::vector<int>{2048, 2048}));
  const RunConfig imagenet = findPreset("imagenet-resnet50")->config;
  EXPECT_EQ(imagenet.run.batchSize, 2048);
  EXPECT_EQ(imagenet.run.batchSize % imagenet.run.microBatchSize, 0);
  const RunConfig folder = findPreset("folder-224")->config;
  EXPECT_EQ(folder.augment, withRecipe(AugmentParams{}, Recipe::Imagenet));
  EXPECT_EQ(folder.model.stem, Stem::Imagenet);
}

}  // namespace
}  // namespace barlow
