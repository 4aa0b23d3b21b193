#include "core/dataset/synthetic_shapes.h"
#include "core/device/batch_source.h"
#include "core/device/view_difference.h"
#include "core/image/resample.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace barlow {
namespace {

// Pictures of several sizes with edges, areas and strong colours.
class MixedPictures final : public Dataset {
 public:
  MixedPictures(int side, std::int64_t size) {
    const SyntheticShapes shapes(SyntheticShapes::Part::Test);
    const std::array<std::pair<int, int>, 4> sizes = {
        {{side, side}, {side * 5 / 4, side}, {side, side * 3 / 2}, {side * 9 / 8, side * 7 / 8}}};
    for (std::int64_t i = 0; i < size; ++i) {
      const RgbImage small = *shapes.image(i);
      const auto [width, height] = sizes[static_cast<std::size_t>(i) % sizes.size()];
      pictures_.push_back(resample(
          small, {0, 0, small.width, small.height}, width, height, ResampleFilter::Bicubic));
    }
  }
  std::int64_t size() const override { return static_cast<std::int64_t>(pictures_.size()); }
  Result<RgbImage> image(std::int64_t index) const override {
    return pictures_.at(static_cast<std::size_t>(index));
  }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t index) const override { return std::to_string(index); }
  const std::vector<std::string>& classNames() const override { return noNames_; }

 private:
  std::vector<RgbImage> pictures_;
  std::vector<std::string> noNames_;
};

std::shared_ptr<const ResidentImages> onDevice(const Dataset& pictures,
                                               const DeviceCheckSetting& setting) {
  std::string whyNot;
  auto images = ResidentImages::load(pictures,
                                     torch::Device(setting.device),
                                     {.bytes = std::uint64_t{1} << 30, .side = 512, .threads = 2},
                                     setting.stop,
                                     whyNot);
  if (!images && !setting.stop.stop_requested()) {
    throw Exception(fmt::format("Images could not be put into the device's memory: {}", whyNot));
  }
  return images;
}

// Some batches of a recipe: `from` pixels of pictures to `to` of views.
ViewDifference compareRecipe(
    const DeviceCheckSetting& setting, Recipe recipe, int from, int to, int pairs) {
  RunConfig config;
  config.augment = withRecipe(config.augment, recipe);
  config.augment.kernel = AugmentKernel::Exact;
  config.data.imageSize = to;
  config.run.batchSize = pairs;
  const MixedPictures pictures(from, pairs);
  const auto images = onDevice(pictures, setting);
  ViewDifference result;
  if (!images) {
    return result;
  }
  const int epochs = setting.isQuick ? 1 : 2;
  const auto source =
      makeResidentSource({.images = images, .config = config, .firstStep = 0, .lastStep = epochs});
  while (const auto batch = source->next(setting.stop)) {
    result += differenceFromKernel(*batch, pictures, config);
  }
  return result;
}

void addDifference(DeviceCheckResult& result, std::string name, const ViewDifference& difference) {
  std::replace(name.begin(), name.end(), '-', '_');
  result.figures.push_back({name + "_unequal", difference.unequal});
  result.figures.push_back({name + "_unequal_levels", difference.unequalLevels});
}

}  // namespace

DeviceCheckResult checkViews(DeviceCheckSetting& setting) {
  DeviceCheckResult result;
  ViewDifference all;
  for (const auto& recipe : kEnumNames<Recipe>) {
    const ViewDifference small = compareRecipe(setting,
                                               recipe.value,
                                               48,
                                               32,
                                               setting.isQuick   ? 32
                                               : setting.isCpu() ? 64
                                                                 : 192);
    addDifference(result, std::string(recipe.text), small);
    all += small;
  }
  const ViewDifference large = compareRecipe(setting,
                                             Recipe::Imagenet,
                                             240,
                                             224,
                                             setting.isQuick   ? 4
                                             : setting.isCpu() ? 8
                                                               : 32);
  addDifference(result, "imagenet_224", large);
  all += large;
  result.figures.insert(result.figures.begin(), {"compared", all.numbers});
  setPassed(
      result,
      all.unequal == 0,
      all.unequal == 0
          ? fmt::format("every one of {} values is the CPU kernel's, to the bit", all.numbers)
          : fmt::format("{} of {} values are not the CPU kernel's, {} of them by a grey level or "
                        "more",
                        all.unequal,
                        all.numbers,
                        all.unequalLevels));
  return result;
}

}  // namespace barlow
