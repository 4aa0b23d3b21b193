#include "ui/panels/thumbnail_loader.h"

#include "core/base/system.h"
#include "ui/bridge/background_job.h"
#include "ui/plots/image_convert.h"

#include <QMetaObject>

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kThreads = 2;
constexpr std::size_t kMostWaiting = 512;  // more than the largest screen shows
constexpr int kCacheKilobytes = 128 * 1024;

Thumbnail decode(const DatasetBrowser& dataset, qint64 index, int side) {
  const Result<RgbImage> image = dataset.thumbnail(index, side);
  if (!image) {
    return {{}, QString::fromStdString(image.error().message)};
  }
  return {toQImage(*image).convertToFormat(QImage::Format_RGB32),
          {}};  // what painting is fast with
}

int kilobytes(const Thumbnail& thumbnail) {
  return 1 + static_cast<int>(thumbnail.image.sizeInBytes() / 1024);
}

}  // namespace

struct ThumbnailLoader::Shared {
  std::mutex mutex;  // guards all that follows
  std::shared_ptr<const DatasetBrowser> dataset;
  int side = 0;
  int generation = 0;
  std::deque<qint64> waiting;  // the newest at the back
  std::vector<qint64> beingMade;
  std::vector<std::pair<qint64, Thumbnail>> made;
  int workers = 0;
  bool isPosted = false;

  bool isIdle() const { return waiting.empty() && beingMade.empty() && made.empty(); }
};

ThumbnailLoader::ThumbnailLoader(QObject* parent)
    : QObject(parent), shared_(std::make_shared<Shared>()), cache_(kCacheKilobytes) {
  pool_.setMaxThreadCount(kThreads);
}

ThumbnailLoader::~ThumbnailLoader() {
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->waiting.clear();
    shared_->isPosted = true;  // nothing is posted any more
  }
  pool_.waitForDone();
}

void ThumbnailLoader::setDataset(std::shared_ptr<const DatasetBrowser> dataset, int side) {
  cache_.clear();
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->dataset = std::move(dataset);
    shared_->side = side;
    ++shared_->generation;
    shared_->waiting.clear();
    shared_->beingMade.clear();
    shared_->made.clear();
  }
  setBusy(false);
}

const Thumbnail* ThumbnailLoader::thumbnail(qint64 index) {
  if (const Thumbnail* known = cache_.object(index)) {
    return known;
  }
  bool isWorkerNeeded = false;
  {
    const std::lock_guard lock(shared_->mutex);
    auto& waiting = shared_->waiting;
    const auto& making = shared_->beingMade;
    if (!shared_->dataset || std::find(making.begin(), making.end(), index) != making.end() ||
        std::any_of(shared_->made.begin(), shared_->made.end(), [&](const auto& made) {
          return made.first == index;
        })) {
      return nullptr;
    }
    waiting.erase(std::remove(waiting.begin(), waiting.end(), index), waiting.end());
    waiting.push_back(index);
    if (waiting.size() > kMostWaiting) {
      waiting.pop_front();
    }
    isWorkerNeeded = shared_->workers < kThreads;
    shared_->workers += isWorkerNeeded ? 1 : 0;
  }
  setBusy(true);
  if (isWorkerNeeded) {
    pool_.start([this, shared = shared_] { work(this, shared); });
  }
  return nullptr;
}

// The loader outlives its pool's threads; it is only used to post to.
void ThumbnailLoader::work(ThumbnailLoader* loader, const std::shared_ptr<Shared>& shared) {
  lowerThreadPriority();
  std::unique_lock lock(shared->mutex);
  while (!shared->waiting.empty()) {
    const qint64 index = shared->waiting.back();
    shared->waiting.pop_back();
    shared->beingMade.push_back(index);
    const auto dataset = shared->dataset;
    const int side = shared->side;
    const int generation = shared->generation;
    lock.unlock();
    Thumbnail thumbnail = decode(*dataset, index, side);
    lock.lock();
    if (generation != shared->generation) {
      continue;  // of a data set that is shown no longer
    }
    std::erase(shared->beingMade, index);
    shared->made.emplace_back(index, std::move(thumbnail));
    if (!std::exchange(shared->isPosted, true)) {
      QMetaObject::invokeMethod(loader, &ThumbnailLoader::collect, Qt::QueuedConnection);
    }
  }
  --shared->workers;
}

void ThumbnailLoader::collect() {
  std::vector<std::pair<qint64, Thumbnail>> made;
  bool isIdle = false;
  {
    const std::lock_guard lock(shared_->mutex);
    made.swap(shared_->made);
    shared_->isPosted = false;
    isIdle = shared_->isIdle();
  }
  std::vector<qint64> indices;
  for (auto& [index, thumbnail] : made) {
    const int cost = kilobytes(thumbnail);
    cache_.insert(index, new Thumbnail(std::move(thumbnail)), cost);
    indices.push_back(index);
  }
  if (!indices.empty()) {
    Q_EMIT ready(indices);
  }
  // Whoever was told may have asked for more.
  if (isIdle) {
    const std::lock_guard lock(shared_->mutex);
    isIdle = shared_->isIdle();
  }
  if (isIdle) {
    setBusy(false);
  }
}

void ThumbnailLoader::setBusy(bool isBusy) {
  if (std::exchange(isBusy_, isBusy) != isBusy) {
    Q_EMIT busyChanged();
  }
}

}  // namespace barlow::ui
