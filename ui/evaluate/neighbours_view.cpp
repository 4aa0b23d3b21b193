#include "ui/evaluate/neighbours_view.h"

#include "ui/dialogs/ask.h"
#include "ui/evaluate/fitted_picture.h"
#include "ui/evaluate/image_collection.h"
#include "ui/evaluate/space_source.h"
#include "ui/forms/number_box.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QImageReader>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr int kSide = 80;
constexpr int kFirstCount = 12;

// The one file that is being dragged, or nothing: folders are for the window.
QString draggedFile(const QMimeData* data) {
  if (!data->hasUrls() || data->urls().size() != 1 || !data->urls().front().isLocalFile()) {
    return {};
  }
  const QString path = data->urls().front().toLocalFile();
  return QFileInfo(path).isFile() && whyNoPicture(path.toStdString()).empty() ? path : QString();
}

}  // namespace

NeighboursView::NeighboursView(SpaceSource& source, const EvaluateDoors& doors, QWidget* parent)
    : QWidget(parent),
      source_(source),
      doors_(doors),
      queries_(new ImageCollection(this)),
      picture_(new QLabel(this)),
      title_(makeLabel({}, TextRole::Heading, this)),
      note_(makeLabel({}, TextRole::Quiet, this)),
      count_(new WholeBox(this)),
      open_(new QPushButton(tr("Image from a file..."), this)),
      list_(new QListWidget(this)) {
  setAcceptDrops(true);
  setAccessibleName(tr("Nearest neighbours"));
  queries_->grid()->setObjectName(QStringLiteral("queryImages"));
  queries_->grid()->setAccessibleName(tr("Images held out"));
  connect(queries_, &ImageCollection::currentChanged, this, &NeighboursView::showImage);
  picture_->setObjectName(QStringLiteral("queryPicture"));
  picture_->setFixedSize(kSide, kSide);
  picture_->setAlignment(Qt::AlignCenter);
  title_->setObjectName(QStringLiteral("queryTitle"));
  title_->setWordWrap(true);
  note_->setObjectName(QStringLiteral("neighboursNote"));
  count_->setObjectName(QStringLiteral("neighbourCount"));
  count_->setAccessibleName(tr("How many neighbours"));
  count_->setToolTip(tr("How many of the most similar training images are shown"));
  count_->setRange(1, 200);
  count_->setValue(kFirstCount);
  connect(count_, &QSpinBox::valueChanged, this, &NeighboursView::lookUp);
  open_->setObjectName(QStringLiteral("queryFile"));
  open_->setToolTip(tr("Looks up an image that is in no data set; it can be dropped here as well"));
  connect(open_, &QPushButton::clicked, this, [this] {
    const QStringList files = askOpenFiles(this,
                                           tr("Image"),
                                           tr("Images (*.png *.jpg *.jpeg *.bmp "
                                              "*.webp *.tif *.tiff *.ppm)"));
    if (!files.isEmpty()) {
      showFile(files.front());
    }
  });
  list_->setObjectName(QStringLiteral("neighbours"));
  list_->setAccessibleName(tr("The most similar training images, the nearest first"));
  list_->setViewMode(QListView::IconMode);
  list_->setMovement(QListView::Static);
  list_->setResizeMode(QListView::Adjust);
  list_->setIconSize({kSide, kSide});
  list_->setTextElideMode(Qt::ElideNone);
  list_->setMinimumHeight(40);
  auto* head = new QHBoxLayout;
  head->setSpacing(kGap);
  head->addWidget(picture_);
  auto* words = new QVBoxLayout;
  words->addWidget(title_);
  words->addWidget(note_);
  words->addStretch(1);
  head->addLayout(words, 1);
  auto* tools = new QVBoxLayout;
  tools->addWidget(open_);
  auto* countRow = new QHBoxLayout;
  auto* countLabel = new QLabel(tr("Neighbours"), this);
  countLabel->setBuddy(count_);
  countRow->addWidget(countLabel);
  countRow->addWidget(count_);
  tools->addLayout(countRow);
  tools->addStretch(1);
  head->addLayout(tools);
  auto* right = new QWidget(this);
  auto* column = new QVBoxLayout(right);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  column->addLayout(head);
  column->addWidget(list_, 1);
  auto* splitter = new QSplitter(this);
  splitter->addWidget(queries_);
  splitter->addWidget(right);
  splitter->setStretchFactor(0, 2);
  splitter->setStretchFactor(1, 3);
  splitter->setSizes({320, 520});
  splitter->setChildrenCollapsible(false);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kGap, kGap, kGap, kGap);
  row->addWidget(splitter);
  connect(&source_, &SpaceSource::changed, this, &NeighboursView::follow);
  follow();
}

bool NeighboursView::isBusy() const {
  return isVisible() && (source_.isBusy() || search_.isBusy() || queries_->isBusy());
}

void NeighboursView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  source_.wantAgain();
}

void NeighboursView::follow() {
  const auto& space = source_.space();
  if (space != space_) {
    space_ = space;
    sample_ = -1;
    file_.clear();
    if (space_) {
      std::vector<qint64> held;
      for (std::int64_t row = space_->bank; row < space_->size(); ++row) {
        held.push_back(space_->samples[static_cast<std::size_t>(row)]);
      }
      const bool isEmpty = held.empty();
      queries_->setImages(space_->images, std::move(held), tr("Choose an image that was held out"));
      if (isEmpty) {
        queries_->setText(tr("No image is held out of these data; drop one here instead."));
      } else {
        queries_->grid()->setCurrentIndex(queries_->model().index(0, 0));
      }
    }
  }
  if (!space_) {
    queries_->setText(QString());
    tell(!source_.request()         ? tr("Evaluate a checkpoint first.")
         : source_.text().isEmpty() ? tr("Nothing is known of these images yet.")
                                    : source_.text());
    if (isVisible()) {
      source_.want();
    }
  }
  open_->setEnabled(space_ != nullptr);
  count_->setEnabled(space_ != nullptr);
}

