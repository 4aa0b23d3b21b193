#include "core/loader/sample_maker.h"

#include "core/augment/augment.h"
#include "core/base/error.h"

#include <algorithm>
#include <span>

namespace barlow {

SampleMaker::SampleMaker(std::shared_ptr<const Dataset> dataset, const RunConfig& config)
    : dataset_(std::move(dataset)),
      data_(config.data),
      augment_(config.augment),
      seed_(config.run.seed) {}

void SampleMaker::fillRow(ViewPairBatch& batch,
                          std::size_t row,
                          std::int64_t sample,
                          std::vector<SampleProblem>& problems) const {
  Result<RgbImage> image = dataset_->image(sample);
  for (std::int64_t tries = 1; !image; ++tries) {
    problems.push_back({dataset_->name(sample), image.error().message});
    if (tries == dataset_->size()) {
      throw Exception("None of the images can be read; `barlow data check` says why for each.");
    }
    sample = (sample + 1) % dataset_->size();
    image = dataset_->image(sample);
  }
  batch.indices[row] = sample;
  const std::size_t stride =
      static_cast<std::size_t>(batch.side) * static_cast<std::size_t>(batch.side) * 3;
  for (const View view : {View::A, View::B}) {
    const ViewKey key{.seed = seed_, .epoch = batch.epoch, .sample = sample, .view = view};
    const ViewPlan plan = drawViewPlan(augment_, key, image->width, image->height);
    const RgbImage levels = applyViewPlan(*image, plan, augment_, batch.side);
    if (!batch.levels.empty()) {
      const std::size_t begin = view == View::A ? 0 : batch.levels.size() / 2;
      std::ranges::copy(levels.pixels, batch.levels.subspan(begin + row * stride).begin());
    } else {
      std::vector<float>& target = view == View::A ? batch.viewA : batch.viewB;
      normalizeInto(levels, data_.mean, data_.std, std::span(target).subspan(row * stride, stride));
    }
    (view == View::A ? batch.plansA : batch.plansB)[row] = plan;
  }
}

}  // namespace barlow
