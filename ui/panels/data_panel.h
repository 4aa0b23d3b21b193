#pragma once

#include "core/studio/dataset_browser.h"
#include "ui/bridge/experiment.h"

#include <QWidget>

#include <memory>

namespace barlow::ui {

/// The Data workspace: choose a data set (buttons, typed SPEC, or a folder dropped on it), counts,
/// classes, sizes and problems with their reasons, and a virtual grid of thumbnails decoded on
/// workers.
class DataPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit DataPanel(Experiment& experiment, QWidget* parent = nullptr);
  ~DataPanel() override;

  /// Null until the source was opened, and after it failed.
  std::shared_ptr<const DatasetBrowser> dataset() const;
  /// Asks for a folder of images (dialogs/ask), and takes it.
  void chooseFolder();
  bool isBusy() const;  // opening, scanning, or a visible thumbnail is still missing

 Q_SIGNALS:
  /// Another data set was opened (or, null, could not be).
  void datasetChanged(const std::shared_ptr<const barlow::DatasetBrowser>& dataset);
  /// A double click on a thumbnail, or Return.
  void imageChosen(std::int64_t index);
  void settled();  // isBusy() became false

 protected:
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace barlow::ui
