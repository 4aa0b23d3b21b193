#include "core/params/presets.h"

#include "core/params/config_io.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(Presets, AreCompleteAndValid) {
  ASSERT_EQ(presets().size(), 31u);
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

// Issue 17.
TEST(Presets, OfAGroupStandTogether) {
  std::vector<std::string> groups;
  for (const Preset& preset : presets()) {
    if (groups.empty() || groups.back() != preset.group) {
      groups.push_back(preset.group);
    }
  }
  EXPECT_EQ(groups,
            (std::vector<std::string>{"", "Other methods", "Ablations of the Barlow Twins paper"}));
}

TEST(Presets, OneOfEveryMethodDiffersFromThePublishedNetworkInItsMethodAlone) {
  const RunConfig base = findPreset("cifar10-resnet18")->config;
  for (const auto& name : kEnumNames<ObjectiveName>) {
    if (name.value == ObjectiveName::BarlowTwins) {
      continue;
    }
    const auto preset = findPreset("cifar10-resnet18-" + std::string(name.text));
    ASSERT_TRUE(preset) << name.text;
    EXPECT_EQ(preset->config.objective.name, name.value);
    EXPECT_EQ(preset->config.data, base.data) << name.text;
    EXPECT_EQ(preset->config.evaluate, base.evaluate) << name.text;
    EXPECT_EQ(preset->config.run, base.run) << name.text;
    EXPECT_EQ(preset->config.model.backbone, base.model.backbone) << name.text;
    const ProjectorForm& form = preset->config.objective.info().projector;
    EXPECT_EQ(preset->config.model.projectorNorm, form.hasNorm) << name.text;
    EXPECT_EQ(preset->config.model.projectorLastNorm, form.hasLastNorm) << name.text;
  }
}

TEST(Presets, AnAblationDiffersFromTheLaptopsInWhatItNames) {
  const RunConfig base = findPreset("cifar10-small")->config;
  for (const Preset& preset : presets()) {
    if (preset.name.starts_with("ablation-")) {
      const auto changed = differences(base, preset.config);
      EXPECT_FALSE(changed.empty()) << preset.name;
      EXPECT_LE(changed.size(), 6u) << preset.name;
      for (const Difference& difference : changed) {
        EXPECT_TRUE(difference.key.starts_with("objective.barlow_twins.") ||
                    difference.key.starts_with("model.projector") ||
                    difference.key.starts_with("augment.") ||
                    (preset.name == "ablation-covariance" && difference.key == "optim.clip_norm"))
            << preset.name << ": " << difference.key;
      }
      EXPECT_TRUE(preset.follows.find("table") != std::string::npos ||
                  preset.follows.find("figure") != std::string::npos)
          << preset.name;
    }
  }
  EXPECT_NE(findPreset("ablation-redundancy-only")->forWhom.find("0.1 %"), std::string::npos)
      << "what is known to fail says so";
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
