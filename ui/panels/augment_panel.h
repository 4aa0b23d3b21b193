#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/bridge/experiment.h"

#include <QWidget>

#include <memory>

namespace barlow::ui {

/// The Augment workspace: an image with both crop boxes, view A and view B as the trainer makes
/// them, the drawn values in words, and all parameters of both branches. The result follows an edit
/// on a worker; stale work is cancelled.
class AugmentPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit AugmentPanel(Experiment& experiment, QWidget* parent = nullptr);
  ~AugmentPanel() override;

  /// The images of the present source; null while none can be opened.
  void setDataset(std::shared_ptr<const DatasetBrowser> dataset);
  void showImage(std::int64_t index);
  std::int64_t imageIndex() const;
  bool isBusy() const;  // a preview is being made
  /// Whether a run goes on, which takes changed fields over later, if at all.
  void setRunning(bool isRunning);

 public Q_SLOTS:
  void reroll();  // the next epoch's draw of the same image
  void nextImage();
  void previousImage();

 Q_SIGNALS:
  /// The views on screen belong to the present settings.
  void previewShown();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
