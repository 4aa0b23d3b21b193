#include "ui/evaluate/map_view.h"

#include "ui/evaluate/evaluation_text.h"
#include "ui/evaluate/fitted_picture.h"
#include "ui/evaluate/image_collection.h"
#include "ui/evaluate/map_colors.h"
#include "ui/evaluate/point_map.h"
#include "ui/evaluate/space_source.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr int kLookMs = 120;
constexpr int kPictureSide = 80;
template <class E>
void fill(QComboBox& box) {
  for (const auto& name : kEnumNames<E>) {
    box.addItem(QString::fromUtf8(name.label.data(), static_cast<qsizetype>(name.label.size())),
                static_cast<int>(name.value));
  }
}

}  // namespace

struct MapView::Latest {
  std::mutex mutex;
  std::optional<FeatureMap> map;  // guarded by mutex
};

MapView::MapView(SpaceSource& source, const EvaluateDoors& doors, QWidget* parent)
    : QWidget(parent),
      source_(source),
      doors_(doors),
      method_(new QComboBox(this)),
      images_(new QComboBox(this)),
      most_(new QComboBox(this)),
      colour_(new QComboBox(this)),
      lasso_(new QToolButton(this)),
      progress_(new QProgressBar(this)),
      stop_(new QPushButton(tr("Stop"), this)),
      note_(makeLabel({}, TextRole::Quiet, this)),
      points_(new PointMap(this)),
      legend_(makeLabel({}, TextRole::Quiet, this)),
      picture_(new QLabel(this)),
      caption_(makeLabel({}, TextRole::Quiet, this)),
      chosen_(new ImageCollection(this)) {
  setAccessibleName(tr("Map"));
  fill<MapMethod>(*method_);
  fill<MapImages>(*images_);
  for (const int count : {2'000, 5'000, 20'000, 50'000}) {
    most_->addItem(tr("up to %1").arg(QLocale().toString(count)), count);
  }
  most_->addItem(tr("all of them"), 0);
  most_->setCurrentIndex(1);
  colour_->addItem(tr("by class"), QVariant::fromValue(MapColouring::ByClass));
  colour_->addItem(tr("by prediction"), QVariant::fromValue(MapColouring::ByPrediction));
  colour_->addItem(tr("by density"), QVariant::fromValue(MapColouring::ByDensity));
  arrange();
  timer_.setInterval(kLookMs);
  connect(&timer_, &QTimer::timeout, this, &MapView::look);
  for (QComboBox* box : {method_, images_, most_}) {
    connect(box, &QComboBox::activated, this, &MapView::start);
  }
  connect(colour_, &QComboBox::activated, this, &MapView::paintPoints);
  connect(lasso_, &QToolButton::toggled, points_, &PointMap::setLasso);
  connect(stop_, &QPushButton::clicked, this, &MapView::stop);
  connect(points_, &PointMap::hovered, this, &MapView::showHovered);
  connect(points_, &PointMap::lassoed, this, [this](const std::vector<int>& inside) {
    if (!map_ || !space_) {
      return;
    }
    std::vector<qint64> samples;
    for (const int point : inside) {
      samples.push_back(map_->samples[static_cast<std::size_t>(point)]);
    }
    const QString heading =
        inside.empty() ? tr("Draw a line around points (with Shift) to see their images here.")
                       : tr("%1 images").arg(QLocale().toString(static_cast<int>(inside.size())));
    chosen_->setImages(space_->images, std::move(samples), heading);
  });
  connect(chosen_, &ImageCollection::chosen, this, &MapView::imageChosen);
  connect(&thumbnails_, &ThumbnailLoader::ready, this, [this] {
    if (hovered_ >= 0) {
      if (const Thumbnail* found = thumbnails_.thumbnail(hovered_)) {
        picture_->setPixmap(QPixmap::fromImage(fittedPicture(found->image, kPictureSide)));
      }
    }
  });
  connect(&source_, &SpaceSource::changed, this, &MapView::follow);
  connect(&source_, &SpaceSource::trainingStarted, this, [this] {
    if (job_.isBusy()) {
      start();
    }
  });
  follow();
}

MapView::~MapView() { job_.cancel(); }

