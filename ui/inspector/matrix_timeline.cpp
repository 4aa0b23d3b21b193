#include "ui/inspector/matrix_timeline.h"

#include "core/base/large_memory.h"
#include "core/matrix/matrix_kinds.h"
#include "core/studio/weight_view.h"
#include "ui/bridge/matrix_feed.h"
#include "ui/bridge/run_controller.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kPictured = 0.5;  // of the progress of a reading

}  // namespace

QString titleOf(const MatrixOrigin& origin) {
  const QString name = QString::fromStdString(origin.name);
  if (origin.step < 0) {
    return name;
  }
  return name.isEmpty() ? MatrixTimeline::tr("step %1").arg(origin.step)
                        : MatrixTimeline::tr("%1, step %2").arg(name).arg(origin.step);
}

MatrixTimeline::MatrixTimeline(RunController& run, MatrixFeed& feed, QObject* parent)
    : QObject(parent), run_(run), feed_(feed) {
  playTimer_.setSingleShot(true);
  connect(&playTimer_, &QTimer::timeout, this, &MatrixTimeline::playNext);
  connect(&feed_, &MatrixFeed::arrived, this, &MatrixTimeline::onArrived);
  connect(&feed_, &MatrixFeed::cleared, this, &MatrixTimeline::onCleared);
  connect(&feed_, &MatrixFeed::kindChanged, this, &MatrixTimeline::onKind);
  connect(&feed_, &MatrixFeed::lacked, this, [this] {
    if (isActive_ && !showsFiles() && playback_ == Playback::Following) {
      cancelReading();
      show(nullptr, feed_.lacking());
    }
  });
  connect(&run_, &RunController::ended, this, &MatrixTimeline::listAgain);
  connect(&run_, &RunController::opened, this, &MatrixTimeline::listAgain);
}

MatrixTimeline::~MatrixTimeline() = default;

void MatrixTimeline::setActive(bool isActive) {
  isActive_ = isActive;
  feed_.setWant(
      this, isActive && !showsFiles() ? MatrixFeed::Want::Everything : MatrixFeed::Want::Nothing);
  if (!isActive) {
    // No matrix comes any more that could use what the ones before have left.
    workerPool()->start([] { releaseLargeMemory(); });
    if (playback_ == Playback::Playing) {
      hold();
    }
    return;
  }
  listAgain();
  if (!showsFiles() && playback_ == Playback::Following) {
    showNewest();
  } else {
    onKind();  // another one may have been chosen meanwhile
  }
}

void MatrixTimeline::openFiles(const std::vector<std::filesystem::path>& files) {
  open(files, [files](MatrixKind kind, const JobControl& control) {
    return pictureOf(files, kind, control);
  });
}

void MatrixTimeline::openWeights(const std::filesystem::path& file, const std::string& source) {
  open({file}, [file, source](MatrixKind kind, const JobControl& control) {
    return pictureOfWeights(file, source, kind, control);
  });
}

void MatrixTimeline::open(const std::vector<std::filesystem::path>& files, Open how) {
  files_ = files;
  open_ = std::move(how);
  moments_.clear();
  newer_ = 0;
  setPlayback(Playback::Held);
  feed_.setWant(this, MatrixFeed::Want::Nothing);
  readingStep_ = -1;
  read(
      [how = open_, kind = wantedKind()](const JobControl& control) { return how(kind, control); });
}

MatrixKind MatrixTimeline::wantedKind() const {
  const MatrixKind kind = feed_.kind();
  return showsFiles() && kind == MatrixKind::Assignments ? MatrixKind::CrossCorrelation : kind;
}

