#include "ui/inspector/view_controls.h"

#include "core/base/error.h"
#include "ui/inspector/number_box.h"
#include "ui/inspector/transformed_values.h"
#include "ui/plots/color_limits_bar.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPixmap>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kMostLimit = 1e6;
constexpr double kLeastThreshold = 1e-6;
constexpr double kLeastGamma = 0.05;  // beyond these two nearly all values have one colour
constexpr double kMostGamma = 10;
constexpr QSize kSwatch{56, 12};

template <class T>
int number(T value) {
  return static_cast<int>(value);
}

void choose(QComboBox& box, int value) {
  const QSignalBlocker blocker(box);
  box.setCurrentIndex(box.findData(value));
}

void showNumber(NumberBox& box, float value) {
  const QSignalBlocker blocker(box);
  box.setValue(static_cast<double>(value));
}

QPixmap swatch(ColorMapName name, bool isReversed, qreal ratio) {
  const auto& steps = colorSteps(name, isReversed);
  QImage line(kSwatch.width(), 1, QImage::Format_RGB32);
  for (int x = 0; x < line.width(); ++x) {
    const int step = x * (kColorSteps - 1) / (line.width() - 1);
    line.setPixel(x, 0, steps[static_cast<std::size_t>(step)]);
  }
  QPixmap pixmap = QPixmap::fromImage(line.scaled(kSwatch * ratio));
  pixmap.setDevicePixelRatio(ratio);
  return pixmap;
}

DiagonalStyle nextOf(DiagonalStyle style) {
  return style == DiagonalStyle::Shown    ? DiagonalStyle::Dimmed
         : style == DiagonalStyle::Dimmed ? DiagonalStyle::Hidden
                                          : DiagonalStyle::Shown;
}

}  // namespace

ViewControls::ViewControls(QWidget* parent)
    : QWidget(parent), diagonalAction_(new QAction(tr("Show, dim or hide the diagonal"), this)) {
  diagonalAction_->setObjectName(QStringLiteral("diagonalAction"));
  diagonalAction_->setShortcut(Qt::Key_D);
  addAction(diagonalAction_);
  connect(diagonalAction_, &QAction::triggered, this, [this] {
    edit(tr("Diagonal"), [](RenderSettings& next) { next.diagonal = nextOf(next.diagonal); });
  });
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(kGap);
  const auto addSection = [&](const QString& title) {
    column->addWidget(makeLabel(title, TextRole::Heading, this));
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(kGap);
    form->setVerticalSpacing(kGap / 2);
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    column->addLayout(form);
    return form;
  };
  addCells(*addSection(tr("Cells")));
  addColors(*addSection(tr("Colours")));
  addLimits(*addSection(tr("Colour limits")));
  problem_ = makeLabel({}, TextRole::Quiet, this);
  problem_->setObjectName(QStringLiteral("limitsProblem"));
  problem_->hide();
  column->addWidget(problem_);
  column->addStretch(1);
  setAccessibleName(tr("How the matrix is shown"));
  setLevels(0);
  showMaps();
  showSettings();
}

QComboBox* ViewControls::makeChoice(QFormLayout& form,
                                    const QString& name,
                                    const QString& objectName) {
  auto* box = new QComboBox(this);
  box->setObjectName(objectName);
  box->setAccessibleName(name);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setMinimumContentsLength(8);
  box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  form.addRow(name, box);
  return box;
}