void NeighboursView::showImage(qint64 sample) {
  sample_ = sample;
  file_.clear();
  lookUp();
}

void NeighboursView::showFile(const QString& file) {
  file_ = file;
  sample_ = -1;
  lookUp();
}

NeighboursView::Strip NeighboursView::find(const FeatureSpace& space,
                                           const float* feature,
                                           std::int64_t row,
                                           int count,
                                           int side,
                                           const std::stop_token& stop) {
  Strip strip;
  const int own = row >= 0 ? space.labels[static_cast<std::size_t>(row)] : -1;
  for (const NearRow& near : nearestInBank(space, feature, count, row)) {
    if (stop.stop_requested()) {
      break;
    }
    const auto at = static_cast<std::size_t>(near.row);
    const int label = space.labels[at];
    const QString name = labelText(space, label);
    const QString similarity = QLocale().toString(static_cast<double>(near.similarity), 'f', 3);
    Neighbour neighbour;
    neighbour.isSame = own >= 0 && own == label;
    const QString sign = own < 0 || label < 0 ? QString()
                         : neighbour.isSame   ? QStringLiteral("✓ ")
                                              : QStringLiteral("✗ ");
    neighbour.caption = QStringLiteral("%1%2\n%3").arg(sign, name, similarity);
    const QString verdict = own < 0 || label < 0 ? QString()
                            : neighbour.isSame   ? tr("the same class")
                                                 : tr("another class");
    neighbour.longText = QStringList{name,
                                     verdict,
                                     tr("similarity %1").arg(similarity),
                                     QString::fromStdString(space.images->name(space.samples[at]))}
                             .join(QStringLiteral(", "));
    neighbour.picture = fittedPicture(*space.images, space.samples[at], side);
    strip.neighbours.push_back(std::move(neighbour));
  }
  const auto right = std::count_if(strip.neighbours.begin(),
                                   strip.neighbours.end(),
                                   [](const auto& each) { return each.isSame; });
  if (own >= 0) {
    strip.title = tr("%1: %2 of %3 neighbours are of its class")
                      .arg(labelText(space, own))
                      .arg(right)
                      .arg(strip.neighbours.size());
  }
  return strip;
}

void NeighboursView::lookUp() {
  if (!space_ || (sample_ < 0 && file_.isEmpty())) {
    return;
  }
  const int side = qRound(kSide * devicePixelRatioF());
  const auto found = std::find(space_->samples.begin(), space_->samples.end(), sample_);
  const std::int64_t row = found == space_->samples.end() ? -1 : found - space_->samples.begin();
  if (file_.isEmpty() && row < 0) {
    tell(tr("This image could not be read, so that its neighbours are not known."));
    return;
  }
  tell(file_.isEmpty() ? QString() : tr("Looking up %1...").arg(QFileInfo(file_).fileName()));
  search_.run(
      [space = space_,
       row,
       file = file_,
       request = *source_.request(),
       look = doors_.featuresOfFile,
       count = count_->value(),
       side](const std::stop_token& stop) {
        if (file.isEmpty()) {
          Strip strip = find(*space, space->row(row), row, count, side, stop);
          strip.query =
              fittedPicture(*space->images, space->samples[static_cast<std::size_t>(row)], side);
          return strip;
        }
        const std::vector<float> feature = look(request, file.toStdString());
        Strip strip = find(*space, feature.data(), -1, count, side, stop);
        QImageReader reader(file);
        reader.setAutoTransform(true);
        strip.query = fittedPicture(reader.read(), side);
        strip.title = QFileInfo(file).fileName();
        return strip;
      },
      [this](JobResult<Strip> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          tell(QString::fromStdString(error->message));
        } else {
          show(std::get<Strip>(result));
        }
      });
}

void NeighboursView::show(const Strip& strip) {
  tell({});
  const qreal ratio = devicePixelRatioF();
  const auto pixmapOf = [&](const QImage& image) {
    QPixmap picture = QPixmap::fromImage(image);
    picture.setDevicePixelRatio(ratio);
    return picture;
  };
  picture_->setPixmap(pixmapOf(strip.query));
  title_->setText(strip.title);
  note_->setText(tr("The most similar training images, by the cosine of the features"));
  const QFontMetrics metrics = list_->fontMetrics();
  int widest = kSide;
  for (const Neighbour& neighbour : strip.neighbours) {
    QStringList lines = neighbour.caption.split(QLatin1Char('\n'));
    for (QString& line : lines) {
      line = metrics.elidedText(line, Qt::ElideRight, 2 * kSide);
      widest = std::max(widest, metrics.horizontalAdvance(line));
    }
    auto* item = new QListWidgetItem(lines.join(QLatin1Char('\n')), list_);
    item->setIcon(QIcon(pixmapOf(neighbour.picture)));
    item->setToolTip(plainTip(neighbour.longText));
    item->setData(Qt::AccessibleTextRole, neighbour.longText);
  }
  list_->setGridSize({widest + 3 * kGap, kSide + 2 * metrics.lineSpacing() + kGap});
}

void NeighboursView::tell(const QString& text) {
  list_->clear();
  picture_->clear();
  title_->clear();
  note_->setText(text);
}

void NeighboursView::dragEnterEvent(QDragEnterEvent* event) {
  if (space_ && !draggedFile(event->mimeData()).isEmpty()) {
    event->acceptProposedAction();
  }
}

void NeighboursView::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  showFile(draggedFile(event->mimeData()));
}

}  // namespace barlow::ui
