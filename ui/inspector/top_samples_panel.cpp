#include "ui/inspector/top_samples_panel.h"

#include "core/matrix/prototype_use.h"
#include "ui/inspector/number_text.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QComboBox>
#include <QIcon>
#include <QLabel>
#include <QListWidget>
#include <QPixmap>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr int kSide = 72;
constexpr std::size_t kCount = 12;  // at each end
constexpr std::size_t kPrototypeImages = 48;
constexpr int kSampleRole = Qt::UserRole;

QString activation(float value) { return fixedNumber(static_cast<double>(value), 2); }

// Small pictures grow by whole factors, so that their pixels stay what they are.
QImage fitted(const QImage& image, int side) {
  const int longest = std::max(image.width(), image.height());
  if (image.isNull() || longest == 0) {
    return {};
  }
  if (longest > side) {
    return image.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation);
  }
  return image.scaled(image.size() * (side / longest));
}

std::int64_t sampleOf(const std::vector<std::int64_t>& samples, std::int64_t row) {
  return row < static_cast<std::int64_t>(samples.size()) ? samples[static_cast<std::size_t>(row)]
                                                         : row;
}

}  // namespace

TopSamplesPanel::TopSamplesPanel(QWidget* parent)
    : QWidget(parent),
      subject_(new QComboBox(this)),
      note_(makeLabel({}, TextRole::Quiet, this)),
      legend_(makeLabel({}, TextRole::Quiet, this)),
      upperTitle_(new QLabel(this)),
      lowerTitle_(new QLabel(this)),
      upper_(makeList(QStringLiteral("upperSamples"))),
      lower_(makeList(QStringLiteral("lowerSamples"))) {
  subject_->setObjectName(QStringLiteral("drivenSubject"));
  subject_->setAccessibleName(tr("What the images are looked up for"));
  note_->setObjectName(QStringLiteral("topSamplesNote"));
  legend_->setObjectName(QStringLiteral("topSamplesLegend"));
  connect(subject_, &QComboBox::currentIndexChanged, this, &TopSamplesPanel::lookUp);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(subject_);
  column->addWidget(note_);
  column->addWidget(legend_);
  column->addWidget(upperTitle_);
  column->addWidget(upper_, 1);
  column->addWidget(lowerTitle_);
  column->addWidget(lower_, 1);
  setAccessibleName(tr("Images behind the matrix"));
  clear();
}

QListWidget* TopSamplesPanel::makeList(const QString& objectName) {
  auto* list = new QListWidget(this);
  list->setObjectName(objectName);
  list->setMovement(QListView::Static);
  list->setResizeMode(QListView::Adjust);
  list->setUniformItemSizes(true);
  list->setIconSize({kSide, kSide});
  list->setWordWrap(true);
  list->setTextElideMode(Qt::ElideNone);
  list->setMinimumHeight(kSide);
  connect(list, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
    Q_EMIT sampleActivated(item->data(kSampleRole).toLongLong());
  });
  return list;
}

void TopSamplesPanel::setEmbeddings(Matrix a, Matrix b, std::vector<std::int64_t> samples) {
  setSource({.a = std::move(a), .b = std::move(b), .samples = std::move(samples)});
}

void TopSamplesPanel::setInspection(const std::shared_ptr<const Inspection>& inspection) {
  if (!inspection || !inspection->standard) {
    setSource({});
    return;
  }
  const EmbeddingBatch& standard = *inspection->standard;
  const MatrixKind kind = inspection->origin().kind;
  setSource({.kind = kind,
             .a = kind == MatrixKind::CovarianceB ? standard.b : standard.a,
             .b = kind == MatrixKind::CovarianceA ? standard.a : standard.b,
             .shown = isOfDimensions(kind) ? Matrix() : inspection->matrix(),
             .samples = inspection->embeddings->samples});
}

void TopSamplesPanel::setSource(Source source) {
  const MatrixKind before = source_.kind;
  source_ = std::move(source);
  if (source_.kind == before) {
    lookUp();
  } else {
    // What was asked for may be no part of this matrix, or have another name.
    setSubjects(isOfSameThings(source_.kind, before) ? std::vector(subjects_)
                                                     : std::vector<Subject>());
  }
}

void TopSamplesPanel::setThumbnails(ThumbnailMaker maker, SampleImages::Namer namer) {
  maker_ = std::move(maker);
  namer_ = std::move(namer);
  lookUp();
}

