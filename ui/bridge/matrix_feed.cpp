#include "ui/bridge/matrix_feed.h"

#include "core/base/system.h"
#include "core/matrix/matrix_kinds.h"
#include "core/studio/matrix_files.h"
#include "ui/bridge/run_controller.h"

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kShortestMs = 80;  // for who looks at the matrix closely: ten times a second
constexpr int kPictureMs = 500;  // for a picture beside others
constexpr double kLongestMs = 5000;
constexpr int kNumbersMs = 1000;  // nobody reads numbers that change faster
constexpr int kViewPairs = 16;
// Shares of the time for which the thread may work. While a training uses all cores, what is taken
// from one of them holds up the others at the next barrier, and a low priority does not change
// that, as threads spin where they wait (./dev bench stall). A core that is free is for the taking.
constexpr double kBusyShareOfPictures = 0.012;
constexpr double kBusyShareOfNumbers = 0.006;
constexpr double kFreeShare = 0.3;

bool hasFreeCore(int trainingThreads) {
  return trainingThreads > 0 && trainingThreads < usableCores();
}

struct Made {
  std::shared_ptr<const Inspection> inspection;
  double milliseconds = 0;
};

}  // namespace

MatrixFeed::MatrixFeed(RunController& run, QObject* parent) : QObject(parent), run_(run) {
  yielding_.setMaxThreadCount(1);
  numbersTimer_.setSingleShot(true);
  connect(&numbersTimer_, &QTimer::timeout, this, [this] {
    if (!job_.isBusy()) {
      goOn();
    }
  });
  connect(&run_, &RunController::cleared, this, [this] {
    job_.cancel();
    numbersTimer_.stop();
    sinceNumbers_.invalidate();
    waiting_.reset();
    newest_.reset();
    newestEmbeddings_.reset();
    lacking_.clear();
    isChosen_ = false;
    if (!offers(kind_)) {
      kind_ = MatrixKind::CrossCorrelation;
    }
    Q_EMIT cleared();
    Q_EMIT kindChanged();  // another run has other kinds
  });
  connect(&run_, &RunController::ended, this, [this] {
    if (job_.isBusy()) {  // on a thread of low priority, which nothing is left to yield to
      job_.cancel();
      waiting_.reset();
      catchUp();
    }
  });
  connect(
      &run_,
      &RunController::snapshotArrived,
      this,
      [this](const std::shared_ptr<const LiveSnapshot>& snapshot) { take(snapshot->embeddings); });
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
  if (most() > before && !job_.isBusy()) {
    catchUp();
  }
}

std::vector<MatrixKind> MatrixFeed::kinds() const {
  const std::int64_t prototypes = run_.runConfig().objective.prototypeForm().count;
  const bool hasAssignments = prototypes > 0 && prototypes <= kMaxMatrixSide;
  std::vector<MatrixKind> kinds;
  for (const auto& name : kEnumNames<MatrixKind>) {
    if (name.value != MatrixKind::Assignments || hasAssignments) {
      kinds.push_back(name.value);
    }
  }
  return kinds;
}

bool MatrixFeed::offers(MatrixKind kind) const {
  const std::vector<MatrixKind> offered = kinds();
  return std::find(offered.begin(), offered.end(), kind) != offered.end();
}

void MatrixFeed::setKind(MatrixKind kind) {
  isChosen_ = true;
  change(kind);
}

void MatrixFeed::suggestKind(MatrixKind kind) {
  if (!isChosen_) {
    change(kind);
  }
}

void MatrixFeed::change(MatrixKind kind) {
  if (kind == kind_ || !offers(kind)) {
    return;
  }
  kind_ = kind;
  job_.cancel();
  numbersTimer_.stop();
  sinceNumbers_.invalidate();
  waiting_.reset();
  newest_.reset();
  lacking_.clear();
  Q_EMIT kindChanged();
  take(newestEmbeddings_);
}

void MatrixFeed::catchUp() {
  if (!newest_ || newest_->embeddings != newestEmbeddings_) {
    take(newestEmbeddings_);
  } else {
    goOn();
  }
}

