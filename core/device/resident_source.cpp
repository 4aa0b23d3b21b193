#include "core/base/check.h"
#include "core/device/batch_planner.h"
#include "core/device/batch_source.h"
#include "core/device/side_work.h"

#include <utility>

namespace barlow {
namespace {

ViewMaker::Options viewOptions(const ResidentSourceOptions& options) {
  BARLOW_CHECK(options.images->size() >= options.config.run.batchSize)
      << "the batch is larger than the data";
  BARLOW_CHECK(options.config.augment.views() == 2) << "small crops are the loader's";
  const DataParams& data = options.config.data;
  return {.images = options.images,
          .interpolation = options.config.augment.interpolation,
          .pillow = options.config.augment.pillow,
          .side = data.imageSize,
          .mean = data.mean,
          .std = data.std,
          .format = options.format};
}

class ResidentSource final : public BatchSource {
 public:
  explicit ResidentSource(const ResidentSourceOptions& options)
      : device_(options.images->pixels().device()),
        makesAhead_(options.makesAhead.value_or(!device_.is_cpu())),
        work_(device_),
        upload_(work_),
        views_(viewOptions(options)),
        planner_({.images = options.images,
                  .config = options.config,
                  .firstStep = options.firstStep,
                  .lastStep = options.lastStep},
                 views_) {
    work_.follow();  // the tables of views_
  }

  std::optional<DeviceBatch> next(std::stop_token stop) override {
    if (stop.stop_requested()) {
      return std::nullopt;
    }
    work_.takeBack();
    std::optional<Made> made = ahead_ ? std::exchange(ahead_, {}) : make();
    if (made && makesAhead_) {
      ahead_ = make();
    }
    if (!made) {
      return std::nullopt;
    }
    work_.lend(made->batch.pixels(), made->isReady);
    return std::move(made->batch);
  }

 private:
  struct Made {
    DeviceBatch batch;
    std::optional<c10::Event> isReady;
  };

  std::optional<Made> make() {
    std::optional<PlannedBatch> planned = planner_.next();
    if (!planned) {
      return std::nullopt;
    }
    Made made{std::move(planned->batch), std::nullopt};
    const torch::Tensor bytes = upload_(planned->table.bytes);
    work_.run([&] {
      auto [a, b] = views_.make(planned->table, bytes);
      made.batch.views[0].pixels = std::move(a);
      made.batch.views[1].pixels = std::move(b);
    });
    made.isReady = work_.mark();
    return made;
  }

  torch::Device device_;
  bool makesAhead_;
  SideWork work_;
  PinnedUpload upload_;
  ViewMaker views_;
  std::optional<Made> ahead_;  // the next batch, queued
  BatchPlanner planner_;       // last: its thread ends before what it uses
};

}  // namespace

std::unique_ptr<BatchSource> makeResidentSource(ResidentSourceOptions options) {
  return std::make_unique<ResidentSource>(options);
}

}  // namespace barlow
