#include "ui/panels/augment_panel.h"

#include "core/studio/augment_preview.h"
#include "ui/bridge/background_job.h"
#include "ui/forms/config_form.h"
#include "ui/forms/number_box.h"
#include "ui/plots/crop_view.h"
#include "ui/plots/image_convert.h"
#include "ui/plots/view_pair_strip.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAction>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QScrollArea>
#include <QTabWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace barlow::ui {
namespace {

struct Shown {
  std::shared_ptr<const RgbImage> image;
  SampleViews sample;
};

QWidget* scrolling(QWidget* content) {
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  return scroll;
}

}  // namespace

struct AugmentPanel::Impl {
  AugmentPanel* panel;
  Experiment& experiment;
  std::shared_ptr<const DatasetBrowser> dataset;
  std::int64_t index = 0;
  std::int64_t draw = 0;                    // the epoch whose values are drawn
  std::shared_ptr<const RgbImage> decoded;  // of `index`; null until it was read
  BackgroundJob job;

  CropView* source;
  CropView* viewA;
  CropView* viewB;
  QLabel* smallTitle;
  QWidget* smallArea;
  std::vector<CropView*> smallCrops;
  QLabel* wordsA;
  QLabel* wordsB;
  ElidedLabel* caption;
  QLabel* drawText;
  QSpinBox* seed;
  QLabel* runningNote;
  QTabWidget* branchTabs;
  std::vector<ConfigForm*> forms;
  std::vector<QAction*> actions;

  Impl(AugmentPanel* owner, Experiment& shared) : panel(owner), experiment(shared) {}

  QAction* addAction(const char* name,
                     const QString& text,
                     const QString& keys,
                     const QString& help,
                     void (AugmentPanel::*slot)());
  QWidget* makeBar();
  QWidget* makePictures();
  QWidget* makeForms();
  void refresh();
  void show(const Shown& shown);
  void showSmallCrops(const SampleViews& sample, bool flipLast);
  void showError(const QString& text);
  void showCaption();
};

QAction* AugmentPanel::Impl::addAction(const char* name,
                                       const QString& text,
                                       const QString& keys,
                                       const QString& help,
                                       void (AugmentPanel::*slot)()) {
  auto* action = new QAction(text, panel);
  action->setObjectName(QString::fromLatin1(name));
  action->setShortcut(QKeySequence(keys));
  action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  action->setToolTip(QStringLiteral("%1 (%2)").arg(help, keys));
  QObject::connect(action, &QAction::triggered, panel, slot);
  panel->addAction(action);
  actions.push_back(action);
  return action;
}

QWidget* AugmentPanel::Impl::makeBar() {
  auto* bar = new QWidget(panel);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kGap);
  const auto addButton = [&](QAction* action) {
    auto* button = new QToolButton(bar);
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::StrongFocus);
    button->setMinimumSize(76, 32);
    button->setObjectName(action->objectName() + QStringLiteral("Button"));
    row->addWidget(button);
  };
  addButton(addAction("previousImage",
                      tr("Previous"),
                      QStringLiteral("P"),
                      tr("The image before"),
                      &AugmentPanel::previousImage));
  addButton(addAction("nextImage",
                      tr("Next"),
                      QStringLiteral("N"),
                      tr("The image after"),
                      &AugmentPanel::nextImage));
  caption = new ElidedLabel(bar, Qt::ElideRight);
  caption->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  row->addSpacing(kGap);
  row->addWidget(caption, 1);
  drawText = makeLabel({}, TextRole::Quiet, bar);
  drawText->setWordWrap(false);
  row->addWidget(drawText);
  addButton(addAction("reroll",
                      tr("Re-roll"),
                      QStringLiteral("R"),
                      tr("Draws again, as the next epoch will"),
                      &AugmentPanel::reroll));
  auto* label = new QLabel(tr("S&eed"), bar);
  seed = new WholeBox(bar);
  seed->setObjectName(QStringLiteral("previewSeed"));
  seed->setAccessibleName(tr("Seed of the run"));
  seed->setToolTip(tr("The run's seed decides every draw, together with epoch, image and view."));
  seed->setRange(0, std::numeric_limits<int>::max());
  label->setBuddy(seed);
  row->addSpacing(kGap);
  row->addWidget(label);
  row->addWidget(seed);
  QObject::connect(seed, &QSpinBox::valueChanged, panel, [this](int value) {
    RunConfig config = experiment.config();
    config.run.seed = value;
    experiment.setConfig(config);
  });
  return bar;
}

