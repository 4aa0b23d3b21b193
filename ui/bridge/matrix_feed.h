#pragma once

#include "core/matrix/inspection.h"
#include "ui/bridge/background_job.h"

#include <QObject>
#include <QThreadPool>

#include <map>
#include <memory>

namespace barlow {
struct Snapshot;
}

namespace barlow::ui {

class RunController;

/// The correlation matrix of the run that the window works on, made from its snapshots on a
/// low-priority thread of its own; the newest one only. Asks for snapshots while somebody wants
/// matrices, and as often as the thread gets through with them, so that training keeps its speed.
/// Window thread only.
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
  /// Null: there was none since cleared(). May be a mere picture.
  const std::shared_ptr<const Inspection>& newest() const { return newest_; }
  bool isBusy() const { return job_.isBusy(); }

 Q_SIGNALS:
  /// Another run begins or was opened.
  void cleared();
  void arrived(const std::shared_ptr<const barlow::Inspection>& inspection);

 private:
  void take(std::shared_ptr<const EmbeddingPair> embeddings);
  void begin(std::shared_ptr<const EmbeddingPair> embeddings);
  void tellInterest();
  Want most() const;

  RunController& run_;
  std::map<const QObject*, Want> wants_;
  std::shared_ptr<const EmbeddingPair> newestEmbeddings_;
  std::shared_ptr<const Inspection> newest_;
  std::shared_ptr<const EmbeddingPair> waiting_;  // came while another was being worked on
  double lastMs_ = 0;                             // what the last one took
  QThreadPool pool_;
  BackgroundJob job_;
};

}  // namespace barlow::ui
