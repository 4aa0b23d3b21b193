#pragma once

#include <QObject>
#include <QString>
#include <QTimer>

#include <functional>

namespace barlow::ui {

class MainWindow;

/// Writes a picture of the window once a run has reached a step and everything on screen has
/// arrived, and then tells.
class Screenshot final : public QObject {
  Q_OBJECT

 public:
  struct Request {
    QString file;                // PNG
    std::int64_t untilStep = 0;  // 0: no run is waited for
  };
  Screenshot(MainWindow& window, Request request);

 Q_SIGNALS:
  /// `error` is empty when the picture was written.
  void done(const QString& error);

 private:
  void look();
  void write();

  MainWindow& window_;
  Request request_;
  std::int64_t step_ = 0;
  bool isOver_ = false;  // the run ended; no later step will come
  int calm_ = 0;         // looks in a row at which nothing was missing
  QTimer timer_;
};

}  // namespace barlow::ui
