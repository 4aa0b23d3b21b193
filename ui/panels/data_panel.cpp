#include "ui/panels/data_panel.h"

#include "core/params/presets.h"
#include "core/runs/run_folder.h"
#include "core/studio/dataset_browser.h"
#include "ui/bridge/background_job.h"
#include "ui/dialogs/ask.h"
#include "ui/panels/data_header.h"
#include "ui/panels/dataset_facts.h"
#include "ui/panels/image_filter_bar.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/panels/thumbnail_model.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMimeData>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <utility>

namespace barlow::ui {
namespace {

constexpr int kEditMs = 400;      // a pause in editing settings that decide which images there are
constexpr int kPatienceMs = 300;  // opening is not worth a word before

/// What decides which images there are.
struct DataKey {
  std::string source;
  int limit = 0;
  double validationFraction = 0;
  ExifTurn exif = ExifTurn::Ignore;
  std::int64_t seed = 0;
  bool operator==(const DataKey&) const = default;
};

DataKey keyOf(const RunConfig& config) {
  return {config.data.source,
          config.data.limit,
          config.data.validationFraction,
          config.data.exif,
          config.run.seed};
}

struct Opened {
  std::shared_ptr<const DatasetBrowser> dataset;
  DatasetCounts counts;
};

// The one folder of images that is being dragged, or nothing: run folders are for the window.
QString droppedFolder(const QMimeData* data) {
  if (!data->hasUrls() || data->urls().size() != 1 || !data->urls().front().isLocalFile()) {
    return {};
  }
  const QString path = data->urls().front().toLocalFile();
  const bool isOurs = QFileInfo(path).isDir() && !isRunFolder(path.toStdString());
  return isOurs ? QFileInfo(path).absoluteFilePath() : QString();
}

}  // namespace

struct DataPanel::Impl {
  Impl(DataPanel& owner, Experiment& preparedExperiment)
      : panel(owner), experiment(preparedExperiment) {}

  void makePlace();
  void arrange();
  void connectAll();
  void follow();
  void open();
  void show(const JobResult<Opened>& result);
  void showMessage(const QString& text);
  void filter();
  void showCount();
  void take(const QString& source);
  void notifyBusy();

