#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/device/batch_source.h"
#include "core/device/device_views.h"

#include <utility>

namespace barlow {
namespace {

class ResidentSource final : public BatchSource {
 public:
  explicit ResidentSource(ResidentSourceOptions options)
      : options_(std::move(options)), step_(options_.firstStep) {
    BARLOW_CHECK(options_.images->size() >= options_.config.run.batchSize)
        << "the batch is larger than the data";
  }

  std::optional<TwinBatch> next(std::stop_token stop) override {
    if (step_ >= options_.lastStep || stop.stop_requested()) {
      return std::nullopt;
    }
    const std::int64_t size = options_.config.run.batchSize;
    const std::int64_t steps = options_.images->size() / size;  // the ragged last one is dropped
    TwinBatch batch;
    batch.epoch = step_ / steps;
    batch.batch = step_ % steps;
    const std::int64_t seed = options_.config.run.seed;
    if (orderEpoch_ != batch.epoch) {
      order_ = epochOrder(options_.images->size(), seed, batch.epoch);
      orderEpoch_ = batch.epoch;
    }
    for (std::int64_t row = 0; row < size; ++row) {
      const std::int64_t sample = options_.images->readable(
          order_[static_cast<std::size_t>(batch.batch * size + row)], batch.problems);
      const ResidentImages::Place& place = options_.images->place(sample);
      batch.indices.push_back(sample);
      for (const View view : {View::A, View::B}) {
        const ViewKey key{.seed = seed, .epoch = batch.epoch, .sample = sample, .view = view};
        (view == View::A ? batch.plansA : batch.plansB)
            .push_back(drawViewPlan(options_.config.augment, key, place.width, place.height));
      }
    }
    batch.viewA = views(batch.indices, batch.plansA);
    batch.viewB = views(batch.indices, batch.plansB);
    ++step_;
    return batch;
  }

 private:
  torch::Tensor views(const std::vector<std::int64_t>& samples,
                      const std::vector<ViewPlan>& plans) const {
    const DataParams& data = options_.config.data;
    const torch::Tensor levels = distortedViews(
        *options_.images, samples, plans, options_.config.augment.interpolation, data.imageSize);
    return normalizedViews(levels, data.mean, data.std).contiguous(options_.format);
  }

  ResidentSourceOptions options_;
  std::int64_t step_;
  std::int64_t orderEpoch_ = -1;
  std::vector<std::int64_t> order_;  // of orderEpoch_
};

}  // namespace

std::unique_ptr<BatchSource> makeResidentSource(ResidentSourceOptions options) {
  return std::make_unique<ResidentSource>(std::move(options));
}

}  // namespace barlow