void MapView::arrange() {
  const auto dress =
      [](QWidget* widget, const char* name, const QString& text, const QString& tip) {
        widget->setObjectName(QString::fromLatin1(name));
        widget->setAccessibleName(text);
        widget->setToolTip(tip);
      };
  dress(method_,
        "mapMethod",
        tr("How the plane is found"),
        tr("Principal components: the two directions in which features differ most, at once. "
           "t-SNE: keeps neighbours together and says nothing of distances between groups; takes "
           "a minute for thousands of images."));
  dress(images_, "mapImages", tr("Which images"), tr("Which images are points of the map"));
  dress(most_, "mapMost", tr("How many images"), tr("Of more a fixed draw is shown"));
  dress(colour_,
        "mapColour",
        tr("Colour"),
        tr("By the class of an image, by what its nearest training images say it is, or by how "
           "alike its neighbours are (strong colour: crowded)"));
  lasso_->setText(tr("Lasso"));
  lasso_->setCheckable(true);
  dress(lasso_,
        "mapLasso",
        tr("Lasso"),
        tr("A drag draws a line around points, whose images are listed; so does one with Shift"));
  dress(stop_, "mapStop", tr("Stop"), tr("Stops t-SNE and keeps the map as it is now"));
  progress_->setObjectName(QStringLiteral("mapProgress"));
  progress_->setAccessibleName(tr("How far the map is"));
  progress_->setRange(0, 100);
  progress_->setMaximumWidth(120);
  progress_->setMaximumHeight(fontMetrics().height());
  note_->setObjectName(QStringLiteral("mapNote"));
  legend_->setObjectName(QStringLiteral("mapLegend"));
  legend_->setAccessibleName(tr("What the colours stand for"));
  legend_->setTextFormat(Qt::RichText);
  picture_->setObjectName(QStringLiteral("mapPicture"));
  picture_->setFixedSize(kPictureSide, kPictureSide);
  picture_->setAlignment(Qt::AlignCenter);
  caption_->setObjectName(QStringLiteral("mapCaption"));
  caption_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  chosen_->grid()->setObjectName(QStringLiteral("lassoedImages"));
  chosen_->setText(tr("Draw a line around points (with Shift) to see their images here."));
  auto* tools = new QHBoxLayout;
  tools->setSpacing(kGap);
  for (QComboBox* box : {method_, images_, most_, colour_}) {
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(5);
    tools->addWidget(box, 1);
  }
  tools->addWidget(lasso_);
  auto* left = new QWidget(this);
  auto* column = new QVBoxLayout(left);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap / 2);
  column->addWidget(points_, 1);
  auto* foot = new QHBoxLayout;
  foot->setSpacing(kGap);
  foot->addWidget(note_, 1);
  foot->addWidget(progress_);
  foot->addWidget(stop_);
  column->addLayout(foot);
  auto* right = new QWidget(this);
  auto* side = new QVBoxLayout(right);
  side->setContentsMargins(0, 0, 0, 0);
  side->setSpacing(kGap);
  auto* hover = new QHBoxLayout;
  hover->setSpacing(kGap);
  hover->addWidget(picture_);
  hover->addWidget(caption_, 1);
  side->addWidget(legend_);
  side->addLayout(hover);
  side->addWidget(chosen_, 1);
  auto* splitter = new QSplitter(this);
  splitter->addWidget(left);
  splitter->addWidget(right);
  splitter->setStretchFactor(0, 3);
  splitter->setStretchFactor(1, 2);
  splitter->setSizes({560, 300});
  splitter->setChildrenCollapsible(false);
  auto* whole = new QVBoxLayout(this);
  whole->setContentsMargins(kGap, kGap, kGap, kGap);
  whole->setSpacing(kGap);
  whole->addLayout(tools);
  whole->addWidget(splitter, 1);
}

bool MapView::isBusy() const {
  return isVisible() && (source_.isBusy() || job_.isBusy() || chosen_->isBusy());
}

void MapView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  source_.wantAgain();
  if (space_ && !map_) {
    start();
  }
}

void MapView::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (changesColors(*event) && map_) {
    paintPoints();
  }
}

void MapView::follow() {
  if (source_.space() != space_) {
    space_ = source_.space();
    job_.cancel();
    timer_.stop();
    map_.reset();
    hovered_ = -1;
    picture_->clear();
    caption_->clear();
    points_->setPlaces({});
    legend_->clear();
    chosen_->setText(tr("Draw a line around points (with Shift) to see their images here."));
    thumbnails_.setDataset(space_ ? space_->images : nullptr,
                           qRound(kPictureSide * devicePixelRatioF()));
    if (space_ && isVisible()) {
      start();
    }
  }
  if (!space_) {
    tell(!source_.request()         ? tr("Evaluate a checkpoint first.")
         : source_.text().isEmpty() ? tr("Nothing is known of these images yet.")
                                    : source_.text());
    if (isVisible()) {
      source_.want();
    }
  }
  for (QWidget* widget :
       std::initializer_list<QWidget*>{method_, images_, most_, colour_, lasso_}) {
    widget->setEnabled(space_ != nullptr);
  }
  progress_->setVisible(job_.isBusy());
  stop_->setVisible(job_.isBusy());
}

