#pragma once

#include "ui/bridge/background_job.h"
#include "ui/evaluate/evaluate_doors.h"
#include "ui/evaluate/job_watch.h"
#include "ui/panels/thumbnail_loader.h"

#include <QTimer>
#include <QWidget>

#include <memory>
#include <mutex>
#include <optional>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace barlow::ui {

class ImageCollection;
class PointMap;
class SpaceSource;

/// Images as points in a plane, near each other where the network holds them for alike. The pointer
/// shows the image, a lasso lists images.
class MapView final : public QWidget {
  Q_OBJECT

 public:
  MapView(SpaceSource& source, const EvaluateDoors& doors, QWidget* parent = nullptr);
  ~MapView() override;
  bool isBusy() const;
  const std::optional<FeatureMap>& map() const { return map_; }

 Q_SIGNALS:
  void imageChosen(qint64 image);

 protected:
  void showEvent(QShowEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  struct Latest;  // places that t-SNE has now
  void arrange();
  void follow();
  void start();
  void stop();
  void look();
  void show(const FeatureMap& map);
  void paintPoints();
  void showHovered(int point);
  void tell(const QString& text);

  SpaceSource& source_;
  const EvaluateDoors& doors_;
  std::shared_ptr<const FeatureSpace> space_;
  std::optional<FeatureMap> map_;
  ThumbnailLoader thumbnails_;
  qint64 hovered_ = -1;
  QComboBox* method_;
  QComboBox* images_;
  QComboBox* most_;
  QComboBox* colour_;
  QToolButton* lasso_;
  QProgressBar* progress_;
  QPushButton* stop_;
  QLabel* note_;
  PointMap* points_;
  QLabel* legend_;
  QLabel* picture_;
  QLabel* caption_;
  ImageCollection* chosen_;
  std::shared_ptr<JobWatch> watch_;
  std::shared_ptr<Latest> latest_;
  QTimer timer_;
  WorkThreads threads_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
