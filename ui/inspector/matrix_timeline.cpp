#include "ui/inspector/matrix_timeline.h"

#include "ui/bridge/matrix_feed.h"
#include "ui/bridge/run_controller.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>

#include <algorithm>
#include <utility>

namespace barlow::ui {
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
    if (playback_ == Playback::Playing) {
      hold();
    }
    return;
  }
  listAgain();
  if (!showsFiles() && playback_ == Playback::Following && feed_.newest() &&
      feed_.newest()->statistics && feed_.newest() != inspection_) {
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
  read([files](const JobControl& control) { return inspectFiles(files, control); });
}

void MatrixTimeline::closeFiles() {
  if (files_.empty()) {
    return;
  }
  files_.clear();
  reading_.cancel();
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
  if (feed_.newest() && feed_.newest()->statistics) {
    reading_.cancel();
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
  if (showsFiles() || !isActive_ || !inspection->statistics) {
    return;
  }
  const bool mayHaveKept = moments_.empty() || inspection->origin().step > moments_.back().step;
  if (playback_ == Playback::Following) {
    show(inspection);
  } else if (inspection_ && inspection->origin().step > inspection_->origin().step) {
    ++newer_;
    Q_EMIT timeChanged();
  }
  if (mayHaveKept && !listing_.isBusy()) {
    listAgain();
  }
}

void MatrixTimeline::onCleared() {
  if (showsFiles()) {
    return;
  }
  reading_.cancel();
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
  if (position_ >= newestPosition() && feed_.newest() && feed_.newest()->statistics) {
    reading_.cancel();
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
    return inspectEmbeddings(readMoment(folder, moment), control);
  });
}

void MatrixTimeline::read(
    std::function<std::shared_ptr<const Inspection>(const JobControl&)> make) {
  const QPointer<MatrixTimeline> self(this);
  reading_.run(
      [make = std::move(make), self](std::stop_token stop) {
        // The pointer is only looked at on the window's thread.
        const auto progress = [self](double done) {
          QMetaObject::invokeMethod(
              qApp,
              [self, done] {
                if (self && self->reading_.isBusy()) {
                  Q_EMIT self->progressed(done);
                }
              },
              Qt::QueuedConnection);
        };
        return make({.stop = std::move(stop), .progress = progress});
      },
      [this](JobResult<std::shared_ptr<const Inspection>> result) {
        Q_EMIT progressed(1);
        if (auto* inspection = std::get_if<std::shared_ptr<const Inspection>>(&result)) {
          if (*inspection) {
            show(std::move(*inspection));
          }
        } else {
          hold();
          Q_EMIT failed(QString::fromStdString(std::get<ErrorInfo>(result).message));
        }
      });
}

void MatrixTimeline::show(std::shared_ptr<const Inspection> inspection) {
  inspection_ = std::move(inspection);
  if (inspection_ && playback_ != Playback::Following && position_ >= newestPosition()) {
    newer_ = 0;
  }
  Q_EMIT inspectionChanged();
  Q_EMIT timeChanged();
  if (playback_ == Playback::Playing) {
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