void ViewControls::addCells(QFormLayout& form) {
  reduction_ = makeChoice(form, tr("Reduce by"), QStringLiteral("reductionChoice"));
  reduction_->setToolTip(
      tr("How several entries become one cell of the picture: the strongest one, their mean, or "
         "their root mean square. Peak never loses the diagonal."));
  reduction_->addItem(tr("Peak"), number(Reduction::Peak));
  reduction_->addItem(tr("Mean"), number(Reduction::Mean));
  reduction_->addItem(tr("RMS"), number(Reduction::Rms));
  connect(reduction_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<Reduction>(reduction_->currentData().toInt());
    edit(tr("Reduction"), [&](RenderSettings& next) { next.reduction = value; });
  });
  transform_ = makeChoice(form, tr("Show"), QStringLiteral("transformChoice"));
  transform_->setToolTip(
      tr("What is coloured: the correlation itself, its size, its square, or what a cell adds to "
         "the loss: (1 - C_ii)² on the diagonal, lambda C_ij² elsewhere."));
  transform_->addItem(tr("C"), number(ValueTransform::Value));
  transform_->addItem(tr("|C|"), number(ValueTransform::Absolute));
  transform_->addItem(tr("C²"), number(ValueTransform::Square));
  transform_->addItem(tr("Contribution to the loss"), number(ValueTransform::LossContribution));
  connect(transform_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<ValueTransform>(transform_->currentData().toInt());
    edit(tr("Shown value"), [&](RenderSettings& next) { next.transform = value; });
    showHistograms();
  });
  diagonal_ = makeChoice(form, tr("Diagonal"), QStringLiteral("diagonalChoice"));
  diagonal_->setToolTip(
      tr("Dim or hide the diagonal to see the much smaller values beside it. Key: D."));
  diagonal_->addItem(tr("Shown"), number(DiagonalStyle::Shown));
  diagonal_->addItem(tr("Dimmed"), number(DiagonalStyle::Dimmed));
  diagonal_->addItem(tr("Hidden"), number(DiagonalStyle::Hidden));
  connect(diagonal_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<DiagonalStyle>(diagonal_->currentData().toInt());
    edit(tr("Diagonal"), [&](RenderSettings& next) { next.diagonal = value; });
  });
  blocks_ = makeChoice(form, tr("Blocks"), QStringLiteral("blocksChoice"));
  blocks_->setToolTip(
      tr("Cells of at least this many entries on a side, also where there is room for more: to "
         "compare blocks of dimensions."));
  connect(blocks_, &QComboBox::currentIndexChanged, this, [this] {
    const int value = blocks_->currentData().toInt();
    edit(tr("Block size"), [&](RenderSettings& next) { next.coarsestLevel = value; });
  });
}

void ViewControls::addColors(QFormLayout& form) {
  map_ = makeChoice(form, tr("Map"), QStringLiteral("mapChoice"));
  map_->setIconSize(kSwatch);
  for (const ColorMapName name : colorMapNames()) {
    map_->addItem(
        QString::fromUtf8(toText(name).data(), static_cast<qsizetype>(toText(name).size())),
        number(name));
  }
  connect(map_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<ColorMapName>(map_->currentData().toInt());
    edit(tr("Colour map"), [&](RenderSettings& next) { next.color.map = value; });
  });
  reversed_ = new QCheckBox(tr("Reversed"), this);
  reversed_->setObjectName(QStringLiteral("reversedCheck"));
  form.addRow(QString(), reversed_);
  connect(reversed_, &QCheckBox::toggled, this, [this](bool isReversed) {
    edit(tr("Colour map"), [&](RenderSettings& next) { next.color.isReversed = isReversed; });
    showMaps();
  });
  scale_ = makeChoice(form, tr("Scale"), QStringLiteral("scaleChoice"));
  scale_->setToolTip(
      tr("How values are spread over the colours. Symmetric log and a gamma below 1 give small "
         "values more colours."));
  scale_->addItem(tr("Linear"), number(ScaleKind::Linear));
  scale_->addItem(tr("Symmetric log"), number(ScaleKind::SymmetricLog));
  scale_->addItem(tr("Gamma"), number(ScaleKind::Gamma));
  connect(scale_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<ScaleKind>(scale_->currentData().toInt());
    edit(tr("Colour scale"), [&](RenderSettings& next) { next.color.scale = value; });
  });
  scaleNumber_ = new NumberBox(kLeastThreshold, kMostLimit, this);
  scaleNumber_->setObjectName(QStringLiteral("scaleNumber"));
  scaleName_ = new QLabel(this);
  scaleName_->setBuddy(scaleNumber_);
  form.addRow(scaleName_, scaleNumber_);
  connect(scaleNumber_, &QDoubleSpinBox::valueChanged, this, [this](double value) {
    edit(tr("Colour scale"), [&](RenderSettings& next) {
      (next.color.scale == ScaleKind::Gamma ? next.color.gamma : next.color.linearThreshold) =
          static_cast<float>(value);
    });
  });
}