QWidget* AugmentPanel::Impl::makePictures() {
  auto* pictures = new QWidget(panel);
  const auto makeView = [&](const QString& title,
                            const char* name,
                            const char* wordsName,
                            CropView*& view,
                            QLabel*& words) {
    view = new CropView(pictures);
    view->setObjectName(QString::fromLatin1(name));
    view->setAccessibleName(title);
    words = makeLabel({}, TextRole::Quiet, pictures);
    words->setObjectName(QString::fromLatin1(wordsName));
    words->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    words->setMinimumHeight(3 * words->fontMetrics().lineSpacing());
    auto* column = new QVBoxLayout;
    column->setSpacing(kGap);
    column->addWidget(makeLabel(title, TextRole::Heading, pictures));
    column->addWidget(view, 1);
    column->addWidget(words);
    return column;
  };
  QLabel* note = nullptr;
  auto* left = makeView(tr("Image and both crops"), "sourceImage", "sourceNote", source, note);
  note->setText(tr(
      "Every epoch draws new crops and colours. The network sees only the views, and learns what "
      "both have in common."));
  auto* right = new QVBoxLayout;
  right->setSpacing(kGap);
  right->addLayout(makeView(tr("View A"), "viewA", "wordsA", viewA, wordsA), 1);
  right->addLayout(makeView(tr("View B"), "viewB", "wordsB", viewB, wordsB), 1);
  smallTitle = makeLabel(tr("Small crops"), TextRole::Heading, pictures);
  smallArea = new QWidget(pictures);
  smallArea->setFixedHeight(64);
  auto* crops = new QHBoxLayout(smallArea);
  crops->setContentsMargins(0, 0, 0, 0);
  crops->setSpacing(4);
  right->addWidget(smallTitle);
  right->addWidget(smallArea);
  smallTitle->hide();
  smallArea->hide();
  auto* row = new QHBoxLayout(pictures);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(kMargin);
  row->addLayout(left, 5);
  row->addLayout(right, 4);
  return pictures;
}

QWidget* AugmentPanel::Impl::makeForms() {
  auto* side = new QWidget(panel);
  side->setFixedWidth(360);
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  runningNote = makeLabel(ConfigForm::runningText(), TextRole::Quiet, side);
  runningNote->setObjectName(QStringLiteral("augmentRunningNote"));
  runningNote->hide();
  column->addWidget(runningNote);
  forms.push_back(new ConfigForm(
      experiment, {QStringLiteral("augment."), QStringLiteral("data.image_size")}, side));
  column->addWidget(forms.back());
  auto* tabs = new QTabWidget(side);
  tabs->setObjectName(QStringLiteral("branchTabs"));
  tabs->setDocumentMode(true);
  for (const auto& [section, title] :
       {std::pair{QStringLiteral("augment.a."), tr("View A")},
        std::pair{QStringLiteral("augment.b."), tr("View B")},
        std::pair{QStringLiteral("augment.small."), tr("Small crops")}}) {
    auto* form = new ConfigForm(experiment, {section});
    form->setMoreShown(true);
    form->setContentsMargins(0, kGap, 0, 0);
    forms.push_back(form);
    tabs->addTab(scrolling(form), title);
  }
  column->addWidget(tabs, 1);
  branchTabs = tabs;
  return side;
}

void AugmentPanel::Impl::refresh() {
  showCaption();
  branchTabs->setTabVisible(2, experiment.config().augment.smallCrops > 0);
  for (QAction* action : actions) {
    action->setEnabled(dataset != nullptr && dataset->size() > 0);
  }
  if (!dataset || dataset->size() == 0) {
    job.cancel();
    showError(tr("Choose a data set in the Data workspace first."));
    return;
  }
  const AugmentParams params = experiment.config().augment;
  const int side = experiment.config().data.imageSize;
  const PreviewKey key{.seed = experiment.config().run.seed, .epoch = draw, .sample = index};
  job.run(
      [set = dataset, image = decoded, params, side, key](std::stop_token) {
        Shown shown{.image = image, .sample = {}};
        if (!shown.image) {
          const Result<RgbImage> read = set->image(key.sample);
          if (!read) {
            throw Exception(read.error());
          }
          shown.image = std::make_shared<const RgbImage>(*read);
        }
        shown.sample = previewViews(*shown.image, params, side, key);
        return shown;
      },
      [this](JobResult<Shown> result) {
        if (const auto* error = std::get_if<ErrorInfo>(&result)) {
          showError(QString::fromStdString(error->message));
        } else {
          show(std::get<Shown>(result));
        }
        Q_EMIT panel->previewShown();
      });
}

void AugmentPanel::Impl::show(const Shown& shown) {
  if (decoded != shown.image) {
    decoded = shown.image;
    source->setImage(toQImage(*decoded));
  }
  const auto& views = shown.sample.views;
  const bool flipLast = experiment.config().augment.flipLast;
  std::vector<ViewPlan::Crop> small;
  for (std::size_t view = 2; view < views.size(); ++view) {
    small.push_back(views[view].plan.crop);
  }
  source->setCrops(views[0].plan.crop, views[1].plan.crop, std::move(small));
  viewA->setImage(toQImage(views[0].image));
  viewB->setImage(toQImage(views[1].image));
  wordsA->setText(describePlan(views[0].plan, flipLast));
  wordsB->setText(describePlan(views[1].plan, flipLast));
  showSmallCrops(shown.sample, flipLast);
}

