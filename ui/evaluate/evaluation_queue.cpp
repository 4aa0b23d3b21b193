#include "ui/evaluate/evaluation_queue.h"

#include <algorithm>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kLookMs = 100;

}  // namespace

EvaluationQueue::EvaluationQueue(const EvaluateDoors& doors, QObject* parent)
    : QObject(parent), doors_(doors) {
  timer_.setInterval(kLookMs);
  connect(&timer_, &QTimer::timeout, this, &EvaluationQueue::look);
}

EvaluationQueue::~EvaluationQueue() { job_.cancel(); }

std::vector<EvaluationQueue::Entry>::iterator EvaluationQueue::find(qint64 id) {
  return std::find_if(
      entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
}

qint64 EvaluationQueue::add(EvaluationRequest request, const QString& title) {
  entries_.push_back({.id = ++lastId_, .request = std::move(request), .title = title});
  const qint64 id = lastId_;
  startNext();
  Q_EMIT changed();
  return id;
}

void EvaluationQueue::remove(qint64 id) {
  const auto entry = find(id);
  if (entry == entries_.end()) {
    return;
  }
  if (id == working_) {
    job_.cancel();
    working_ = 0;
  }
  entries_.erase(entry);
  startNext();
  Q_EMIT changed();
}

void EvaluationQueue::move(qint64 id, int by) {
  const auto entry = find(id);
  if (entry == entries_.end()) {
    return;
  }
  const auto from = entry - entries_.begin();
  const auto to =
      std::clamp<std::ptrdiff_t>(from + by, 0, static_cast<std::ptrdiff_t>(entries_.size()) - 1);
  Entry moved = std::move(*entry);
  entries_.erase(entry);
  entries_.insert(entries_.begin() + to, std::move(moved));
  Q_EMIT changed();
}

void EvaluationQueue::setTraining(bool isTraining) {
  if (std::exchange(isTraining_, isTraining) == isTraining || working_ == 0) {
    return;
  }
  if (!isTraining) {
    return;  // it may as well end as it is
  }
  job_.cancel();
  find(working_)->state = State::Waiting;
  working_ = 0;
  startNext();
  Q_EMIT changed();
}

void EvaluationQueue::startNext() {
  if (working_ != 0) {
    return;
  }
  const auto next = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return entry.state == State::Waiting;
  });
  if (next == entries_.end()) {
    timer_.stop();
    return;
  }
  next->state = State::Working;
  next->share = 0;
  next->line.clear();
  working_ = next->id;
  watch_ = std::make_shared<JobWatch>();
  timer_.start();
  job_.runOn(
      threads_.of(isTraining_),
      [request = next->request, evaluate = doors_.evaluate, watch = watch_, yields = isTraining_](
          const std::stop_token& stop) {
        return evaluate(request,
                        WorkThreads::control(stop, yields, watch.get()),
                        [&](const std::string& line) { watch->setLine(line); });
      },
      [this, id = next->id](JobResult<std::optional<EvaluationReport>> result) {
        take(id, std::move(result));
      });
}

void EvaluationQueue::take(qint64 id, JobResult<std::optional<EvaluationReport>> result) {
  working_ = 0;
  const auto entry = find(id);
  if (const auto* error = std::get_if<ErrorInfo>(&result)) {
    entry->state = State::Failed;
    entry->line = QString::fromStdString(error->message);
  } else {
    const EvaluationRequest request = entry->request;
    entries_.erase(entry);
    if (const auto& report = std::get<std::optional<EvaluationReport>>(result)) {
      Q_EMIT finished(request, *report);
    }
  }
  startNext();
  Q_EMIT changed();
}

void EvaluationQueue::look() {
  const auto entry = find(working_);
  if (entry == entries_.end() || !watch_) {
    return;
  }
  const double share = watch_->share();
  const QString line = watch_->line();
  if (share != entry->share || line != entry->line) {
    entry->share = share;
    entry->line = line;
    Q_EMIT changed();
  }
}

}  // namespace barlow::ui