  DataPanel& panel;
  Experiment& experiment;
  ThumbnailModel model;
  DataHeader* header = nullptr;
  ImageFilterBar* filters = nullptr;
  QStackedWidget* place = nullptr;  // the grid, or a sentence instead
  ThumbnailGrid* grid = nullptr;
  QLabel* message = nullptr;
  DatasetFacts* facts = nullptr;
  DataKey key;
  bool wasBusy = false;
  QTimer editPause;
  QTimer patience;
  BackgroundJob opening;
  BackgroundJob filtering;
};

void DataPanel::Impl::makePlace() {
  grid = new ThumbnailGrid;
  grid->setObjectName(QStringLiteral("thumbnails"));
  grid->setAccessibleName(tr("Images"));
  grid->setModel(&model);
  message = new QLabel;
  message->setObjectName(QStringLiteral("dataMessage"));
  message->setAlignment(Qt::AlignCenter);
  message->setWordWrap(true);
  message->setMargin(3 * kMargin);
  message->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  message->setAutoFillBackground(true);
  message->setBackgroundRole(QPalette::Base);
  place = new QStackedWidget(&panel);
  place->addWidget(grid);
  place->addWidget(message);
}

void DataPanel::Impl::arrange() {
  header = new DataHeader(&panel);
  filters = new ImageFilterBar(&panel);
  makePlace();
  facts = new DatasetFacts(&panel);
  facts->setFixedWidth(280);
  auto* images = new QVBoxLayout;
  images->setSpacing(kGap);
  images->addWidget(filters);
  images->addWidget(place, 1);
  auto* row = new QHBoxLayout;
  row->setSpacing(kMargin);
  row->addLayout(images, 1);
  row->addWidget(facts);
  auto* column = new QVBoxLayout(&panel);
  column->setContentsMargins(kMargin, kWideGap, kMargin, kWideGap);
  column->setSpacing(kWideGap);
  column->addWidget(header);
  column->addLayout(row, 1);
}

void DataPanel::Impl::connectAll() {
  editPause.setSingleShot(true);
  editPause.setInterval(kEditMs);
  patience.setSingleShot(true);
  patience.setInterval(kPatienceMs);
  connect(&editPause, &QTimer::timeout, &panel, [this] { open(); });
  connect(&patience, &QTimer::timeout, &panel, [this] {
    showMessage(tr("Reading the list of images ..."));
  });
  // Follows sourceChanged() and tells of the seed as well.
  connect(&experiment, &Experiment::changed, &panel, [this] { follow(); });
  connect(
      header, &DataHeader::sourceChosen, &panel, [this](const QString& source) { take(source); });
  connect(header, &DataHeader::folderRequested, &panel, &DataPanel::chooseFolder);
  connect(filters, &ImageFilterBar::filterChanged, &panel, [this] { filter(); });
  connect(filters, &ImageFilterBar::typing, &panel, [this] { notifyBusy(); });
  connect(grid, &ThumbnailGrid::chosen, &panel, &DataPanel::imageChosen);
  connect(grid, &ThumbnailGrid::painted, &panel, [this] { notifyBusy(); });
  connect(facts, &DatasetFacts::busyChanged, &panel, [this] { notifyBusy(); });
  connect(&model.loader(), &ThumbnailLoader::busyChanged, &panel, [this] { notifyBusy(); });
}

void DataPanel::Impl::follow() {
  const DataKey wanted = keyOf(experiment.config());
  if (wanted == key) {
    editPause.stop();
  } else if (wanted.source != key.source) {
    open();
  } else {
    editPause.start();
  }
  notifyBusy();
}

void DataPanel::Impl::open() {
  editPause.stop();
  key = keyOf(experiment.config());
  header->setSource(QString::fromStdString(key.source));
  patience.start();
  opening.run(
      [data = experiment.config().data, seed = key.seed](std::stop_token stop) {
        Opened opened{.dataset = DatasetBrowser::open(data, seed, stop), .counts = {}};
        opened.counts = countDataset(*opened.dataset);
        return opened;
      },
      [this](const JobResult<Opened>& result) { show(result); });
  notifyBusy();
}

// A new data set is shown whole.
void DataPanel::Impl::show(const JobResult<Opened>& result) {
  patience.stop();
  filtering.cancel();
  const auto* opened = std::get_if<Opened>(&result);
  const auto dataset = opened != nullptr ? opened->dataset : nullptr;
  model.setDataset(dataset, qRound(ThumbnailGrid::kSide * panel.devicePixelRatioF()));
  filters->setDataset(dataset.get());
  facts->setDataset(dataset, opened != nullptr ? opened->counts : DatasetCounts{}, key.source);
  header->setSplits(dataset ? dataset->splits() : std::vector<SplitUse>{});
  showCount();
  if (opened == nullptr) {
    showMessage(QString::fromStdString(std::get<ErrorInfo>(result).message));
  }
  Q_EMIT panel.datasetChanged(dataset);
  notifyBusy();
}

void DataPanel::Impl::showMessage(const QString& text) {
  message->setText(text);
  place->setCurrentWidget(message);
}

void DataPanel::Impl::filter() {
  const ImageFilter wanted = filters->filter();
  if (!model.dataset() || wanted.isEmpty()) {
    filtering.cancel();
    model.setShown(std::nullopt);
    showCount();
  } else {
    filtering.run([dataset = model.dataset(),
                   wanted](std::stop_token stop) { return filterImages(*dataset, wanted, stop); },
                  [this](JobResult<std::vector<qint64>> result) {
                    if (auto* shown = std::get_if<std::vector<qint64>>(&result)) {
                      model.setShown(std::move(*shown));
                    }
                    showCount();
                    notifyBusy();
                  });
  }
  notifyBusy();
}

void DataPanel::Impl::showCount() {
  if (!model.dataset()) {
    filters->setCount({});
    return;
  }
  const QLocale locale;
  const int shown = model.rowCount();
  const auto all = static_cast<qlonglong>(model.dataset()->size());
  filters->setCount(shown == all
                        ? tr("%1 images").arg(locale.toString(all))
                        : tr("%1 of %2 images").arg(locale.toString(shown), locale.toString(all)));
  if (shown > 0) {
    place->setCurrentWidget(grid);
  } else {
    showMessage(tr("No image passes the filters above; choose all classes or clear the name."));
  }
}

void DataPanel::Impl::take(const QString& source) {
  const std::string before = experiment.config().data.source;
  const std::string now = recognizedSource(source.toStdString());
  if (now == before) {
    open();  // look again: files may have come or gone
    return;
  }
  experiment.setSource(now, presetForSource(before).name != presetForSource(now).name);
}

void DataPanel::Impl::notifyBusy() {
  const bool isBusy = panel.isBusy();
  if (std::exchange(wasBusy, isBusy) && !isBusy) {
    Q_EMIT panel.settled();
  }
}

DataPanel::DataPanel(Experiment& experiment, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, experiment)) {
  setObjectName(QStringLiteral("dataPanel"));
  setAcceptDrops(true);
  impl_->arrange();
  impl_->connectAll();
  impl_->open();
}

DataPanel::~DataPanel() = default;

std::shared_ptr<const DatasetBrowser> DataPanel::dataset() const { return impl_->model.dataset(); }

void DataPanel::chooseFolder() {
  const QString source = QString::fromStdString(impl_->key.source);
  const QString start = QFileInfo(source).isDir() ? source : QDir::homePath();
  if (const auto folder = askFolder(this, tr("Open a folder of images"), start)) {
    impl_->take(*folder);
  }
}

bool DataPanel::isBusy() const {
  return impl_->opening.isBusy() || impl_->editPause.isActive() || impl_->filters->isTyping() ||
         impl_->filtering.isBusy() || impl_->facts->isBusy() || impl_->model.loader().isBusy() ||
         (impl_->grid->isVisible() && !impl_->grid->isPainted());
}

void DataPanel::dragEnterEvent(QDragEnterEvent* event) {
  if (!droppedFolder(event->mimeData()).isEmpty()) {
    event->acceptProposedAction();
  }
}

void DataPanel::dropEvent(QDropEvent* event) {
  if (const QString folder = droppedFolder(event->mimeData()); !folder.isEmpty()) {
    event->acceptProposedAction();
    impl_->take(folder);
  }
}

}  // namespace barlow::ui
