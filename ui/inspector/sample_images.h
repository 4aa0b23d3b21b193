#pragma once

#include "core/params/run_config.h"
#include "core/studio/dataset_browser.h"
#include "ui/bridge/background_job.h"

#include <QImage>
#include <QObject>

#include <functional>
#include <memory>

namespace barlow::ui {

/// The images behind the rows of a run's embeddings. The data set is opened on a worker when it is
/// first asked for. Window thread only.
class SampleImages final : public QObject {
  Q_OBJECT

 public:
  /// Gives an image that fits into side x side pixels, null where there is none. Any thread.
  using Thumbnail = std::function<QImage(std::int64_t sample, int side)>;

  /// What an image is called: its class where it has one, else its file; and all of both.
  struct Name {
    QString brief;
    QString full;
  };
  using Namer = std::function<Name(std::int64_t sample)>;

  explicit SampleImages(QObject* parent = nullptr);
  ~SampleImages() override;

  /// Opens the data of this run unless it is open; changed() follows. No run: there are no images.
  void setRun(const RunConfig& config);
  void clear();
  /// Empty while there are no images.
  Thumbnail thumbnail() const;
  Namer namer() const;
  bool isBusy() const { return opening_.isBusy(); }

 Q_SIGNALS:
  void changed();

 private:
  DataParams params_;
  std::int64_t seed_ = -1;
  std::shared_ptr<const DatasetBrowser> dataset_;
  BackgroundJob opening_;
};

}  // namespace barlow::ui