void ViewControls::addLimits(QFormLayout& form) {
  auto* numbers = new QHBoxLayout;
  numbers->setSpacing(kGap / 2);
  const auto makeLimit = [&](const QString& name, const QString& objectName, bool isHigh) {
    auto* box = new NumberBox(-kMostLimit, kMostLimit, this);
    box->setObjectName(objectName);
    box->setAccessibleName(name);
    box->setToolTip(name);
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, isHigh] { editLimit(isHigh); });
    numbers->addWidget(box, 1);
    return box;
  };
  low_ = makeLimit(tr("Lower colour limit"), QStringLiteral("lowLimit"), false);
  numbers->addWidget(new QLabel(tr("to"), this));
  high_ = makeLimit(tr("Upper colour limit"), QStringLiteral("highLimit"), true);
  form.addRow(tr("From"), numbers);
  symmetric_ = new QCheckBox(tr("Symmetric about zero"), this);
  symmetric_->setObjectName(QStringLiteral("symmetricCheck"));
  symmetric_->setToolTip(
      tr("Zero keeps the middle colour: moving one limit moves the other one too."));
  form.addRow(QString(), symmetric_);
  connect(symmetric_, &QCheckBox::toggled, this, &ViewControls::setSymmetric);

  rules_ = new QWidget(this);
  auto* grid = new QGridLayout(rules_);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(kGap / 2);
  grid->addWidget(makeRule(tr("-1 to 1"),
                           tr("The whole range of correlations: colours mean the same always."),
                           LimitsRule::Fixed),
                  0,
                  0);
  grid->addWidget(
      makeRule(tr("Min to max"), tr("All values, none clipped."), LimitsRule::MinMax), 0, 1);
  grid->addWidget(
      makeRule(tr("3 sigma"), tr("Three times the RMS off-diagonal."), LimitsRule::ThreeSigma),
      0,
      2);
  auto* share = makeRule(tr("Percentile"),
                         tr("The magnitude that this share of the off-diagonal cells are below."),
                         LimitsRule::OffDiagonalShare);
  percentile_ = new NumberBox(1, 100, rules_);
  percentile_->setObjectName(QStringLiteral("percentile"));
  percentile_->setAccessibleName(tr("Percentile of the off-diagonal cells"));
  percentile_->setSuffix(tr(" %"));
  percentile_->setStepType(QAbstractSpinBox::DefaultStepType);
  percentile_->setSingleStep(0.5);
  percentile_->setValue(99);
  connect(percentile_, &QDoubleSpinBox::valueChanged, this, [this] {
    applyRule(LimitsRule::OffDiagonalShare);
  });
  grid->addWidget(share, 1, 0);
  grid->addWidget(percentile_, 1, 1);
  form.addRow(tr("By rule"), rules_);
}

QToolButton* ViewControls::makeRule(const QString& text, const QString& tip, LimitsRule rule) {
  auto* button = new QToolButton(rules_);
  button->setObjectName(QStringLiteral("rule%1").arg(number(rule)));
  button->setText(text);
  button->setToolTip(tip);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(button, &QToolButton::clicked, this, [this, rule] { applyRule(rule); });
  return button;
}

void ViewControls::setSettings(const RenderSettings& settings) {
  const ColorScale check(settings.color);  // throws before anything is changed
  settings_ = settings;
  dragStart_.reset();
  isSymmetric_ = isSymmetric_ && settings.color.low == -settings.color.high;
  showMaps();
  showLevels();
  showSettings();
  showHistograms();
}

void ViewControls::setStatistics(std::shared_ptr<const MatrixStatistics> statistics) {
  statistics_ = std::move(statistics);
  showHistograms();
  showSettings();
}

void ViewControls::setLevels(int levels) {
  levels_ = levels;
  showLevels();
}

void ViewControls::connectBar(ColorLimitsBar* bar) {
  bar_ = bar;
  connect(bar, &ColorLimitsBar::limitsChanged, this, &ViewControls::dragLimits);
  connect(bar, &ColorLimitsBar::limitsCommitted, this, &ViewControls::commitLimits);
  showSettings();
  showHistograms();
}

// Takes what ColorScale can show, else says why not.
bool ViewControls::take(RenderSettings next) {
  QString problem;
  try {
    const ColorScale check(next.color);
    settings_ = next;
  } catch (const Exception& error) {
    problem = QString::fromStdString(error.info().message);
  }
  problem_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
  showSettings();
  return problem.isEmpty();
}

void ViewControls::edit(const QString& what, const Change& change) {
  const RenderSettings before = settings_;
  RenderSettings after = before;
  change(after);
  if (after != before && take(after)) {
    Q_EMIT settingsChanged(settings_);
    Q_EMIT changed(before, settings_, what);
  }
}

void ViewControls::editLimit(bool isHigh) {
  const auto value = static_cast<float>((isHigh ? high_ : low_)->value());
  edit(tr("Colour limits"), [&](RenderSettings& next) {
    (isHigh ? next.color.high : next.color.low) = value;
    if (isSymmetric_) {
      next.color.high = std::abs(value);
      next.color.low = -std::abs(value);
    }
  });
}

void ViewControls::applyRule(LimitsRule rule) {
  const bool isFixed = rule == LimitsRule::Fixed;
  if (!isFixed && !statistics_) {
    return;
  }
  const LimitsRule wanted =
      rule == LimitsRule::MinMax && isSymmetric_ ? LimitsRule::MinMaxSymmetric : rule;
  ColorLimits limits;
  if (!isFixed) {
    limits = transformedLimits(limitsBy(*statistics_, wanted, percentile_->value() / 100),
                               settings_.transform,
                               statistics_->origin.lambda);
  }
  edit(tr("Colour limits"), [&](RenderSettings& next) {
    next.color.low = limits.low;
    next.color.high = limits.high;
  });
}

