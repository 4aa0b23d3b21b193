#pragma once

#include "core/matrix/inspection.h"
#include "core/studio/matrix_files.h"
#include "ui/bridge/background_job.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace barlow::ui {

class MatrixFeed;
class RunController;

/// "run, step 400", "step 400", "a.npy, b.npy"
QString titleOf(const MatrixOrigin& origin);

/// Which matrix is looked at: a moment of the run, its live head, or embeddings from files. A new
/// one is read on a worker; the old one stays until it is there. Its picture comes first, its
/// numbers after that. Window thread only.
class MatrixTimeline final : public QObject {
  Q_OBJECT

 public:
  enum class Playback {
    Following,  // the newest, as it comes
    Held,       // one moment; newer ones are counted
    Playing,    // from moment to moment
  };
  Q_ENUM(Playback)

  MatrixTimeline(RunController& run, MatrixFeed& feed, QObject* parent = nullptr);
  ~MatrixTimeline() override;

  /// While false nothing is read and nothing is wanted of a live run.
  void setActive(bool isActive);

  /// Two embeddings, one file with both, or one matrix. The run comes back with
  /// closeFiles().
  void openFiles(const std::vector<std::filesystem::path>& files);
  /// What the projector of a file of weights makes of two views of images of `source`.
  void openWeights(const std::filesystem::path& file, const std::string& source);
  void closeFiles();
  bool showsFiles() const { return !files_.empty(); }

  /// Kept moments of the run by step; a newest state that is not kept stands behind the last one.
  const std::vector<EmbeddingSnapshot>& moments() const { return moments_; }
  std::uint64_t bytesOnDisk() const;
  /// Index into moments(), or their number for a newest state that is not among them. Of a matrix
  /// between two moments: the one before.
  int position() const;
  int newestPosition() const;
  Playback playback() const { return playback_; }
  /// Matrices that came since the held one.
  int newerCount() const { return newer_; }
  double momentsPerSecond() const { return momentsPerSecond_; }
  bool isLooping() const { return isLooping_; }

  /// Holds and shows this moment; the newest state is followed.
  void setPosition(int position);
  void step(int by);
  void follow();
  void hold();
  void play();
  void setMomentsPerSecond(double rate);
  void setLooping(bool isLooping);

  /// What is looked at now; null before the first. Without its numbers for a while.
  const std::shared_ptr<const Inspection>& inspection() const { return inspection_; }
  /// Which matrix is to be made: the feed's; of files, which have no prototypes, never assignments.
  MatrixKind wantedKind() const;
  /// Why what is looked at has no matrix of the wanted kind; empty where it has.
  const QString& lacking() const { return lacking_; }
  /// "step 400 of run", "a.npy, b.npy"
  QString title() const;
  bool isBusy() const { return reading_.isBusy() || completing_.isBusy() || listing_.isBusy(); }

 Q_SIGNALS:
  /// Another matrix is looked at, or none, or the same one with more of its numbers.
  void inspectionChanged();
  /// Moments, position, playback or the number of newer ones changed.
  void timeChanged();
  /// Of the reading at hand, 0 to 1; 1 when it is over.
  void progressed(double done);
  void failed(const QString& sentence);

 private:
  void onArrived(const std::shared_ptr<const Inspection>& inspection);
  void onKind();
  void onCleared();
  void listAgain();
  bool hasHead() const;
  void showNewest();
  void showMoment(std::size_t index);
  using Make = std::function<std::shared_ptr<const Inspection>(const JobControl&)>;
  using Open = std::function<std::shared_ptr<const Inspection>(MatrixKind, const JobControl&)>;
  void open(const std::vector<std::filesystem::path>& files, Open how);
  using Find = std::function<std::shared_ptr<const EmbeddingBatch>()>;
  void read(Make make);
  void readMatrixOf(Find find);
  void complete();
  void cancelReading();
  Make withProgress(Make make, double from, double to);
  void fail(const ErrorInfo& error);
  void show(std::shared_ptr<const Inspection> inspection, const QString& lacking = {});
  void playNext();
  void setPlayback(Playback playback);

  RunController& run_;
  MatrixFeed& feed_;
  bool isActive_ = false;
  std::vector<std::filesystem::path> files_;
  Open open_;  // them
  std::filesystem::path folder_;
  std::vector<EmbeddingSnapshot> moments_;
  std::int64_t step_ = -1;  // that is held or played; the newest is followed without it
  std::int64_t readingStep_ = -1;
  Playback playback_ = Playback::Following;
  int newer_ = 0;
  bool isLooping_ = false;
  double momentsPerSecond_ = 4;
  std::shared_ptr<const Inspection> inspection_;
  QString lacking_;
  QTimer playTimer_;
  BackgroundJob listing_;
  BackgroundJob reading_;
  BackgroundJob completing_;
};

}  // namespace barlow::ui
