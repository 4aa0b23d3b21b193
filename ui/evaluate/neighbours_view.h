#pragma once

#include "ui/bridge/background_job.h"
#include "ui/evaluate/evaluate_doors.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <vector>

class QLabel;
class QListWidget;
class QPushButton;

namespace barlow::ui {

class ImageCollection;
class SpaceSource;
class WholeBox;

/// The training images that a network holds for most alike to an image: one of those held out, or
/// one that is dropped here. Whether they are of the same class is said by a sign.
class NeighboursView final : public QWidget {
  Q_OBJECT

 public:
  NeighboursView(SpaceSource& source, const EvaluateDoors& doors, QWidget* parent = nullptr);
  void showImage(qint64 sample);
  void showFile(const QString& file);
  bool isBusy() const;

 protected:
  void showEvent(QShowEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  struct Neighbour {
    QString caption;
    QString longText;
    QImage picture;
    bool isSame = false;
  };
  struct Strip {
    QImage query;
    QString title;
    std::vector<Neighbour> neighbours;
  };
  void follow();
  void lookUp();
  void show(const Strip& strip);
  void tell(const QString& text);
  static Strip find(const FeatureSpace& space,
                    const float* feature,
                    std::int64_t row,
                    int count,
                    int side,
                    const std::stop_token& stop);

  SpaceSource& source_;
  const EvaluateDoors& doors_;
  std::shared_ptr<const FeatureSpace> space_;
  qint64 sample_ = -1;
  QString file_;
  ImageCollection* queries_;
  QLabel* picture_;
  QLabel* title_;
  QLabel* note_;
  WholeBox* count_;
  QPushButton* open_;
  QListWidget* list_;
  BackgroundJob search_;
};

}  // namespace barlow::ui