// One picture each, what was drawn for it as its tool tip.
void AugmentPanel::Impl::showSmallCrops(const SampleViews& sample, bool flipLast) {
  const std::size_t count = sample.views.size() - std::min<std::size_t>(2, sample.views.size());
  while (smallCrops.size() > count) {
    delete smallCrops.back();
    smallCrops.pop_back();
  }
  while (smallCrops.size() < count) {
    auto* view = new CropView(smallArea);
    view->setMinimumSize(24, 24);
    view->setObjectName(QStringLiteral("smallCrop%1").arg(smallCrops.size()));
    view->setAccessibleName(tr("Small crop %1").arg(smallCrops.size() + 1));
    smallArea->layout()->addWidget(view);
    smallCrops.push_back(view);
  }
  for (std::size_t i = 0; i < count; ++i) {
    smallCrops[i]->setImage(toQImage(sample.views[2 + i].image));
    smallCrops[i]->setToolTip(wrappedTip(describePlan(sample.views[2 + i].plan, flipLast)));
  }
  smallTitle->setVisible(count > 0);
  smallArea->setVisible(count > 0);
}

void AugmentPanel::Impl::showError(const QString& text) {
  decoded.reset();
  for (CropView* view : {source, viewA, viewB}) {
    view->setImage({});
    view->setEmptyText(view == source ? text : QString());
  }
  source->setCrops(std::nullopt, std::nullopt);
  wordsA->clear();
  wordsB->clear();
  showSmallCrops({}, false);
}

void AugmentPanel::Impl::showCaption() {
  drawText->setText(tr("draw %1").arg(QLocale().toString(static_cast<qlonglong>(draw + 1))));
  if (!dataset || dataset->size() == 0) {
    caption->clear();
    return;
  }
  const QLocale locale;
  QStringList parts{tr("image %1 of %2")
                        .arg(locale.toString(static_cast<qlonglong>(index + 1)),
                             locale.toString(static_cast<qlonglong>(dataset->size())))};
  const int label = dataset->label(index);
  if (label >= 0) {
    parts << QString::fromStdString(dataset->classNames().at(static_cast<std::size_t>(label)));
  }
  const QString name = QString::fromStdString(dataset->name(index));
  parts << QFileInfo(name).fileName();
  caption->setText(parts.join(QStringLiteral("  ·  ")));
  caption->setToolTip(plainTip(name));
}

AugmentPanel::AugmentPanel(Experiment& experiment, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(this, experiment)) {
  auto* left = new QVBoxLayout;
  left->setSpacing(kWideGap);
  left->addWidget(impl_->makeBar());
  left->addWidget(impl_->makePictures(), 1);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(kMargin, kWideGap, kMargin, kGap);
  row->setSpacing(kMargin);
  row->addLayout(left, 1);
  row->addWidget(impl_->makeForms());
  connect(&experiment, &Experiment::changed, this, [this] {
    const QSignalBlocker quiet(impl_->seed);
    impl_->seed->setValue(static_cast<int>(
        std::min<std::int64_t>(impl_->experiment.config().run.seed, impl_->seed->maximum())));
    impl_->refresh();
  });
  impl_->seed->setValue(static_cast<int>(
      std::min<std::int64_t>(experiment.config().run.seed, impl_->seed->maximum())));
  impl_->refresh();
}

AugmentPanel::~AugmentPanel() = default;

void AugmentPanel::setDataset(std::shared_ptr<const DatasetBrowser> dataset) {
  if (dataset == impl_->dataset) {
    return;
  }
  impl_->dataset = std::move(dataset);
  impl_->index = 0;
  impl_->decoded.reset();
  impl_->refresh();
}

void AugmentPanel::showImage(std::int64_t index) {
  if (!impl_->dataset || index < 0 || index >= impl_->dataset->size() || index == impl_->index) {
    return;
  }
  impl_->index = index;
  impl_->decoded.reset();
  impl_->refresh();
}

std::int64_t AugmentPanel::imageIndex() const { return impl_->index; }
bool AugmentPanel::isBusy() const { return impl_->job.isBusy(); }

void AugmentPanel::setRunning(bool isRunning) {
  impl_->runningNote->setVisible(isRunning);
  impl_->seed->setEnabled(!isRunning);
  for (ConfigForm* form : impl_->forms) {
    form->setRunning(isRunning);
  }
}

void AugmentPanel::reroll() {
  ++impl_->draw;
  impl_->refresh();
}

void AugmentPanel::nextImage() { showImage(impl_->index + 1); }
void AugmentPanel::previousImage() { showImage(impl_->index - 1); }

}  // namespace barlow::ui
