#include "core/loader/prefetch_loader.h"

#include "core/base/check.h"
#include "core/base/system.h"
#include "core/loader/sample_maker.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace barlow {
namespace {

constexpr std::size_t kChunk =
    16;  // samples a worker takes at a time, so that several share a batch

// A batch in the making. Workers write to rows of their own; everything else is guarded by the
// loader's mutex.
struct Slot {
  ViewBatch batch;
  std::vector<std::int64_t> samples;
  std::size_t nextRow = 0;  // first row that no worker has taken
  std::size_t rowsLeft = 0;
  // By row, so that the order of problems does not depend on who was faster.
  std::vector<std::vector<SampleProblem>> problems;
};

}  // namespace

struct PrefetchLoader::Impl {
  Options options;
  SampleMaker maker;
  std::int64_t stepsPerEpoch = 0;

  std::mutex mutex;
  std::condition_variable_any hasWork;   // for workers: rows to fill, or room for another batch
  std::condition_variable_any hasBatch;  // for next(): the front is complete, or something failed
  std::deque<std::unique_ptr<Slot>> slots;  // guarded by mutex; front: the next batch to hand out
  std::vector<ViewBatch> spare;             // guarded by mutex; memory for reuse
  std::vector<std::span<std::uint8_t>> freeBuffers;  // guarded by mutex; of options.levelBuffers
  std::int64_t stepToOpen = 0;                       // guarded by mutex; the next batch to begin
  std::int64_t orderEpoch = -1;                      // guarded by mutex
  std::vector<std::int64_t> order;                   // guarded by mutex; of orderEpoch
  std::exception_ptr failure;                        // guarded by mutex

  std::vector<std::jthread> workers;  // last: they end before what they use

  explicit Impl(Options given) : options(std::move(given)), maker(options.dataset, options.config) {
    const int batchSize = options.config.run.batchSize;
    BARLOW_CHECK(options.workers > 0 && options.batchesAhead > 0)
        << "a loader needs workers and room";
    BARLOW_CHECK(batchSize > 0 && options.dataset->size() >= batchSize)
        << "the batch is larger than the data";
    stepsPerEpoch = options.dataset->size() / batchSize;  // the ragged last batch is dropped
    stepToOpen = options.firstStep;
    freeBuffers = options.levelBuffers;
    for (int i = 0; i < options.workers; ++i) {
      workers.emplace_back([this](std::stop_token stop) { work(stop); });
    }
  }

  ~Impl() {
    for (std::jthread& worker : workers) {
      worker.request_stop();  // all at once; joining one after the other would add up
    }
  }

  bool canOpen() const {
    return stepToOpen < options.lastStep &&
           slots.size() < static_cast<std::size_t>(options.batchesAhead) &&
           (options.levelBuffers.empty() || !freeBuffers.empty());
  }
  bool hasRows() const {
    return !slots.empty() && slots.back()->nextRow < slots.back()->samples.size();
  }

  // Rows are taken from the back only: a new batch is begun when the one before it is completely
  // taken.
  void openBatch() {
    auto slot = std::make_unique<Slot>();
    if (!spare.empty()) {
      slot->batch = std::move(spare.back());
      spare.pop_back();
    }
    const auto n = static_cast<std::size_t>(options.config.run.batchSize);
    ViewBatch& batch = slot->batch;
    batch.epoch = stepToOpen / stepsPerEpoch;
    batch.batch = stepToOpen % stepsPerEpoch;
    batch.indices.resize(n);
    const AugmentParams& augment = options.config.augment;
    batch.views.resize(augment.views());
    for (std::size_t view = 0; view < batch.views.size(); ++view) {
      ViewSet& set = batch.views[view];
      set.side = augment.side(view, options.config.data.imageSize);
      set.plans.resize(n);
      if (options.levelBuffers.empty()) {
        set.pixels.resize(n * viewNumbers(set.side));
      }
    }
    if (!options.levelBuffers.empty()) {
      batch.levels =
          freeBuffers.back().first(n * viewNumbers(augment, options.config.data.imageSize));
      freeBuffers.pop_back();
    }
    batch.problems.clear();
    if (orderEpoch != batch.epoch) {
      order = epochOrder(options.dataset->size(), options.config.run.seed, batch.epoch);
      orderEpoch = batch.epoch;
    }
    const auto first = order.begin() + batch.batch * static_cast<std::int64_t>(n);
    slot->samples.assign(first, first + static_cast<std::int64_t>(n));
    slot->rowsLeft = n;
    slot->problems.resize(n);
    slots.push_back(std::move(slot));
    ++stepToOpen;
  }

  void work(std::stop_token stop) {
    nameThread("loader");
    lowerThreadPriority();
    std::unique_lock lock(mutex);
    while (
        hasWork.wait(lock, stop, [this] { return failure != nullptr || hasRows() || canOpen(); })) {
      if (failure) {
        return;
      }
      if (!hasRows()) {
        openBatch();
      }
      Slot& slot = *slots.back();
      const std::size_t begin = slot.nextRow;
      const std::size_t end = std::min(begin + kChunk, slot.samples.size());
      slot.nextRow = end;
      hasWork.notify_one();  // there may be more rows for another worker
      lock.unlock();
      std::exception_ptr problem = fillRows(slot, begin, end, stop);
      lock.lock();
      if (stop.stop_requested()) {
        return;
      }
      slot.rowsLeft -= end - begin;
      if (problem && !failure) {
        failure = problem;
        hasWork.notify_all();
      }
      if (failure || slot.rowsLeft == 0) {
        hasBatch.notify_all();
      }
    }
  }

  std::exception_ptr fillRows(Slot& slot,
                              std::size_t begin,
                              std::size_t end,
                              const std::stop_token& stop) const {
    try {
      for (std::size_t row = begin; row < end && !stop.stop_requested(); ++row) {
        maker.fillRow(slot.batch, row, slot.samples[row], slot.problems[row]);
      }
    } catch (...) {  // a thread entry: it goes to whoever calls next()
      return std::current_exception();
    }
    return nullptr;
  }
};

PrefetchLoader::PrefetchLoader(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

PrefetchLoader::~PrefetchLoader() = default;

std::optional<ViewBatch> PrefetchLoader::next(std::stop_token stop) {
  Impl& loader = *impl_;
  std::unique_lock lock(loader.mutex);
  const auto isOver = [&] {
    return loader.slots.empty() && loader.stepToOpen >= loader.options.lastStep;
  };
  const bool isReady = loader.hasBatch.wait(lock, stop, [&] {
    return loader.failure != nullptr || isOver() ||
           (!loader.slots.empty() && loader.slots.front()->rowsLeft == 0);
  });
  if (!isReady || stop.stop_requested()) {
    return std::nullopt;
  }
  if (loader.failure) {
    std::rethrow_exception(loader.failure);
  }
  if (isOver()) {
    return std::nullopt;
  }
  const std::unique_ptr<Slot> slot = std::move(loader.slots.front());
  loader.slots.pop_front();
  loader.hasWork.notify_one();
  lock.unlock();
  for (std::vector<SampleProblem>& problems : slot->problems) {
    slot->batch.problems.insert(slot->batch.problems.end(), problems.begin(), problems.end());
  }
  return std::move(slot->batch);
}

void PrefetchLoader::recycle(ViewBatch batch) {
  std::lock_guard lock(impl_->mutex);
  if (!batch.levels.empty()) {
    impl_->freeBuffers.push_back(batch.levels);
    impl_->hasWork.notify_one();
    return;
  }
  if (impl_->spare.size() < 2) {
    impl_->spare.push_back(std::move(batch));
  }
}

}  // namespace barlow