// The same embeddings as another matrix. A matrix alone stays what it is. Who follows waits for the
// feed.
void MatrixTimeline::onKind() {
  if (!isActive_ || (inspection_ && inspection_->origin().kind == wantedKind())) {
    return;
  }
  const bool isFollowing = !showsFiles() && playback_ == Playback::Following;
  if (inspection_ && inspection_->embeddings && !isFollowing) {
    readingStep_ = showsFiles() ? -1 : step_;
    readMatrixOf([embeddings = inspection_->embeddings] { return embeddings; });
  } else if (showsFiles()) {
    if (!inspection_) {
      open(std::vector(files_), Open(open_));
    }
  } else if (!isFollowing && !moments_.empty()) {
    cancelReading();
    showMoment(
        static_cast<std::size_t>(std::min(position(), static_cast<int>(moments_.size()) - 1)));
  }
}

void MatrixTimeline::closeFiles() {
  if (files_.empty()) {
    return;
  }
  files_.clear();
  cancelReading();
  show(nullptr);
  setPlayback(Playback::Following);
  setActive(isActive_);
}

std::uint64_t MatrixTimeline::bytesOnDisk() const {
  std::uint64_t bytes = 0;
  for (const EmbeddingSnapshot& moment : moments_) {
    bytes += moment.bytes;
  }
  return bytes;
}

// A run that goes on is ahead of its moments, even where the feed is not as quick as they are.
bool MatrixTimeline::hasHead() const {
  const auto& newest = feed_.newest();
  return newest &&
         (moments_.empty() || run_.isTraining() || newest->origin().step > moments_.back().step);
}

int MatrixTimeline::newestPosition() const {
  return std::max(0, static_cast<int>(moments_.size()) - (hasHead() ? 0 : 1));
}

int MatrixTimeline::position() const {
  if (playback_ == Playback::Following || showsFiles()) {
    return newestPosition();
  }
  if (hasHead() && step_ >= feed_.newest()->origin().step) {
    return newestPosition();
  }
  const auto behind =
      std::partition_point(moments_.begin(), moments_.end(), [this](const EmbeddingSnapshot& m) {
        return m.step <= step_;
      });
  return std::max(0, static_cast<int>(behind - moments_.begin()) - 1);
}

void MatrixTimeline::setPosition(int position) {
  const int wanted = std::clamp(position, 0, newestPosition());
  if (showsFiles()) {
    return;
  }
  if (wanted == newestPosition()) {
    follow();
    return;
  }
  step_ = moments_[static_cast<std::size_t>(wanted)].step;
  if (playback_ == Playback::Following) {
    setPlayback(Playback::Held);
  }
  showMoment(static_cast<std::size_t>(wanted));
  Q_EMIT timeChanged();
}

void MatrixTimeline::step(int by) {
  const auto at = static_cast<std::size_t>(position());
  const bool isBetween = playback_ == Playback::Held && at < moments_.size() &&
                         moments_[at].step < step_;  // the moment before is where it stands
  setPosition(position() + by + (isBetween && by < 0 ? 1 : 0));
}

void MatrixTimeline::follow() {
  if (showsFiles()) {
    return;
  }
  newer_ = 0;
  setPlayback(Playback::Following);
  showNewest();
}

void MatrixTimeline::hold() {
  if (playback_ == Playback::Following) {
    step_ = inspection_ ? inspection_->origin().step : -1;
    // The feed makes numbers of some of the pictures only; what is held gets them.
    if (inspection_ && !inspection_->isComplete() && !reading_.isBusy() && !completing_.isBusy()) {
      complete();
    }
  }
  if (playback_ != Playback::Held) {
    setPlayback(Playback::Held);
  }
}

void MatrixTimeline::play() {
  if (moments_.size() < 2) {
    return;
  }
  const bool isAtEnd = position() + 1 >= static_cast<int>(moments_.size());
  if (!isAtEnd) {
    step_ = moments_[static_cast<std::size_t>(position())].step;
  }
  setPlayback(Playback::Playing);
  if (isAtEnd) {
    showMoment(0);
  } else {
    playNext();
  }
}

void MatrixTimeline::setMomentsPerSecond(double rate) {
  momentsPerSecond_ = std::clamp(rate, 0.1, 60.0);
}