void ViewControls::dragLimits(float low, float high) {
  if (!dragStart_) {
    dragStart_ = settings_;
  }
  RenderSettings next = settings_;
  next.color.low = low;
  next.color.high = high;
  if (take(next)) {
    Q_EMIT settingsChanged(settings_);
  }
}

void ViewControls::commitLimits() {
  const auto before = std::exchange(dragStart_, std::nullopt);
  if (before && *before != settings_) {
    Q_EMIT changed(*before, settings_, tr("Colour limits"));
  }
}

void ViewControls::setSymmetric(bool isSymmetric) {
  isSymmetric_ = isSymmetric;
  if (isSymmetric) {
    edit(tr("Colour limits"), [](RenderSettings& next) {
      const float size = std::max(std::abs(next.color.low), std::abs(next.color.high));
      next.color.low = -size;
      next.color.high = size;
    });
  }
  showSettings();
}

void ViewControls::showSettings() {
  choose(*reduction_, number(settings_.reduction));
  choose(*transform_, number(settings_.transform));
  choose(*diagonal_, number(settings_.diagonal));
  choose(*blocks_, settings_.coarsestLevel);
  choose(*map_, number(settings_.color.map));
  choose(*scale_, number(settings_.color.scale));
  const QSignalBlocker reversedBlocker(reversed_);
  const QSignalBlocker symmetricBlocker(symmetric_);
  reversed_->setChecked(settings_.color.isReversed);
  symmetric_->setChecked(isSymmetric_);
  showNumber(*low_, settings_.color.low);
  showNumber(*high_, settings_.color.high);
  const bool isGamma = settings_.color.scale == ScaleKind::Gamma;
  scaleName_->setText(isGamma ? tr("Exponent") : tr("Threshold"));
  scaleName_->setEnabled(settings_.color.scale != ScaleKind::Linear);
  {
    const QSignalBlocker blocker(scaleNumber_);
    scaleNumber_->setRange(isGamma ? kLeastGamma : kLeastThreshold,
                           isGamma ? kMostGamma : kMostLimit);
  }
  showNumber(*scaleNumber_, isGamma ? settings_.color.gamma : settings_.color.linearThreshold);
  scaleNumber_->setEnabled(settings_.color.scale != ScaleKind::Linear);
  const QString name = isGamma ? tr("Exponent: below 1 spreads the small values")
                               : tr("Threshold: about linear below this value");
  scaleNumber_->setAccessibleName(name);
  scaleNumber_->setToolTip(name);
  for (auto* rule : rules_->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
    const bool isFixed =
        rule->objectName() == QStringLiteral("rule%1").arg(number(LimitsRule::Fixed));
    rule->setEnabled(isFixed || statistics_ != nullptr);
  }
  if (bar_) {
    bar_->setSymmetric(isSymmetric_);
    bar_->setColor(settings_.color);
  }
}

void ViewControls::showMaps() {
  for (int i = 0; i < map_->count(); ++i) {
    const auto name = static_cast<ColorMapName>(map_->itemData(i).toInt());
    map_->setItemIcon(i, swatch(name, settings_.color.isReversed, devicePixelRatioF()));
  }
}

void ViewControls::showLevels() {
  const QSignalBlocker blocker(blocks_);
  blocks_->clear();
  blocks_->addItem(tr("As fine as the zoom needs"), 0);
  for (int level = 1; level < std::max(levels_, settings_.coarsestLevel + 1); ++level) {
    const bool isOffered = level % 2 == 0 || level == settings_.coarsestLevel;
    if (isOffered) {
      const auto side = QLocale().toString(1 << level);
      blocks_->addItem(tr("%1 x %1 entries").arg(side), level);
    }
  }
  choose(*blocks_, settings_.coarsestLevel);
}

void ViewControls::showHistograms() {
  if (!bar_) {
    return;
  }
  if (!statistics_) {
    bar_->setHistograms({}, {});
    return;
  }
  const auto shown = [this](const Histogram& histogram, CellPart part) {
    return transformedHistogram(histogram, settings_.transform, statistics_->origin.lambda, part);
  };
  bar_->setHistograms(statistics_->diagonal.empty()
                          ? Histogram{}
                          : shown(statistics_->diagonalHistogram, CellPart::Diagonal),
                      shown(statistics_->offDiagonalHistogram, CellPart::OffDiagonal));
}

}  // namespace barlow::ui
