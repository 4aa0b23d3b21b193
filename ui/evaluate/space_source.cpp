#include "ui/evaluate/space_source.h"

#include <utility>

namespace barlow::ui {
namespace {

constexpr int kLookMs = 100;

bool isSame(const EvaluationRequest& a, const EvaluationRequest& b) {
  return a.model == b.model && a.data == b.data && a.part == b.part && a.split == b.split;
}

}  // namespace

QString labelText(const FeatureSpace& space, int label) {
  return label >= 0 && static_cast<std::size_t>(label) < space.classes.size()
             ? QString::fromStdString(space.classes[static_cast<std::size_t>(label)])
             : QString();
}

SpaceSource::SpaceSource(const EvaluateDoors& doors, QObject* parent)
    : QObject(parent), doors_(doors) {
  timer_.setInterval(kLookMs);
  connect(&timer_, &QTimer::timeout, this, &SpaceSource::look);
}

SpaceSource::~SpaceSource() { job_.cancel(); }

void SpaceSource::setRequest(std::optional<EvaluationRequest> request) {
  if (request && request_ && isSame(*request, *request_)) {
    return;
  }
  if (!request && !request_) {
    return;
  }
  job_.cancel();
  timer_.stop();
  request_ = std::move(request);
  space_.reset();
  hasFailed_ = false;
  text_.clear();
  Q_EMIT changed();
}

void SpaceSource::want() {
  if (!request_ || space_ || hasFailed_ || job_.isBusy()) {
    return;
  }
  text_ = tr("Looking at the images...");
  watch_ = std::make_shared<JobWatch>();
  timer_.start();
  job_.runOn(
      threads_.of(isTraining_),
      [request = *request_, open = doors_.open, watch = watch_, yields = isTraining_](
          const std::stop_token& stop) {
        return open(request,
                    WorkThreads::control(stop, yields, watch.get()),
                    [&](const std::string& line) { watch->setLine(line); });
      },
      [this](JobResult<std::shared_ptr<const FeatureSpace>> result) {
        timer_.stop();
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          text_ = QString::fromStdString(error->message);
          hasFailed_ = true;
        } else {
          space_ = std::get<std::shared_ptr<const FeatureSpace>>(result);
          text_.clear();
        }
        Q_EMIT changed();
      });
  Q_EMIT changed();
}

void SpaceSource::wantAgain() {
  hasFailed_ = false;
  want();
}

void SpaceSource::setTraining(bool isTraining) {
  if (std::exchange(isTraining_, isTraining) || !isTraining) {
    return;
  }
  if (job_.isBusy()) {
    job_.cancel();
    want();
  }
  Q_EMIT trainingStarted();
}

void SpaceSource::look() {
  const QString now = tr("Looking at the images: %1 %").arg(qRound(100 * watch_->share()));
  if (std::exchange(text_, now) != now) {
    Q_EMIT changed();
  }
}

}  // namespace barlow::ui
