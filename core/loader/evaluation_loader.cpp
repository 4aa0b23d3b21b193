#include "core/loader/evaluation_loader.h"

#include "core/base/check.h"
#include "core/base/system.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace barlow {
namespace {

constexpr std::size_t kChunk = 8;  // images that a worker takes at a time

// A batch in the making. Workers write to rows of their own; the rest is guarded by the mutex.
struct Slot {
  EvaluationLoader::Batch batch;
  std::size_t first = 0;  // in options.indices
  std::size_t size = 0;
  std::size_t rowsLeft = 0;
  std::vector<std::optional<SampleProblem>> problems;  // by row
};

}  // namespace

struct EvaluationLoader::Impl {
  Options options;
  std::size_t viewBytes = 0;

  std::mutex mutex;
  std::condition_variable_any hasWork;      // for workers: an image to take
  std::condition_variable_any hasBatch;     // for next(): the front is complete
  std::deque<std::unique_ptr<Slot>> slots;  // guarded by mutex; front: the next to hand out
  std::size_t nextImage = 0;                // guarded by mutex; the first that no worker has taken
  std::size_t opened = 0;                   // guarded by mutex; images that have a slot
  std::exception_ptr failure;               // guarded by mutex

  std::vector<std::jthread> workers;  // last: they end before what they use

  explicit Impl(Options given) : options(std::move(given)) {
    BARLOW_CHECK(options.dataset != nullptr && options.makeView && options.side > 0 &&
                 options.views > 0 && options.batchSize > 0 && options.workers > 0 &&
                 options.batchesAhead > 0)
        << "a loader needs data, room and workers";
    const auto side = static_cast<std::size_t>(options.side);
    viewBytes = side * side * 3;
    for (int i = 0; i < options.workers; ++i) {
      workers.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }
  }

  ~Impl() {
    for (std::jthread& worker : workers) {
      worker.request_stop();  // all at once; joining one after the other would add up
    }
  }

  bool canOpen() const {
    return opened < options.indices.size() &&
           slots.size() < static_cast<std::size_t>(options.batchesAhead);
  }
  bool hasImage() const { return nextImage < opened; }

  void open() {
    auto slot = std::make_unique<Slot>();
    slot->first = opened;
    slot->size =
        std::min(static_cast<std::size_t>(options.batchSize), options.indices.size() - opened);
    slot->rowsLeft = slot->size;
    slot->problems.resize(slot->size);
    slot->batch.levels.resize(slot->size * static_cast<std::size_t>(options.views) * viewBytes);
    opened += slot->size;
    slots.push_back(std::move(slot));
  }

  void work(const std::stop_token& stop) {
    nameThread("loader");
    if (!options.hasPriority) {
      lowerThreadPriority();
    }
    std::unique_lock lock(mutex);
    while (hasWork.wait(lock, stop, [this] { return failure || hasImage() || canOpen(); })) {
      if (failure) {
        return;
      }
      if (!hasImage()) {
        open();
      }
      // Images are taken from the newest slot only: another is opened when all of it is taken.
      Slot& slot = *slots.back();
      const std::size_t begin = nextImage;
      const std::size_t end = std::min(begin + kChunk, slot.first + slot.size);
      nextImage = end;
      hasWork.notify_one();  // there may be more for another worker
      lock.unlock();
      const std::exception_ptr problem = fill(slot, begin, end, stop);
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

  std::exception_ptr fill(Slot& slot,
                          std::size_t begin,
                          std::size_t end,
                          const std::stop_token& stop) const {
    try {
      for (std::size_t i = begin; i < end && !stop.stop_requested(); ++i) {
        fillRow(slot, i - slot.first, options.indices[i]);
      }
    } catch (...) {  // a thread entry: it goes to whoever calls next()
      return std::current_exception();
    }
    return nullptr;
  }

  void fillRow(Slot& slot, std::size_t row, std::int64_t index) const {
    const Result<RgbImage> image = options.dataset->image(index);
    if (!image) {
      slot.problems[row] = SampleProblem{options.dataset->name(index), image.error().message};
      return;
    }
    auto target =
        slot.batch.levels.begin() +
        static_cast<std::ptrdiff_t>(row * static_cast<std::size_t>(options.views) * viewBytes);
    for (int view = 0; view < options.views; ++view) {
      const RgbImage made = options.makeView(*image, index, view);
      BARLOW_CHECK(made.pixels.size() == viewBytes) << "a view of another size";
      target = std::copy(made.pixels.begin(), made.pixels.end(), target);
    }
  }

  // What could be read, closed up.
  Batch finished(Slot& slot) const {
    Batch batch = std::move(slot.batch);
    const std::size_t rowBytes = static_cast<std::size_t>(options.views) * viewBytes;
    std::size_t kept = 0;
    for (std::size_t row = 0; row < slot.size; ++row) {
      if (slot.problems[row]) {
        batch.problems.push_back(std::move(*slot.problems[row]));
        continue;
      }
      if (kept != row) {
        const auto from = batch.levels.begin() + static_cast<std::ptrdiff_t>(row * rowBytes);
        std::copy(from,
                  from + static_cast<std::ptrdiff_t>(rowBytes),
                  batch.levels.begin() + static_cast<std::ptrdiff_t>(kept * rowBytes));
      }
      batch.indices.push_back(options.indices[slot.first + row]);
      ++kept;
    }
    batch.levels.resize(kept * rowBytes);
    return batch;
  }
};

EvaluationLoader::EvaluationLoader(Options options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}

EvaluationLoader::~EvaluationLoader() = default;

std::optional<EvaluationLoader::Batch> EvaluationLoader::next(const std::stop_token& stop) {
  Impl& loader = *impl_;
  std::unique_lock lock(loader.mutex);
  const auto isOver = [&] {
    return loader.slots.empty() && loader.opened == loader.options.indices.size();
  };
  const bool isReady = loader.hasBatch.wait(lock, stop, [&] {
    return loader.failure || isOver() ||
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
  return loader.finished(*slot);
}

}  // namespace barlow
