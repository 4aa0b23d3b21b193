#include "ui/inspector/top_samples_panel.h"

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
  a_ = std::move(a);
  b_ = std::move(b);
  samples_ = std::move(samples);
  lookUp();
}

void TopSamplesPanel::setThumbnails(ThumbnailMaker maker, SampleImages::Namer namer) {
  maker_ = std::move(maker);
  namer_ = std::move(namer);
  lookUp();
}

void TopSamplesPanel::showPair(const CellIndex& pair) {
  setSubjects({{.pair = pair},
               {.view = EmbeddingView::A, .dimension = pair.row},
               {.view = EmbeddingView::B, .dimension = pair.column}});
}

void TopSamplesPanel::showDimension(EmbeddingView view, std::int64_t dimension) {
  setSubjects({{.view = view, .dimension = dimension}});
}

void TopSamplesPanel::clear() { setSubjects({}); }

QString TopSamplesPanel::nameOf(const Subject& subject) {
  if (subject.pair) {
    return tr("Pair %1, %2").arg(wholeNumber(subject.pair->row), wholeNumber(subject.pair->column));
  }
  return (subject.view == EmbeddingView::A ? tr("Dimension %1 of view A")
                                           : tr("Dimension %1 of view B"))
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
  if (a_.rows() != b_.rows()) {
    return false;
  }
  return subject.pair ? has(a_, subject.pair->row) && has(b_, subject.pair->column)
                      : has(subject.view == EmbeddingView::A ? a_ : b_, subject.dimension);
}

void TopSamplesPanel::lookUp() {
  search_.cancel();
  pictures_.cancel();
  if (subjects_.empty()) {
    tell(tr("Select a pair or a dimension to see the images that it answers to."));
    return;
  }
  if (a_.isEmpty() || b_.isEmpty()) {
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
  search_.run([subject, a = a_, b = b_, samples = samples_, namer = namer_](
                  const std::stop_token&) { return find(subject, a, b, samples, namer); },
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
  const bool isOfImages = !samples_.empty();
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
      : maker_      ? tr("Below it A × B: what its two views give these dimensions, in standard "
                         "deviations. Their product pulls the cell.")
                    : tr("A and B are what its two views give these dimensions, in standard "
                         "deviations; their product pulls the cell.");
  const QString what = !isOfImages ? tr("The files name no images: row n of both is one image.")
                       : maker_    ? tr("Each image as it is in the data, with its class or file.")
                                   : tr("Images by their number in the data.");
  legend_->setText(what + QLatin1Char(' ') + values);
}

TopSamplesPanel::Lists TopSamplesPanel::find(const Subject& subject,
                                             const Matrix& a,
                                             const Matrix& b,
                                             const std::vector<std::int64_t>& samples,
                                             const SampleImages::Namer& namer) {
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
  if (subject.pair) {
    const auto items = [&](TopEnd end) {
      std::vector<Item> found;
      for (const TopSample& top : topSamples(a, b, *subject.pair, kCount, end)) {
        const QString ofA = activation(top.a);
        const QString ofB = activation(top.b);
        found.push_back(item(top.sample,
                             tr("%1 × %2").arg(ofA, ofB),
                             tr("A %1  B %2, product %3").arg(ofA, ofB, activation(top.product))));
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
