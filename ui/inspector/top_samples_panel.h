#pragma once

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

/// Which images make a cell what it is, and which ones a dimension answers to most and least.
class TopSamplesPanel final : public QWidget {
  Q_OBJECT

 public:
  using ThumbnailMaker = SampleImages::Thumbnail;

  explicit TopSamplesPanel(QWidget* parent = nullptr);

  /// Embeddings [N, Da] and [N, Db], standardised per dimension; `samples` [N]: index of each row
  /// in the data set, or empty. Empty matrices: there are none. What is shown is looked up anew.
  void setEmbeddings(Matrix a, Matrix b, std::vector<std::int64_t> samples = {});
  /// Pictures and names of samples. Empty: only numbers.
  void setThumbnails(ThumbnailMaker maker, SampleImages::Namer namer = {});
  /// The pair, and on request each of its dimensions. Outside the embeddings: nothing is shown.
  void showPair(const CellIndex& pair);
  void showDimension(EmbeddingView view, std::int64_t dimension);
  void clear();

 Q_SIGNALS:
  void sampleActivated(qint64 sample);  // index in the data set, or the row where that is unknown

 private:
  struct Subject {
    std::optional<CellIndex> pair;
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
  static QString nameOf(const Subject& subject);
  static Lists find(const Subject& subject,
                    const Matrix& a,
                    const Matrix& b,
                    const std::vector<std::int64_t>& samples,
                    const SampleImages::Namer& namer);

  Matrix a_;
  Matrix b_;
  std::vector<std::int64_t> samples_;
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
