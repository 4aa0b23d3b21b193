#include "ui/bridge/session_bridge.h"

#include <QMetaObject>

#include <algorithm>
#include <utility>

namespace barlow::ui {

namespace {

// A small network takes hundreds of steps a second; the window draws twice, which takes a core for
// 2 % of the time, and the matrix as often as it is asked for.
constexpr int kNewsIntervalMs = 500;

}  // namespace

SessionBridge::SessionBridge(QObject* parent) : SessionBridge(TrainingLoopFactory{}, parent) {}

SessionBridge::SessionBridge(TrainingLoopFactory makeLoop, QObject* parent)
    : QObject(parent), session_(makeLoop ? Session(*this, std::move(makeLoop)) : Session(*this)) {
  delivery_.setSingleShot(true);
  delivery_.setInterval(kNewsIntervalMs);
  connect(&delivery_, &QTimer::timeout, this, [this] {
    isWakeUpQueued_ = false;
    deliverNews();
  });
}

SessionBridge::~SessionBridge() = default;

void SessionBridge::start(RunRequest request) { session_.start(std::move(request)); }
void SessionBridge::pause() { session_.pause(); }
void SessionBridge::resume() { session_.resume(); }
void SessionBridge::stop() { session_.stop(); }
void SessionBridge::abort() { session_.abort(); }
void SessionBridge::end() { session_.end(); }
void SessionBridge::saveTo(std::filesystem::path folder) { session_.saveTo(std::move(folder)); }
void SessionBridge::retry() { session_.retry(); }
void SessionBridge::setSnapshotDemand(SnapshotDemand interest) {
  delivery_.setInterval(interest.isWanted ? std::min(kNewsIntervalMs, interest.minIntervalMs)
                                          : kNewsIntervalMs);
  session_.setSnapshotDemand(interest);
}

bool SessionBridge::isLive() const {
  return state_ == SessionState::Preparing || state_ == SessionState::Running ||
         state_ == SessionState::Paused || state_ == SessionState::Stopping ||
         state_ == SessionState::Held;
}

std::optional<RunPlan> SessionBridge::plan() const { return session_.plan(); }

void SessionBridge::onState(SessionState state) {
  QMetaObject::invokeMethod(
      this,
      [this, state] {
        deliverNews();  // the last rows of a run come before its end
        state_ = state;
        Q_EMIT stateChanged(state);
      },
      Qt::QueuedConnection);
}

void SessionBridge::onEvent(const SessionEvent& event) {
  QMetaObject::invokeMethod(
      this,
      [this, event] {
        deliverNews();
        Q_EMIT eventArrived(event);
      },
      Qt::QueuedConnection);
}

void SessionBridge::onNews() {
  if (!isWakeUpQueued_.exchange(true)) {
    QMetaObject::invokeMethod(&delivery_, qOverload<>(&QTimer::start), Qt::QueuedConnection);
  }
}

void SessionBridge::deliverNews() {
  if (const auto points = session_.takeMetrics(); !points.empty()) {
    Q_EMIT metricsArrived(points);
  }
  if (const auto snapshot = session_.takeSnapshot()) {
    Q_EMIT snapshotArrived(snapshot);
  }
}

}  // namespace barlow::ui
