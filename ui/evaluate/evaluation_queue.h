#pragma once

#include "core/studio/evaluation.h"
#include "ui/bridge/background_job.h"
#include "ui/evaluate/evaluate_doors.h"
#include "ui/evaluate/job_watch.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <cstdint>
#include <vector>

namespace barlow::ui {

/// Evaluations that are waited for: one after the other on a thread of their own, which has low
/// priority while a run trains here. Window thread only.
class EvaluationQueue final : public QObject {
  Q_OBJECT

 public:
  enum class State { Waiting, Working, Failed };
  struct Entry {
    qint64 id = 0;
    EvaluationRequest request;
    QString title;  // "Nearest neighbours, step 1,200"
    State state = State::Waiting;
    double share = 0;  // done, 0 to 1
    QString line;      // what is being done, or what was wrong
  };

  explicit EvaluationQueue(const EvaluateDoors& doors, QObject* parent = nullptr);
  ~EvaluationQueue() override;

  qint64 add(EvaluationRequest request, const QString& title);
  /// Takes it out; what works on it stops.
  void remove(qint64 id);
  /// Before the one that waits before it, or after the next.
  void move(qint64 id, int by);
  /// A run began to train here, or ended: what is being worked on begins anew in the other way.
  void setTraining(bool isTraining);
  const std::vector<Entry>& entries() const { return entries_; }
  bool isBusy() const { return job_.isBusy(); }

 Q_SIGNALS:
  void changed();
  /// One is done and gone from the list.
  void finished(const barlow::EvaluationRequest& request, const barlow::EvaluationReport& report);

 private:
  void startNext();
  void take(qint64 id, JobResult<std::optional<EvaluationReport>> result);
  void look();
  std::vector<Entry>::iterator find(qint64 id);

  const EvaluateDoors& doors_;
  std::vector<Entry> entries_;
  qint64 lastId_ = 0;
  qint64 working_ = 0;  // 0: none
  bool isTraining_ = false;
  std::shared_ptr<JobWatch> watch_;
  QTimer timer_;
  WorkThreads threads_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
