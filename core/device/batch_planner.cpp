#include "core/device/batch_planner.h"

#include "core/augment/augment.h"
#include "core/base/system.h"
#include "core/loader/prefetch_loader.h"

#include <utility>

namespace barlow {

BatchPlanner::BatchPlanner(Options options, const ViewMaker& views)
    : options_(std::move(options)), views_(views), thread_([this] { work(); }) {}

BatchPlanner::~BatchPlanner() { queue_.close(); }

std::optional<PlannedBatch> BatchPlanner::next() {
  std::optional<Item> item = queue_.pop();
  if (!item) {
    return std::nullopt;
  }
  if (item->failure) {
    std::rethrow_exception(item->failure);
  }
  return std::move(item->planned);
}

void BatchPlanner::work() {
  nameThread("plans");
  try {
    for (std::int64_t step = options_.firstStep; step < options_.lastStep; ++step) {
      if (!queue_.push({plan(step), nullptr})) {
        return;
      }
    }
  } catch (...) {  // a thread entry: it goes to whoever calls next()
    queue_.push({{}, std::current_exception()});
  }
  queue_.close();
}

PlannedBatch BatchPlanner::plan(std::int64_t step) {
  const RunConfig& config = options_.config;
  const std::int64_t size = config.run.batchSize;
  const std::int64_t steps = options_.images->size() / size;  // the ragged last one is dropped
  PlannedBatch planned;
  DeviceBatch& batch = planned.batch;
  batch.epoch = step / steps;
  batch.batch = step % steps;
  batch.views.resize(2);
  if (orderEpoch_ != batch.epoch) {
    order_ = epochOrder(options_.images->size(), config.run.seed, batch.epoch);
    orderEpoch_ = batch.epoch;
  }
  for (std::int64_t row = 0; row < size; ++row) {
    const std::int64_t sample = options_.images->readable(
        order_[static_cast<std::size_t>(batch.batch * size + row)], batch.problems);
    const ResidentImages::Place& place = options_.images->place(sample);
    batch.indices.push_back(sample);
    for (std::size_t view = 0; view < batch.views.size(); ++view) {
      const ViewKey key{
          .seed = config.run.seed, .epoch = batch.epoch, .sample = sample, .view = viewAt(view)};
      batch.views[view].plans.push_back(
          drawViewPlan(config.augment, key, place.width, place.height));
    }
  }
  planned.table = views_.table(batch.indices, batch.views[0].plans, batch.views[1].plans);
  return planned;
}

}  // namespace barlow
