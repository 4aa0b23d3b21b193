#pragma once

#include "core/base/job_control.h"
#include "core/matrix/inspection.h"
#include "ui/bridge/background_job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>

namespace barlow {
struct LiveSnapshot;
}

namespace barlow::ui {

class RunController;

/// The correlation matrix of the run that the window works on, made from its snapshots on a
/// thread of its own, of low priority while the run trains here; the newest one only. A picture
/// comes first, and for who wants numbers the same matrix again with them. Asks for snapshots while
/// somebody wants matrices, and as often as training keeps 97 % of its speed; numbers once a second
/// at most. Window thread only.
class MatrixFeed final : public QObject {
  Q_OBJECT

 public:
  enum class Want {
    Nothing,
    Picture,     // the pyramid
    Everything,  // and statistics and facts
  };

  explicit MatrixFeed(RunController& run, QObject* parent = nullptr);
  ~MatrixFeed() override;

  /// What `who` wants from now on; a hidden panel wants nothing. `who` is forgotten with its end.
  void setWant(const QObject* who, Want want);
  /// Null: there was none since cleared(). May be a mere picture, for ever or for a moment.
  const std::shared_ptr<const Inspection>& newest() const { return newest_; }
  bool isBusy() const { return job_.isBusy(); }

 Q_SIGNALS:
  /// Another run begins or was opened.
  void cleared();
  /// A picture of a new matrix, or the last one with its numbers.
  void arrived(const std::shared_ptr<const barlow::Inspection>& inspection);

 private:
  void take(std::shared_ptr<const EmbeddingBatch> embeddings);
  void draw(std::shared_ptr<const EmbeddingBatch> embeddings);
  void complete(const std::shared_ptr<const Inspection>& picture);
  void work(std::function<std::shared_ptr<const Inspection>(const JobControl&)> make,
            double& milliseconds);
  int spared(double milliseconds, double busyShare, int shortest) const;
  void catchUp();
  void goOn();
  void tellInterest();
  Want most() const;

  RunController& run_;
  std::map<const QObject*, Want> wants_;
  std::shared_ptr<const EmbeddingBatch> newestEmbeddings_;
  std::shared_ptr<const Inspection> newest_;
  std::shared_ptr<const EmbeddingBatch> waiting_;  // came while another was being worked on
  bool isGivenUp_ = false;                         // there are no numbers to be had of the newest
  double pictureMs_ = 0;                           // what the last one took
  double numbersMs_ = 0;
  QElapsedTimer sinceNumbers_;
  QTimer numbersTimer_;
  QThreadPool yielding_;  // its thread never gets back the priority that it gave up
  BackgroundJob job_;
};

}  // namespace barlow::ui
