#pragma once

#include "core/matrix/inspection.h"
#include "core/matrix/matrix.h"
#include "core/matrix/top_samples.h"
#include "ui/bridge/background_job.h"
#include "ui/inspector/sample_images.h"

#include <QImage>
#include <QWidget>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

class QComboBox;
class QLabel;
class QListWidget;

namespace barlow::ui {

enum class EmbeddingView { A, B };

/// Which images make a cell what it is, and which ones a dimension answers to most and least; of
/// matrices of images the images themselves.
class TopSamplesPanel final : public QWidget {
  Q_OBJECT

 public:
  using ThumbnailMaker = SampleImages::Thumbnail;

  explicit TopSamplesPanel(QWidget* parent = nullptr);

  /// Embeddings [N, Da] and [N, Db], standardised per dimension; `samples` [N]: index of each row
  /// in the data set, or empty. Empty matrices: there are none. What is shown is looked up anew.
  void setEmbeddings(Matrix a, Matrix b, std::vector<std::int64_t> samples = {});
  /// Those behind a matrix of any kind; null, or a matrix alone: there are none.
  void setInspection(const std::shared_ptr<const Inspection>& inspection);
  /// Pictures and names of samples. Empty: only numbers.
  void setThumbnails(ThumbnailMaker maker, SampleImages::Namer namer = {});
  /// What stands behind a cell: of dimensions the pair, and on request each of them; of images
  /// these two; of an image and a prototype the images of that. Outside: nothing is shown.
  void showPair(const CellIndex& pair);
  void showPrototype(std::int64_t prototype);
  void showDimension(EmbeddingView view, std::int64_t dimension);
  void clear();

 Q_SIGNALS:
  void sampleActivated(qint64 sample);  // index in the data set, or the row where that is unknown

 private:
  struct Subject {
    std::optional<CellIndex> pair;  // of dimensions, or of images
    bool isPrototype = false;       // `dimension` is one
    EmbeddingView view = EmbeddingView::A;
    std::int64_t dimension = 0;
  };
  struct Item {
    std::int64_t sample = 0;
    QString title;   // one line, elided where it is long
    QString values;  // below it
    QString longText;
  };
  struct Lists {
    std::vector<Item> upper;
    std::vector<Item> lower;
  };
  QListWidget* makeList(const QString& objectName);
  void setSubjects(std::vector<Subject> subjects);
  void lookUp();
  void showLists(const Lists& lists);
  void fill(QListWidget& list, const std::vector<Item>& items);
  void loadPictures(const Lists& lists);
  void tell(const QString& text);
  bool isInside(const Subject& subject) const;
  void showLegend(const Subject& subject);
  QString nameOf(const Subject& subject) const;
  // What images are looked up in; cheap to copy.
  struct Source {
    MatrixKind kind = MatrixKind::CrossCorrelation;
    Matrix a;  // [N, D] standardised: what rows and columns of a matrix of dimensions stand for
    Matrix b;
    Matrix shown;  // of images: the matrix itself
    std::vector<std::int64_t> samples;
  };
  void setSource(Source source);
  static Lists find(const Subject& subject, const Source& source, const SampleImages::Namer& namer);

  Source source_;
  ThumbnailMaker maker_;
  SampleImages::Namer namer_;
  std::vector<Subject> subjects_;
  QComboBox* subject_;
  QLabel* note_;
  QLabel* legend_;
  QLabel* upperTitle_;
  QLabel* lowerTitle_;
  QListWidget* upper_;
  QListWidget* lower_;
  BackgroundJob search_;  // these two last: nothing arrives once the rest is being destroyed
  BackgroundJob pictures_;
};

}  // namespace barlow::ui
