// The controls of DisplayControls and what each of them edits; the rest is in display_controls.cpp.
#include "ui/forms/number_box.h"
#include "ui/inspector/display_controls.h"
#include "ui/theme/theme.h"
#include "ui/theme/tool_tip.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

#include <string_view>

namespace barlow::ui {
namespace {

template <class T>
void offer(QComboBox& box, const QString& text, T value) {
  box.addItem(text, static_cast<int>(value));
}

DiagonalStyle nextOf(DiagonalStyle style) {
  return style == DiagonalStyle::Shown    ? DiagonalStyle::Dimmed
         : style == DiagonalStyle::Dimmed ? DiagonalStyle::Hidden
                                          : DiagonalStyle::Shown;
}

}  // namespace

DisplayControls::DisplayControls(QWidget* parent)
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

QComboBox* DisplayControls::makeChoice(QFormLayout& form,
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

void DisplayControls::addCells(QFormLayout& form) {
  reduction_ = makeChoice(form, tr("Reduce by"), QStringLiteral("reductionChoice"));
  reduction_->setToolTip(wrappedTip(
      tr("How several entries become one cell of the picture: the strongest one, their mean, or "
         "their root mean square. Peak never loses the diagonal.")));
  offer(*reduction_, tr("Peak"), Reduction::Peak);
  offer(*reduction_, tr("Mean"), Reduction::Mean);
  offer(*reduction_, tr("RMS"), Reduction::Rms);
  connect(reduction_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<Reduction>(reduction_->currentData().toInt());
    edit(tr("Reduction"), [&](RenderSettings& next) { next.reduction = value; });
  });
  transform_ = makeChoice(form, tr("Show"), QStringLiteral("transformChoice"));
  transform_->setToolTip(wrappedTip(
      tr("What is coloured: the correlation itself, its size, its square, or what a cell adds to "
         "the loss: (1 - C_ii)² on the diagonal, lambda C_ij² elsewhere.")));
  offer(*transform_, tr("C"), ValueTransform::Value);
  offer(*transform_, tr("|C|"), ValueTransform::Absolute);
  offer(*transform_, tr("C²"), ValueTransform::Square);
  offer(*transform_, tr("Contribution to the loss"), ValueTransform::LossContribution);
  connect(transform_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<ValueTransform>(transform_->currentData().toInt());
    edit(tr("Shown value"), [&](RenderSettings& next) { next.transform = value; });
    showHistograms();
  });
  diagonal_ = makeChoice(form, tr("Diagonal"), QStringLiteral("diagonalChoice"));
  diagonal_->setToolTip(
      wrappedTip(tr("Dim or hide the diagonal to see the much smaller values beside it. Key: D.")));
  offer(*diagonal_, tr("Shown"), DiagonalStyle::Shown);
  offer(*diagonal_, tr("Dimmed"), DiagonalStyle::Dimmed);
  offer(*diagonal_, tr("Hidden"), DiagonalStyle::Hidden);
  connect(diagonal_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<DiagonalStyle>(diagonal_->currentData().toInt());
    edit(tr("Diagonal"), [&](RenderSettings& next) { next.diagonal = value; });
  });
  blocks_ = makeChoice(form, tr("Blocks"), QStringLiteral("blocksChoice"));
  blocks_->setToolTip(wrappedTip(
      tr("Cells of at least this many entries on a side, also where there is room for more: to "
         "compare blocks of dimensions.")));
  connect(blocks_, &QComboBox::currentIndexChanged, this, [this] {
    const int value = blocks_->currentData().toInt();
    edit(tr("Block size"), [&](RenderSettings& next) { next.coarsestLevel = value; });
  });
}

void DisplayControls::addColors(QFormLayout& form) {
  map_ = makeChoice(form, tr("Map"), QStringLiteral("mapChoice"));
  for (const ColorMapName name : colorMapNames()) {
    const std::string_view text = toText(name);
    offer(*map_, QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), name);
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
  scale_->setToolTip(wrappedTip(
      tr("How values are spread over the colours. Symmetric log and a gamma below 1 give small "
         "values more colours.")));
  offer(*scale_, tr("Linear"), ScaleKind::Linear);
  offer(*scale_, tr("Symmetric log"), ScaleKind::SymmetricLog);
  offer(*scale_, tr("Gamma"), ScaleKind::Gamma);
  connect(scale_, &QComboBox::currentIndexChanged, this, [this] {
    const auto value = static_cast<ScaleKind>(scale_->currentData().toInt());
    edit(tr("Colour scale"), [&](RenderSettings& next) { next.color.scale = value; });
  });
  scaleNumber_ = new NumberBox(0, kMostLimit, this);
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

void DisplayControls::addLimits(QFormLayout& form) {
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
      wrappedTip(tr("Zero keeps the middle colour: moving one limit moves the other one too.")));
  form.addRow(QString(), symmetric_);
  connect(symmetric_, &QCheckBox::toggled, this, &DisplayControls::setSymmetric);

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

QToolButton* DisplayControls::makeRule(const QString& text, const QString& tip, LimitsRule rule) {
  auto* button = new QToolButton(rules_);
  button->setObjectName(QStringLiteral("rule%1").arg(static_cast<int>(rule)));
  button->setText(text);
  button->setToolTip(wrappedTip(tip));
  button->setFocusPolicy(Qt::StrongFocus);
  button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(button, &QToolButton::clicked, this, [this, rule] { applyRule(rule); });
  return button;
}

}  // namespace barlow::ui
