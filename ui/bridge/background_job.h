#pragma once

#include "core/base/error.h"

#include <QObject>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

namespace barlow::ui {

/// What a job ended with: its value, or why there is none.
template <class T>
using JobResult = std::variant<T, ErrorInfo>;

/// The error in words for the exception that is being handled.
ErrorInfo currentError();

/// The threads of background jobs. Not Qt's global pool: its raster engine paints large areas with
/// that one, and the window would stand still until a long job is done.
QThreadPool* workerPool();

/// Work on a pool thread of which only the newest request counts. Lives on, and is used from, one
/// thread; results arrive there, and never after the job object is gone. A new request asks the one
/// before to stop and drops its result.
///   preview_.run([=](std::stop_token) { return previewViews(...); },
///                [this](JobResult<SampleViews> result) { ... });
class BackgroundJob {
 public:
  explicit BackgroundJob(QThreadPool* pool = workerPool()) : pool_(pool) {}
  ~BackgroundJob() { cancel(); }
  BackgroundJob(const BackgroundJob&) = delete;
  BackgroundJob& operator=(const BackgroundJob&) = delete;

  template <class Work, class Done>
  void run(Work work, Done done) {
    runOn(*pool_, std::move(work), std::move(done));
  }
  /// The same on the threads of another pool.
  template <class Work, class Done>
  void runOn(QThreadPool& pool, Work work, Done done) {
    cancel();
    using T = std::invoke_result_t<Work, std::stop_token>;
    stop_ = std::stop_source();
    // Receives the result on this thread; when it is gone, so is the result.
    context_ = std::make_unique<QObject>();
    auto deliver = std::make_shared<Delivery>(context_.get());
    delivery_ = deliver;
    pool.start([deliver,
                work = std::move(work),
                done = std::move(done),
                token = stop_.get_token(),
                this]() mutable {
      if (token.stop_requested()) {
        return;
      }
      auto result = std::make_shared<JobResult<T>>(attempt<T>(work, token));
      deliver->post([this, done = std::move(done), result]() mutable {
        isBusy_ = false;
        done(std::move(*result));
      });
    });
    isBusy_ = true;
  }
  /// Nothing arrives any more.
  void cancel() {
    stop_.request_stop();
    if (delivery_) {
      delivery_->close();
      delivery_.reset();
    }
    context_.reset();
    isBusy_ = false;
  }
  bool isBusy() const { return isBusy_; }

 private:
  // Keeps a pool thread from posting to a context that is being destroyed.
  class Delivery {
   public:
    explicit Delivery(QObject* context) : context_(context) {}
    void post(std::function<void()> call);
    void close();

   private:
    std::mutex mutex_;
    QObject* context_;  // guarded by mutex_
  };
  template <class T, class Work>
  static JobResult<T> attempt(Work& work, const std::stop_token& token) {
    try {
      return JobResult<T>(std::in_place_index<0>, work(token));
    } catch (...) {
      return JobResult<T>(std::in_place_index<1>, currentError());
    }
  }

  QThreadPool* pool_;
  std::stop_source stop_;
  std::shared_ptr<Delivery> delivery_;
  std::unique_ptr<QObject> context_;
  bool isBusy_ = false;
};

}  // namespace barlow::ui
