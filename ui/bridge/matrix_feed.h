#pragma once

#include "core/base/job_control.h"
#include "core/matrix/inspection.h"
#include "ui/bridge/background_job.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QThreadPool>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace barlow {
struct LiveSnapshot;
}

namespace barlow::ui {

class RunController;

/// The matrix of the run that the window works on, made from its snapshots on a
/// thread of its own, of low priority while the run trains here; the newest one only. A picture
/// comes first, and for who wants numbers the same matrix again with them. Asks for snapshots while
/// somebody wants matrices, and as often as training keeps 97 % of its speed; numbers once a second
/// at most. Which matrix it is (MatrixKind) is one choice for the whole window. Window thread only.
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

  MatrixKind kind() const { return kind_; }
  /// What can be made of the run's embeddings; of files all but assignments.
  std::vector<MatrixKind> kinds() const;
  /// A person's choice. The newest matrix is made anew; arrived() follows, or lacked(). One that
  /// kinds() does not have is left alone.
  void setKind(MatrixKind kind);
  /// What was chosen with this run another time; a choice of now goes first.
  void suggestKind(MatrixKind kind);
  /// Why there is no such matrix of the newest embeddings; empty where there is.
  const QString& lacking() const { return lacking_; }

 Q_SIGNALS:
  /// Another run begins or was opened.
  void cleared();
  /// A picture of a new matrix, or the last one with its numbers.
  void arrived(const std::shared_ptr<const barlow::Inspection>& inspection);
  /// kind() or kinds() changed.
  void kindChanged();
  /// The newest embeddings have no such matrix: lacking() says why.
  void lacked();

 private:
  bool offers(MatrixKind kind) const;
  void change(MatrixKind kind);
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
  MatrixKind kind_ = MatrixKind::CrossCorrelation;
  bool isChosen_ = false;  // by a person, for this run
  QString lacking_;
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
