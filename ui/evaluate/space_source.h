#pragma once

#include "ui/bridge/background_job.h"
#include "ui/evaluate/evaluate_doors.h"
#include "ui/evaluate/job_watch.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>

namespace barlow::ui {

/// The name of a class of `space`, empty for none (-1).
QString labelText(const FeatureSpace& space, int label);

/// The features of the checkpoint that is looked at: opened on a thread when somebody first wants
/// them. Window thread only.
class SpaceSource final : public QObject {
  Q_OBJECT

 public:
  explicit SpaceSource(const EvaluateDoors& doors, QObject* parent = nullptr);
  ~SpaceSource() override;

  /// Whose features are meant from now on; those of another are dropped.
  void setRequest(std::optional<EvaluationRequest> request);
  const std::optional<EvaluationRequest>& request() const { return request_; }
  /// Opens them unless they are open, being opened, or could not be.
  void want();
  /// The same, and once more where they could not be.
  void wantAgain();
  /// A run trains here: work has low priority, and what is at work begins anew with it.
  void setTraining(bool isTraining);
  bool isTraining() const { return isTraining_; }
  const std::shared_ptr<const FeatureSpace>& space() const { return space_; }
  bool isBusy() const { return job_.isBusy(); }
  /// What is being done, or what is wrong, or empty.
  const QString& text() const { return text_; }

 Q_SIGNALS:
  void trainingStarted();
  /// space() or text() did.
  void changed();

 private:
  void look();

  const EvaluateDoors& doors_;
  std::optional<EvaluationRequest> request_;
  std::shared_ptr<const FeatureSpace> space_;
  QString text_;
  bool hasFailed_ = false;
  bool isTraining_ = false;
  std::shared_ptr<JobWatch> watch_;
  QTimer timer_;
  WorkThreads threads_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
