#include "ui/window/screenshot.h"

#include "ui/window/main_window.h"

#include <QImage>
#include <QPainter>

namespace barlow::ui {

Screenshot::Screenshot(MainWindow& window, Request request)
    : QObject(&window), window_(window), request_(std::move(request)) {
  connect(&window_.run(),
          &RunController::metricsArrived,
          this,
          [this](const std::vector<MetricPoint>& points) { step_ = points.back().step; });
  connect(&window_.run(), &RunController::ended, this, [this] { isOver_ = true; });
  connect(&timer_, &QTimer::timeout, this, &Screenshot::look);
  timer_.start(50);
}

void Screenshot::look() {
  const bool isThere = request_.untilStep <= 0 || step_ >= request_.untilStep || isOver_;
  // Several looks in a row: one thing that arrives may ask for another.
  calm_ = isThere && window_.isSettled() ? calm_ + 1 : 0;
  if (calm_ >= 6) {
    timer_.stop();
    write();
  }
}

void Screenshot::write() {
  const qreal ratio = window_.devicePixelRatioF();
  QImage image(window_.size() * ratio, QImage::Format_RGB32);
  image.setDevicePixelRatio(ratio);
  window_.render(&image);
  if (!image.save(request_.file, "PNG")) {
    Q_EMIT done(tr("%1 cannot be written; name a file in a folder that exists and is writable.")
                    .arg(request_.file));
    return;
  }
  Q_EMIT done({});
}

}  // namespace barlow::ui
