#pragma once

#include "core/studio/dataset_browser.h"

#include <QCache>
#include <QImage>
#include <QObject>
#include <QThreadPool>

#include <memory>
#include <vector>

namespace barlow::ui {

/// A small picture of one image, or why there is none.
struct Thumbnail {
  QImage image;    // null when it cannot be read
  QString reason;  // then, in words
};

/// Decodes thumbnails on low-priority threads, newest request first, and keeps the last used ones.
/// Window thread only.
class ThumbnailLoader final : public QObject {
  Q_OBJECT

 public:
  explicit ThumbnailLoader(QObject* parent = nullptr);
  ~ThumbnailLoader() override;

  /// Forgets everything; null is allowed. `side` in pixels of the screen.
  void setDataset(std::shared_ptr<const DatasetBrowser> dataset, int side);
  /// What is known of an image; null asks for it, and ready() follows unless so many newer requests
  /// came that it was given up (then ask again). Valid until the next call.
  const Thumbnail* thumbnail(qint64 index);
  bool isBusy() const { return isBusy_; }

 Q_SIGNALS:
  void ready(const std::vector<qint64>& indices);
  void busyChanged();

 private:
  struct Shared;
  static void work(ThumbnailLoader* loader, const std::shared_ptr<Shared>& shared);
  void collect();
  void setBusy(bool isBusy);

  std::shared_ptr<Shared> shared_;
  QCache<qint64, Thumbnail> cache_;
  bool isBusy_ = false;
  QThreadPool pool_;  // last: its threads end before anything they use is gone
};

}  // namespace barlow::ui