void TopSamplesPanel::showPair(const CellIndex& pair) {
  if (source_.kind == MatrixKind::Assignments) {
    showPrototype(pair.column);
    return;
  }
  if (source_.kind == MatrixKind::SampleSimilarity) {
    setSubjects({{.pair = pair}});
    return;
  }
  setSubjects({{.pair = pair},
               {.view = EmbeddingView::A, .dimension = pair.row},
               {.view = EmbeddingView::B, .dimension = pair.column}});
}

void TopSamplesPanel::showDimension(EmbeddingView view, std::int64_t dimension) {
  setSubjects({{.view = view, .dimension = dimension}});
}

void TopSamplesPanel::showPrototype(std::int64_t prototype) {
  setSubjects({{.isPrototype = true, .dimension = prototype}});
}

void TopSamplesPanel::clear() { setSubjects({}); }

QString TopSamplesPanel::nameOf(const Subject& subject) const {
  if (subject.isPrototype) {
    return tr("Prototype %1").arg(wholeNumber(subject.dimension));
  }
  if (subject.pair && !isOfDimensions(source_.kind)) {
    return tr("Images %1, %2 of the batch")
        .arg(wholeNumber(subject.pair->row), wholeNumber(subject.pair->column));
  }
  if (subject.pair) {
    return tr("Pair %1, %2").arg(wholeNumber(subject.pair->row), wholeNumber(subject.pair->column));
  }
  const bool isOfA = isCovariance(source_.kind) ? source_.kind == MatrixKind::CovarianceA
                                                : subject.view == EmbeddingView::A;
  return (isOfA ? tr("Dimension %1 of view A") : tr("Dimension %1 of view B"))
      .arg(wholeNumber(subject.dimension));
}

void TopSamplesPanel::setSubjects(std::vector<Subject> subjects) {
  subjects_ = std::move(subjects);
  {
    const QSignalBlocker blocker(subject_);
    subject_->clear();
    for (const Subject& subject : subjects_) {
      subject_->addItem(nameOf(subject));
    }
  }
  subject_->setVisible(!subjects_.empty());
  lookUp();
}

bool TopSamplesPanel::isInside(const Subject& subject) const {
  const auto has = [](const Matrix& matrix, std::int64_t dimension) {
    return dimension >= 0 && dimension < matrix.columns();
  };
  if (subject.isPrototype) {
    return has(source_.shown, subject.dimension);
  }
  if (source_.a.rows() != source_.b.rows()) {
    return false;
  }
  if (subject.pair && !isOfDimensions(source_.kind)) {
    return subject.pair->row >= 0 && subject.pair->row < source_.a.rows() &&
           has(source_.shown, subject.pair->column);
  }
  return subject.pair
             ? has(source_.a, subject.pair->row) && has(source_.b, subject.pair->column)
             : has(subject.view == EmbeddingView::A ? source_.a : source_.b, subject.dimension);
}

void TopSamplesPanel::lookUp() {
  search_.cancel();
  pictures_.cancel();
  if (subjects_.empty()) {
    tell(source_.kind == MatrixKind::Assignments
             ? tr("Select a prototype, by its bar or a cell, to see its images.")
         : source_.kind == MatrixKind::SampleSimilarity
             ? tr("Select a cell to see its two images.")
             : tr("Select a pair or a dimension to see the images that it answers to."));
    return;
  }
  if (source_.a.isEmpty() || source_.b.isEmpty()) {
    tell(
        tr("There are no embeddings beside this matrix, so that what drives a cell is not known; "
           "open the embeddings of both views to see it."));
    return;
  }
  const Subject subject =
      subjects_[static_cast<std::size_t>(std::max(0, subject_->currentIndex()))];
  if (!isInside(subject)) {
    tell(tr("%1 is outside these embeddings.").arg(nameOf(subject)));
    return;
  }
  showLegend(subject);
  search_.run([subject, source = source_, namer = namer_](
                  const std::stop_token&) { return find(subject, source, namer); },
              [this](JobResult<Lists> result) {
                if (const auto* lists = std::get_if<Lists>(&result)) {
                  showLists(*lists);
                } else {
                  tell(QString::fromStdString(std::get<ErrorInfo>(result).message));
                }
              });
}

