#include "ui/bridge/matrix_feed.h"

#include "core/base/system.h"
#include "core/studio/inspection.h"
#include "ui/bridge/run_controller.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kShortestMs = 100;  // for who looks at the matrix closely
constexpr int kPictureMs = 333;   // for a picture beside others
constexpr double kLongestMs = 5000;
// The thread works for at most this share of the time: low priority alone does not keep it from
// costing a training on two cores a tenth of its speed (./dev bench stall).
constexpr double kDuty = 0.1;
constexpr int kViewPairs = 16;

struct Made {
  std::shared_ptr<const Inspection> inspection;
  double milliseconds = 0;
};

}  // namespace

MatrixFeed::MatrixFeed(RunController& run, QObject* parent)
    : QObject(parent), run_(run), job_(&pool_) {
  pool_.setMaxThreadCount(1);
  connect(&run_, &RunController::cleared, this, [this] {
    job_.cancel();
    waiting_.reset();
    newest_.reset();
    newestEmbeddings_.reset();
    Q_EMIT cleared();
  });
  connect(&run_,
          &RunController::snapshotArrived,
          this,
          [this](const std::shared_ptr<const Snapshot>& snapshot) { take(snapshot->embeddings); });
  connect(
      &run_, &RunController::opened, this, [this](const std::shared_ptr<const StoredRun>& stored) {
        take(stored->embeddings);
      });
}

MatrixFeed::~MatrixFeed() = default;

void MatrixFeed::setWant(const QObject* who, Want want) {
  const bool isNew = wants_.find(who) == wants_.end();
  const Want before = most();
  wants_[who] = want;
  if (isNew) {
    connect(who, &QObject::destroyed, this, [this, who] {
      wants_.erase(who);
      tellInterest();
    });
  }
  tellInterest();
  const bool isShown = newest_ && (newest_->statistics || most() != Want::Everything);
  if (most() > before && newestEmbeddings_ && !isShown) {
    take(newestEmbeddings_);
  }
}

MatrixFeed::Want MatrixFeed::most() const {
  Want most = Want::Nothing;
  for (const auto& [who, want] : wants_) {
    most = std::max(most, want);
  }
  return most;
}

void MatrixFeed::take(std::shared_ptr<const EmbeddingPair> embeddings) {
  if (!embeddings) {
    return;
  }
  newestEmbeddings_ = embeddings;
  if (most() == Want::Nothing) {
    return;
  }
  if (job_.isBusy()) {
    waiting_ = std::move(embeddings);
  } else {
    begin(std::move(embeddings));
  }
}

void MatrixFeed::begin(std::shared_ptr<const EmbeddingPair> embeddings) {
  const auto depth =
      most() == Want::Everything ? InspectionDepth::Everything : InspectionDepth::Picture;
  // A run on disk competes with nobody.
  const int threads = run_.isLive() ? 1 : 2;
  job_.run(
      [embeddings = std::move(embeddings), depth, threads](std::stop_token stop) {
        nameThread("matrix");
        lowerThreadPriority();
        const auto start = std::chrono::steady_clock::now();
        auto inspection =
            inspectEmbeddings(embeddings, {.stop = std::move(stop), .threads = threads}, depth);
        const std::chrono::duration<double, std::milli> taken =
            std::chrono::steady_clock::now() - start;
        return Made{std::move(inspection), taken.count()};
      },
      [this](JobResult<Made> result) {
        // A matrix that cannot be made (memory) leaves the last one on screen; the run's own
        // numbers go on.
        if (const auto* made = std::get_if<Made>(&result); made && made->inspection) {
          lastMs_ = made->milliseconds;
          newest_ = made->inspection;
          tellInterest();
          Q_EMIT arrived(newest_);
        }
        if (waiting_) {
          begin(std::exchange(waiting_, nullptr));
        }
      });
}

void MatrixFeed::tellInterest() {
  const double shortest = most() == Want::Everything ? kShortestMs : kPictureMs;
  const auto interval = static_cast<int>(std::clamp(lastMs_ / kDuty, shortest, kLongestMs));
  run_.setMatrixInterest(
      {.isWanted = most() != Want::Nothing, .minIntervalMs = interval, .viewPairs = kViewPairs});
}

}  // namespace barlow::ui
