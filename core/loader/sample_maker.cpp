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

void SampleMaker::fillRow(ViewBatch& batch,
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
  std::size_t begin = 0;  // of the view's levels
  for (std::size_t view = 0; view < batch.views.size(); ++view) {
    ViewSet& set = batch.views[view];
    const std::size_t stride = viewNumbers(set.side);
    const ViewKey key{.seed = seed_, .epoch = batch.epoch, .sample = sample, .view = viewAt(view)};
    const ViewPlan plan = drawViewPlan(augment_, key, image->width, image->height);
    const RgbImage levels = applyViewPlan(*image, plan, augment_, set.side);
    if (!batch.levels.empty()) {
      std::ranges::copy(levels.pixels, batch.levels.subspan(begin + row * stride).begin());
      begin += batch.indices.size() * stride;
    } else {
      normalizeInto(
          levels, data_.mean, data_.std, std::span(set.pixels).subspan(row * stride, stride));
    }
    set.plans[row] = plan;
  }
}

}  // namespace barlow