void MatrixTimeline::setLooping(bool isLooping) {
  isLooping_ = isLooping;
  Q_EMIT timeChanged();
}

QString MatrixTimeline::title() const {
  return inspection_ ? titleOf(inspection_->origin()) : QString();
}

// A following view shows it at once, a held one counts it.
void MatrixTimeline::onArrived(const std::shared_ptr<const Inspection>& inspection) {
  if (showsFiles() || !isActive_) {
    return;
  }
  const bool isNew = !inspection->statistics;
  const bool mayHaveKept = moments_.empty() || inspection->origin().step > moments_.back().step;
  if (playback_ == Playback::Following) {
    if (hasHead()) {
      show(inspection);
    } else {
      showNewest();
    }
  } else if (inspection_ && !inspection_->isComplete() && !reading_.isBusy() &&
             inspection->pyramid == inspection_->pyramid) {
    cancelReading();
    show(inspection);
  } else if (isNew && inspection_ && inspection->origin().step > inspection_->origin().step) {
    ++newer_;
    Q_EMIT timeChanged();
  }
  if (isNew && mayHaveKept && !listing_.isBusy()) {
    listAgain();
  }
}

void MatrixTimeline::onCleared() {
  if (showsFiles()) {
    return;
  }
  cancelReading();
  listing_.cancel();
  moments_.clear();
  newer_ = 0;
  show(nullptr);
  setPlayback(Playback::Following);
}

void MatrixTimeline::listAgain() {
  if (showsFiles() || run_.folder().empty() || !isActive_) {
    return;
  }
  listing_.run([folder = run_.folder()](std::stop_token) { return listSnapshots(folder); },
               [this, folder = run_.folder()](JobResult<std::vector<EmbeddingSnapshot>> result) {
                 auto* moments = std::get_if<std::vector<EmbeddingSnapshot>>(&result);
                 if (moments == nullptr || showsFiles()) {
                   return;  // a list that cannot be read is an empty one
                 }
                 folder_ = folder;
                 moments_ = std::move(*moments);
                 if (playback_ == Playback::Following && !feed_.isBusy()) {
                   showNewest();
                 }
                 Q_EMIT timeChanged();
               });
}

// One and the same moment at the end of the slider and for who follows: of the feed's and the last
// kept one the later.
void MatrixTimeline::showNewest() {
  if (!feed_.lacking().isEmpty()) {
    return;
  }
  if (hasHead()) {
    cancelReading();
    if (feed_.newest() != inspection_) {
      show(feed_.newest());
    }
  } else if (!moments_.empty()) {
    showMoment(moments_.size() - 1);
  }
}

void MatrixTimeline::showMoment(std::size_t index) {
  const EmbeddingSnapshot& moment = moments_[index];
  const bool isAtWork = reading_.isBusy() && readingStep_ == moment.step;
  step_ = moment.step;
  const auto& newest = feed_.newest();
  if (newest && newest->origin().step == moment.step) {
    cancelReading();
    if (newest != inspection_ || playback_ == Playback::Playing) {
      show(newest);
    }
  } else if (inspection_ && !showsFiles() && inspection_->origin().step == moment.step &&
             inspection_->origin().kind == wantedKind()) {
    reading_.cancel();  // of another one
    show(inspection_);
    if (!inspection_->isComplete() && !completing_.isBusy()) {
      complete();
    }
  } else if (!isAtWork) {
    readingStep_ = moment.step;
    readMatrixOf([folder = folder_, moment] { return readSnapshot(folder, moment); });
  }
}

void MatrixTimeline::readMatrixOf(Find find) {
  read([find = std::move(find), kind = wantedKind()](const JobControl& control) {
    return pictureOf(find(), kind, control);
  });
}