void MapView::start() {
  if (!space_) {
    return;
  }
  const MapRequest request{.method = static_cast<MapMethod>(method_->currentData().toInt()),
                           .images = static_cast<MapImages>(images_->currentData().toInt()),
                           .most = most_->currentData().toInt()};
  watch_ = std::make_shared<JobWatch>();
  latest_ = std::make_shared<Latest>();
  job_.runOn(
      threads_.of(source_.isTraining()),
      [space = space_,
       request,
       mapOf = doors_.map,
       watch = watch_,
       latest = latest_,
       yields = source_.isTraining()](const std::stop_token& stop) {
        return mapOf(*space,
                     request,
                     WorkThreads::control(stop, yields, watch.get()),
                     [&](const FeatureMap& map) {
                       const std::lock_guard lock(latest->mutex);
                       latest->map = map;
                     });
      },
      [this](JobResult<std::optional<FeatureMap>> result) {
        stop();
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          tell(QString::fromStdString(error->message));
        } else if (const auto& map = std::get<std::optional<FeatureMap>>(result)) {
          show(*map);
        }
      });
  timer_.start();
  progress_->setValue(0);
  progress_->show();
  stop_->show();
  if (!map_) {
    tell(tr("Drawing the map..."));
  }
}

// What was seen last stays.
void MapView::stop() {
  if (job_.isBusy()) {
    look();
  }
  job_.cancel();
  timer_.stop();
  progress_->hide();
  stop_->hide();
}

void MapView::look() {
  progress_->setValue(qRound(100 * watch_->share()));
  std::optional<FeatureMap> now;
  {
    const std::lock_guard lock(latest_->mutex);
    now = std::exchange(latest_->map, std::nullopt);
  }
  if (now) {
    show(*now);
  }
}

void MapView::show(const FeatureMap& map) {
  const bool isSame = map_ && map_->samples == map.samples;
  map_ = map;
  if (!isSame) {
    points_->setPlaces({});
    chosen_->setText(tr("Draw a line around points (with Shift) to see their images here."));
  }
  points_->setPlaces(map.places);
  if (!isSame) {
    paintPoints();
  }
  const QString count = QLocale().toString(static_cast<qlonglong>(map.size()));
  note_->setText(map.method == MapMethod::Pca
                     ? tr("%1 images; the plane holds %2 of their variance. Neighbours here may be "
                          "far apart in other directions.")
                           .arg(count, percent(map.explained, 0))
                     : tr("%1 images; neighbours are alike, but sizes of groups and distances "
                          "between them say nothing.")
                           .arg(count));
}

void MapView::paintPoints() {
  if (!map_) {
    return;
  }
  const auto colouring = colour_->currentData().value<MapColouring>();
  points_->setColors(pointColors(*map_, colouring, palette()));
  legend_->setText(space_ ? mapLegend(*map_, *space_, colouring, palette()) : QString());
}

void MapView::showHovered(int point) {
  hovered_ = -1;
  picture_->clear();
  caption_->clear();
  if (point < 0 || !map_ || !space_) {
    return;
  }
  const auto at = static_cast<std::size_t>(point);
  hovered_ = map_->samples[at];
  QStringList lines;
  const QString own = labelText(*space_, map_->labels[at]);
  const QString guess = labelText(*space_, map_->predictions[at]);
  if (!own.isEmpty()) {
    lines << own;
    if (!guess.isEmpty()) {
      lines << (own == guess ? tr("✓ so say its neighbours")
                             : tr("✗ its neighbours say %1").arg(guess));
    }
  }
  lines << QString::fromStdString(space_->images->name(hovered_)).section(QLatin1Char('/'), -1);
  caption_->setText(lines.join(QLatin1Char('\n')));
  if (const Thumbnail* found = thumbnails_.thumbnail(hovered_)) {
    picture_->setPixmap(QPixmap::fromImage(fittedPicture(found->image, kPictureSide)));
  }
}

void MapView::tell(const QString& text) { note_->setText(text); }

}  // namespace barlow::ui