// Rows of files that name no images are rows.
void TopSamplesPanel::showLegend(const Subject& subject) {
  const bool isOfImages = !source_.samples.empty();
  const QString what = !isOfImages ? tr("The files name no images: row n of both is one image.")
                       : maker_    ? tr("Each image as it is in the data, with its class or file.")
                                   : tr("Images by their number in the data.");
  if (subject.isPrototype) {
    upperTitle_->setText(tr("Nearest to this prototype"));
    lowerTitle_->setText(tr("Nearest to another, this one next"));
    legend_->setText(what + QLatin1Char(' ') +
                     tr("The number is the share with which the image is at this prototype."));
    return;
  }
  if (subject.pair && !isOfDimensions(source_.kind)) {
    upperTitle_->setText(tr("The row's image, view A"));
    lowerTitle_->setText(tr("The column's image, view B"));
    legend_->setText(what + QLatin1Char(' ') + tr("The number is the cosine of the two."));
    return;
  }
  if (subject.pair) {
    upperTitle_->setText(isOfImages ? tr("Images that pull it up") : tr("Rows that pull it up"));
    lowerTitle_->setText(isOfImages ? tr("Images that pull it down")
                                    : tr("Rows that pull it down"));
  } else {
    upperTitle_->setText(tr("Largest activations"));
    lowerTitle_->setText(tr("Smallest activations"));
  }
  const QString values =
      !subject.pair ? tr("The number is what it gives this dimension, in standard deviations.")
      : isCovariance(source_.kind)
          ? tr("The two numbers are what this view of it gives the two dimensions, in standard "
               "deviations; their product pulls the cell.")
      : maker_ ? tr("Below it A × B: what its two views give these dimensions, in standard "
                    "deviations. Their product pulls the cell.")
               : tr("A and B are what its two views give these dimensions, in standard "
                    "deviations; their product pulls the cell.");
  legend_->setText(what + QLatin1Char(' ') + values);
}

TopSamplesPanel::Lists TopSamplesPanel::find(const Subject& subject,
                                             const Source& source,
                                             const SampleImages::Namer& namer) {
  const Matrix& a = source.a;
  const Matrix& b = source.b;
  const std::vector<std::int64_t>& samples = source.samples;
  Lists lists;
  const auto item = [&](std::int64_t row, const QString& values, const QString& said) -> Item {
    const std::int64_t sample = sampleOf(samples, row);
    const QString number = wholeNumber(sample);
    const SampleImages::Name name = namer ? namer(sample) : SampleImages::Name{};
    QString text = (samples.empty() ? tr("Row %1:  %2") : tr("Image %1:  %2")).arg(number, said);
    if (!name.full.isEmpty()) {
      text += QLatin1Char('\n') + name.full;
    }
    return {sample, name.brief.isEmpty() ? number : name.brief, values, text};
  };
  if (subject.isPrototype) {
    const auto add = [&](std::vector<Item>& items, const Activation& image) {
      const QString share = fixedNumber(static_cast<double>(image.value), 3);
      items.push_back(item(image.sample, share, tr("share %1").arg(share)));
    };
    const std::vector<Activation> own = imagesOf(source.shown, subject.dimension);
    for (std::size_t i = 0; i < std::min(own.size(), kPrototypeImages); ++i) {
      add(lists.upper, own[i]);
    }
    const auto isOwn = [&](const Activation& image) {
      return std::any_of(own.begin(), own.end(), [&](const Activation& each) {
        return each.sample == image.sample;
      });
    };
    for (const Activation& image :
         activationEnds(source.shown, subject.dimension, own.size() + kCount).most) {
      if (!isOwn(image) && lists.lower.size() < kCount) {
        add(lists.lower, image);
      }
    }
    return lists;
  }
  if (subject.pair && !isOfDimensions(source.kind)) {
    const QString cosine = activation(source.shown.at(subject.pair->row, subject.pair->column));
    const QString said = tr("cosine %1").arg(cosine);
    lists.upper = {item(subject.pair->row, cosine, said)};
    lists.lower = {item(subject.pair->column, cosine, said)};
    return lists;
  }
  if (subject.pair) {
    const auto items = [&](TopEnd end) {
      std::vector<Item> found;
      for (const TopSample& top : topSamples(a, b, *subject.pair, kCount, end)) {
        const QString ofA = activation(top.a);
        const QString ofB = activation(top.b);
        found.push_back(item(
            top.sample,
            tr("%1 × %2").arg(ofA, ofB),
            (isCovariance(source.kind) ? tr("%1 and %2, product %3") : tr("A %1  B %2, product %3"))
                .arg(ofA, ofB, activation(top.product))));
      }
      return found;
    };
    lists.upper = items(TopEnd::Largest);
    lists.lower = items(TopEnd::Smallest);
    return lists;
  }
  const ActivationEnds ends =
      activationEnds(subject.view == EmbeddingView::A ? a : b, subject.dimension, kCount);
  const auto items = [&](const std::vector<Activation>& activations) {
    std::vector<Item> found;
    for (const Activation& each : activations) {
      const QString value = activation(each.value);
      found.push_back(item(each.sample, value, tr("activation %1").arg(value)));
    }
    return found;
  };
  lists.upper = items(ends.most);
  lists.lower = items(ends.least);
  return lists;
}