MatrixFeed::Want MatrixFeed::most() const {
  Want most = Want::Nothing;
  for (const auto& [who, want] : wants_) {
    most = std::max(most, want);
  }
  return most;
}

void MatrixFeed::take(std::shared_ptr<const EmbeddingBatch> embeddings) {
  if (!embeddings) {
    return;
  }
  newestEmbeddings_ = embeddings;
  if (most() == Want::Nothing) {
    return;
  }
  lacking_ = QString::fromStdString(whyNot(*embeddings, kind_));
  if (!lacking_.isEmpty()) {
    newest_.reset();
    tellInterest();
    Q_EMIT lacked();
    return;
  }
  if (job_.isBusy()) {
    waiting_ = std::move(embeddings);
  } else {
    draw(std::move(embeddings));
  }
}

void MatrixFeed::draw(std::shared_ptr<const EmbeddingBatch> embeddings) {
  isGivenUp_ = false;
  work([embeddings = std::move(embeddings),
        kind = kind_](const JobControl& control) { return pictureOf(embeddings, kind, control); },
       pictureMs_);
}

void MatrixFeed::complete(const std::shared_ptr<const Inspection>& picture) {
  work([picture](const JobControl& control) { return completed(picture, control); }, numbersMs_);
}

void MatrixFeed::work(std::function<std::shared_ptr<const Inspection>(const JobControl&)> make,
                      double& milliseconds) {
  // A run on disk competes with no training; beside other programs it gets its share.
  const bool yields = run_.isTraining();
  job_.runOn(
      yields ? yielding_ : *workerPool(),
      [make = std::move(make), yields](std::stop_token stop) {
        const int threads = yields ? 1 : 2;
        if (yields) {
          nameThread("matrix");
          lowerThreadPriority();
        }
        const double before = threadSeconds();
        auto inspection = make({.stop = std::move(stop), .threads = threads});
        return Made{std::move(inspection), 1e3 * (threadSeconds() - before)};
      },
      [this, &milliseconds](JobResult<Made> result) {
        // A matrix that cannot be made (memory) leaves the last one on screen; the run's own
        // numbers go on.
        const auto* made = std::get_if<Made>(&result);
        if (made != nullptr && made->inspection) {
          milliseconds = made->milliseconds;
          newest_ = made->inspection;
          tellInterest();
          Q_EMIT arrived(newest_);
        } else {
          isGivenUp_ = true;
        }
        if (!job_.isBusy()) {  // nobody asked for something else
          goOn();
        }
      });
}

// Numbers come after some of the pictures of a run that goes on, and always after the last one.
void MatrixFeed::goOn() {
  const bool lacksNumbers =
      newest_ && !newest_->isComplete() && !isGivenUp_ && most() == Want::Everything;
  const qint64 due =
      run_.isLive() ? spared(numbersMs_, kBusyShareOfNumbers, kNumbersMs) : qint64{0};
  const qint64 age = sinceNumbers_.isValid() ? sinceNumbers_.elapsed() : due;
  if (lacksNumbers && age >= due) {
    sinceNumbers_.start();
    complete(newest_);
  } else if (waiting_) {
    draw(std::exchange(waiting_, nullptr));
  } else if (lacksNumbers) {
    numbersTimer_.start(static_cast<int>(due - age));
  }
}

// How long to wait after work of this length.
int MatrixFeed::spared(double milliseconds, double busyShare, int shortest) const {
  const double share = hasFreeCore(run_.runConfig().run.threads) ? kFreeShare : busyShare;
  return static_cast<int>(
      std::clamp(milliseconds / share, static_cast<double>(shortest), kLongestMs));
}

void MatrixFeed::tellInterest() {
  const int shortest = most() == Want::Everything ? kShortestMs : kPictureMs;
  run_.setSnapshotDemand({.isWanted = most() != Want::Nothing,
                          .minIntervalMs = spared(pictureMs_, kBusyShareOfPictures, shortest),
                          .viewPairs = kViewPairs});
}

}  // namespace barlow::ui
