#include "ui/bridge/background_job.h"

#include <QMetaObject>

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
