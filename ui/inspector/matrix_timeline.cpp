#include "ui/inspector/matrix_timeline.h"

#include "core/base/large_memory.h"
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
  if (!showsFiles() && playback_ == Playback::Following && feed_.newest() &&
      feed_.newest() != inspection_) {
    show(feed_.newest());
  }
}

void MatrixTimeline::openFiles(const std::vector<std::filesystem::path>& files) {
  files_ = files;
  moments_.clear();
  position_ = 0;
  newer_ = 0;
  setPlayback(Playback::Held);
  feed_.setWant(this, MatrixFeed::Want::Nothing);
  read([files](const JobControl& control) { return pictureOf(files, control); });
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
  for (const KeptMoment& moment : moments_) {
    bytes += moment.bytes;
  }
  return bytes;
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
  if (playback_ == Playback::Following) {
    setPlayback(Playback::Held);
  }
  if (wanted != position_) {
    position_ = wanted;
    readPosition();
  }
  Q_EMIT timeChanged();
}

void MatrixTimeline::follow() {
  if (showsFiles()) {
    return;
  }
  newer_ = 0;
  position_ = newestPosition();
  setPlayback(Playback::Following);
  if (feed_.newest()) {
    cancelReading();
    show(feed_.newest());
  } else {
    readPosition();
  }
}

void MatrixTimeline::hold() {
  if (playback_ != Playback::Held) {
    setPlayback(Playback::Held);
  }
}

void MatrixTimeline::play() {
  if (moments_.size() < 2) {
    return;
  }
  setPlayback(Playback::Playing);
  if (position_ >= static_cast<int>(moments_.size()) - 1) {
    position_ = 0;
    readPosition();
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
  position_ = 0;
  newer_ = 0;
  show(nullptr);
  setPlayback(Playback::Following);
}

void MatrixTimeline::listAgain() {
  if (showsFiles() || run_.folder().empty() || !isActive_) {
    return;
  }
  listing_.run([folder = run_.folder()](std::stop_token) { return listMoments(folder); },
               [this, folder = run_.folder()](JobResult<std::vector<KeptMoment>> result) {
                 auto* moments = std::get_if<std::vector<KeptMoment>>(&result);
                 if (moments == nullptr || showsFiles()) {
                   return;  // a list that cannot be read is an empty one
                 }
                 folder_ = folder;
                 const bool wasNewest = position_ >= newestPosition();
                 moments_ = std::move(*moments);
                 if (wasNewest) {
                   position_ = newestPosition();
                 }
                 if (!inspection_ && !reading_.isBusy() && !feed_.isBusy()) {
                   readPosition();
                 }
                 Q_EMIT timeChanged();
               });
}

void MatrixTimeline::readPosition() {
  if (position_ >= newestPosition() && feed_.newest()) {
    cancelReading();
    show(feed_.newest());
    return;
  }
  if (moments_.empty()) {
    return;
  }
  const KeptMoment moment =
      moments_[static_cast<std::size_t>(std::min(position_, newestPosition() - 1))];
  if (inspection_ && !showsFiles() && inspection_->origin().step == moment.step) {
    show(inspection_);
    return;
  }
  read([folder = folder_, moment](const JobControl& control) {
    return pictureOf(readMoment(folder, moment), control);
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
  reading_.run([make = withProgress(std::move(make), 0, kPictured)](
                   std::stop_token stop) { return make({.stop = std::move(stop)}); },
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
  completing_.run([make = withProgress(
                       [inspection = inspection_, isLong](const JobControl& control) {
                         return isLong ? withStatistics(inspection, control)
                                       : completed(inspection, control);
                       },
                       kPictured,
                       1)](std::stop_token stop) { return make({.stop = std::move(stop)}); },
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
  Q_EMIT failed(QString::fromStdString(error.message));
}

void MatrixTimeline::show(std::shared_ptr<const Inspection> inspection) {
  inspection_ = std::move(inspection);
  if (inspection_ && playback_ != Playback::Following && position_ >= newestPosition()) {
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
  const int last = static_cast<int>(moments_.size()) - 1;
  if (position_ >= last) {
    if (!isLooping_) {
      hold();
      return;
    }
    position_ = -1;
  }
  ++position_;
  readPosition();
}

void MatrixTimeline::setPlayback(Playback playback) {
  playback_ = playback;
  if (playback != Playback::Playing) {
    playTimer_.stop();
  }
  Q_EMIT timeChanged();
}

}  // namespace barlow::ui
