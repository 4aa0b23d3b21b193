#pragma once

#include "core/studio/run_browser.h"

#include <QWidget>

#include <vector>

class QLabel;
class QStackedWidget;

namespace barlow::ui {

class RunListModel;

/// The first workspace: three ways to begin, the recent runs, and what the matrix will show.
class StartPanel final : public QWidget {
  Q_OBJECT

 public:
  explicit StartPanel(QWidget* parent = nullptr);
  /// Newest first.
  void setRuns(std::vector<RunHeadline> runs);

 Q_SIGNALS:
  void quickStartRequested();
  void openImagesRequested();
  void openRunRequested();
  /// A run of the list, by a click or Return.
  void runChosen(const QString& folder);
  void exportRequested(const QString& folder, const QString& name);
  /// A folder of images, a run folder or a file.
  void pathDropped(const QString& path);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  QLayout* makeCards();
  QLayout* makeRuns();

  RunListModel* model_;
  QWidget* legend_;
  QStackedWidget* place_;  // the list, or a sentence while there is no run
};

}  // namespace barlow::ui