void TopSamplesPanel::showLists(const Lists& lists) {
  tell({});
  fill(*upper_, lists.upper);
  fill(*lower_, lists.lower);
  if (maker_) {
    loadPictures(lists);
  }
}

void TopSamplesPanel::fill(QListWidget& list, const std::vector<Item>& items) {
  const bool hasPictures = maker_ != nullptr;
  list.setViewMode(hasPictures ? QListView::IconMode : QListView::ListMode);
  list.setMovement(QListView::Static);  // the view mode changes it
  const int text = 2 * list.fontMetrics().lineSpacing();
  const int width = list.fontMetrics().horizontalAdvance(QStringLiteral("-0.00 × -0.00 "));
  list.setGridSize(hasPictures ? QSize(std::max(width, kSide) + kGap, kSide + text + kGap)
                               : QSize());
  QPixmap empty(kSide, kSide);
  empty.fill(colors(palette()).line);
  for (const Item& item : items) {
    const QString title = list.fontMetrics().elidedText(item.title, Qt::ElideMiddle, width);
    auto* entry = new QListWidgetItem(hasPictures ? QStringLiteral("%1\n%2").arg(title, item.values)
                                                  : item.longText.section(QLatin1Char('\n'), 0, 0),
                                      &list);
    entry->setData(kSampleRole, static_cast<qlonglong>(item.sample));
    entry->setData(Qt::AccessibleTextRole, item.longText);
    entry->setToolTip(plainTip(item.longText));
    if (hasPictures) {
      entry->setIcon(empty);
    }
  }
}

void TopSamplesPanel::loadPictures(const Lists& lists) {
  std::vector<std::int64_t> wanted;
  for (const auto* items : {&lists.upper, &lists.lower}) {
    for (const Item& item : *items) {
      wanted.push_back(item.sample);
    }
  }
  const qreal ratio = devicePixelRatioF();
  const int side = qRound(kSide * ratio);
  pictures_.run(
      [wanted, side, maker = maker_](const std::stop_token& stop) {
        std::vector<QImage> images;
        for (const std::int64_t sample : wanted) {
          if (stop.stop_requested()) {
            break;
          }
          images.push_back(fitted(maker(sample, side), side));
        }
        return images;
      },
      [this, ratio](JobResult<std::vector<QImage>> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          note_->setText(QString::fromStdString(error->message));
          note_->show();
          return;
        }
        const auto& images = std::get<std::vector<QImage>>(result);
        const int upperCount = upper_->count();
        for (int i = 0; i < static_cast<int>(images.size()); ++i) {
          QListWidgetItem* item = i < upperCount ? upper_->item(i) : lower_->item(i - upperCount);
          QPixmap picture = QPixmap::fromImage(images[static_cast<std::size_t>(i)]);
          picture.setDevicePixelRatio(ratio);
          if (item != nullptr && !picture.isNull()) {
            item->setIcon(picture);
          }
        }
      });
}

// Instead of lists, or nothing beside them.
void TopSamplesPanel::tell(const QString& text) {
  note_->setText(text);
  note_->setVisible(!text.isEmpty());
  upper_->clear();
  lower_->clear();
  for (QWidget* widget :
       std::initializer_list<QWidget*>{legend_, upperTitle_, lowerTitle_, upper_, lower_}) {
    widget->setVisible(text.isEmpty());
  }
  upper_->setAccessibleName(upperTitle_->text());
  lower_->setAccessibleName(lowerTitle_->text());
}

}  // namespace barlow::ui
