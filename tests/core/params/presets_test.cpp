#include "core/params/presets.h"

#include "core/params/config_io.h"

#include <gtest/gtest.h>

namespace barlow {
namespace {

TEST(Presets, AreCompleteAndValid) {
  ASSERT_EQ(presets().size(), 4u);
  for (const Preset& preset : presets()) {
    RunConfig config = preset.config;
    if (config.data.source.empty()) {
      config.data.source = "a-folder";  // the user's own
    }
    EXPECT_EQ(validate(config), std::vector<Problem>{}) << preset.name;
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
}

TEST(Presets, FollowTheirRecipes) {
  const RunConfig cifar = findPreset("cifar10-resnet18")->config;
  EXPECT_EQ(cifar.model.projector, (std::vector<int>{2048, 2048, 2048}));
  EXPECT_EQ(cifar.augment, withRecipe(AugmentParams{}, Recipe::CifarSolo));
  const RunConfig folder = findPreset("folder-224")->config;
  EXPECT_EQ(folder.augment, withRecipe(AugmentParams{}, Recipe::Imagenet));
  EXPECT_EQ(folder.model.stem, Stem::Imagenet);
}

}  // namespace
}  // namespace barlow
