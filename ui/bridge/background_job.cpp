#include "ui/bridge/background_job.h"

#include <QCoreApplication>
#include <QMetaObject>
#include <QThread>

#include <algorithm>
#include <exception>
#include <new>

namespace barlow::ui {

ErrorInfo currentError() {
  try {
    throw;
  } catch (const Exception& error) {
    return error.info();
  } catch (const std::bad_alloc& error) {
    return {
        "There is not enough memory for this; close other programs or choose something smaller.",
        error.what()};
  } catch (const std::exception& error) {
    return {error.what(), error.what()};
  }
}

QThreadPool* workerPool() {
  // More than two, so that a quick job does not wait behind long ones on a small machine.
  struct Workers : QThreadPool {
    Workers() {
      setMaxThreadCount(std::max(4, QThread::idealThreadCount()));
      // As for the global pool: jobs end before the application is gone.
      qAddPostRoutine([] { workerPool()->waitForDone(); });
    }
  };
  static Workers workers;
  return &workers;
}

void BackgroundJob::Delivery::post(std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  if (context_ != nullptr) {
    QMetaObject::invokeMethod(context_, std::move(call), Qt::QueuedConnection);
  }
}

void BackgroundJob::Delivery::close() {
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
}

}  // namespace barlow::ui
