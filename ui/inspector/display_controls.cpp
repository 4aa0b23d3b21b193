#include "ui/inspector/display_controls.h"

#include "core/base/error.h"
#include "ui/forms/number_box.h"
#include "ui/inspector/transformed_values.h"
#include "ui/plots/color_limits_bar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPixmap>
#include <QSignalBlocker>
#include <QStandardItemModel>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <utility>

namespace barlow::ui {
namespace {

constexpr double kLeastThreshold = 1e-6;
constexpr double kLeastGamma = 0.05;  // beyond these two nearly all values
constexpr double kMostGamma = 10;     // have one colour
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

}  // namespace

void DisplayControls::setSettings(const RenderSettings& settings) {
  const ColorScale check(settings.color);  // throws before anything is changed
  settings_ = settings;
  dragStart_.reset();
  isSymmetric_ = isSymmetric_ && settings.color.low == -settings.color.high;
  showMaps();
  showLevels();
  showSettings();
  showHistograms();
}

void DisplayControls::setStatistics(std::shared_ptr<const MatrixStatistics> statistics) {
  statistics_ = std::move(statistics);
  // Of a run with another objective the cells add nothing to the loss.
  const bool hasLoss = !statistics_ || statistics_->origin.lambda > 0;
  auto* choices = qobject_cast<QStandardItemModel*>(transform_->model());
  choices->item(transform_->findData(number(ValueTransform::LossContribution)))
      ->setEnabled(hasLoss);
  showHistograms();
  showSettings();
}

void DisplayControls::setLevels(int levels) {
  levels_ = levels;
  showLevels();
}

void DisplayControls::connectBar(ColorLimitsBar* bar) {
  bar_ = bar;
  connect(bar, &ColorLimitsBar::limitsChanged, this, &DisplayControls::dragLimits);
  connect(bar, &ColorLimitsBar::limitsCommitted, this, &DisplayControls::commitLimits);
  showSettings();
  showHistograms();
}

// Takes what ColorScale can show, else says why not.
bool DisplayControls::take(RenderSettings next) {
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

void DisplayControls::edit(const QString& what, const Change& change) {
  const RenderSettings before = settings_;
  RenderSettings after = before;
  change(after);
  if (after != before && take(after)) {
    Q_EMIT settingsChanged(settings_);
    Q_EMIT changed(before, settings_, what);
  }
}

void DisplayControls::editLimit(bool isHigh) {
  const auto value = static_cast<float>((isHigh ? high_ : low_)->value());
  edit(tr("Colour limits"), [&](RenderSettings& next) {
    (isHigh ? next.color.high : next.color.low) = value;
    if (isSymmetric_) {
      next.color.high = std::abs(value);
      next.color.low = -std::abs(value);
    }
  });
}

void DisplayControls::applyRule(LimitsRule rule) {
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

void DisplayControls::dragLimits(float low, float high) {
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

void DisplayControls::commitLimits() {
  const auto before = std::exchange(dragStart_, std::nullopt);
  if (before && *before != settings_) {
    Q_EMIT changed(*before, settings_, tr("Colour limits"));
  }
}

void DisplayControls::setSymmetric(bool isSymmetric) {
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

void DisplayControls::showSettings() {
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

void DisplayControls::showMaps() {
  map_->setIconSize(kSwatch);
  for (int i = 0; i < map_->count(); ++i) {
    const auto name = static_cast<ColorMapName>(map_->itemData(i).toInt());
    map_->setItemIcon(i, swatch(name, settings_.color.isReversed, devicePixelRatioF()));
  }
}

void DisplayControls::showLevels() {
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

void DisplayControls::showHistograms() {
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