MatrixTimeline::Make MatrixTimeline::withProgress(Make make, double from, double to) {
  const QPointer<MatrixTimeline> self(this);
  return [make = std::move(make), self, from, to](const JobControl& control) {
    JobControl own = control;
    // The pointer is only looked at on the window's thread.
    own.progress = [self, from, to](double done) {
      QMetaObject::invokeMethod(
          qApp,
          [self, done = from + (to - from) * done] {
            if (self && (self->reading_.isBusy() || self->completing_.isBusy())) {
              Q_EMIT self->progressed(done);
            }
          },
          Qt::QueuedConnection);
    };
    return make(own);
  };
}

void MatrixTimeline::cancelReading() {
  reading_.cancel();
  completing_.cancel();
  Q_EMIT progressed(1);
}

void MatrixTimeline::read(Make make) {
  completing_.cancel();
  reading_.run(
      [make = withProgress(std::move(make), 0, kPictured),
       yields = run_.isTraining()](std::stop_token stop) {
        return make({.stop = std::move(stop), .progress = {}, .yields = yields});
      },
      [this](JobResult<std::shared_ptr<const Inspection>> result) {
        if (auto* inspection = std::get_if<std::shared_ptr<const Inspection>>(&result)) {
          if (*inspection) {
            show(std::move(*inspection));
            complete();
          }
        } else {
          fail(std::get<ErrorInfo>(result));
        }
      });
}

// What a reading has shown gets its numbers; those that take long come last.
void MatrixTimeline::complete() {
  const bool isLong = !inspection_->statistics && completesLate(*inspection_);
  completing_.run(
      [make = withProgress(
           [inspection = inspection_, isLong](const JobControl& control) {
             return isLong ? withStatistics(inspection, control) : completed(inspection, control);
           },
           kPictured,
           1),
       yields = run_.isTraining()](std::stop_token stop) {
        return make({.stop = std::move(stop), .progress = {}, .yields = yields});
      },
      [this](JobResult<std::shared_ptr<const Inspection>> result) {
        auto* inspection = std::get_if<std::shared_ptr<const Inspection>>(&result);
        if (inspection == nullptr) {
          fail(std::get<ErrorInfo>(result));
          return;
        }
        if (*inspection) {
          show(std::move(*inspection));
          if (!inspection_->isComplete()) {
            complete();
            return;
          }
        }
        Q_EMIT progressed(1);
      });
}

void MatrixTimeline::fail(const ErrorInfo& error) {
  Q_EMIT progressed(1);
  hold();
  if (inspection_ && inspection_->embeddings && inspection_->origin().kind != wantedKind()) {
    show(nullptr, QString::fromStdString(error.message));  // what is asked for is not what is shown
    return;
  }
  Q_EMIT failed(QString::fromStdString(error.message));
}

void MatrixTimeline::show(std::shared_ptr<const Inspection> inspection, const QString& lacking) {
  inspection_ = std::move(inspection);
  lacking_ = lacking;
  if (inspection_ && playback_ == Playback::Held && !showsFiles()) {
    step_ = inspection_->origin().step;
  }
  if (inspection_ && playback_ != Playback::Following && position() >= newestPosition()) {
    newer_ = 0;
  }
  Q_EMIT inspectionChanged();
  Q_EMIT timeChanged();
  // A moment stays until its numbers were there for a while.
  if (playback_ == Playback::Playing && inspection_ && inspection_->statistics) {
    playTimer_.start(static_cast<int>(1000 / momentsPerSecond_));
  }
}

void MatrixTimeline::playNext() {
  if (playback_ != Playback::Playing) {
    return;
  }
  int next = position() + 1;
  if (next >= static_cast<int>(moments_.size())) {
    if (!isLooping_) {
      hold();
      return;
    }
    next = 0;
  }
  showMoment(static_cast<std::size_t>(next));
  Q_EMIT timeChanged();
}

void MatrixTimeline::setPlayback(Playback playback) {
  playback_ = playback;
  if (playback != Playback::Playing) {
    playTimer_.stop();
  }
  Q_EMIT timeChanged();
}

}  // namespace barlow::ui
