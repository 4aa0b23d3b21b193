#include "ui/inspector/display_controls.h"

#include "tests/ui/inspector/inspection_values.h"
#include "ui/forms/number_box.h"
#include "ui/inspector/transformed_values.h"
#include "ui/plots/color_limits_bar.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>
#include <gtest/gtest.h>

#include <numeric>

namespace barlow::ui {
namespace {

struct Told {
  RenderSettings before;
  RenderSettings after;
  QString what;
};

class DisplayControlsTest : public testing::Test {
 protected:
  DisplayControlsTest() {
    QObject::connect(&controls,
                     &DisplayControls::settingsChanged,
                     &controls,
                     [this](const RenderSettings& settings) { live.push_back(settings); });
    QObject::connect(&controls,
                     &DisplayControls::changed,
                     &controls,
                     [this](const auto& before, const auto& after, const QString& what) {
                       told.push_back({before, after, what});
                     });
    controls.setStatistics(statistics);
    controls.setLevels(9);
    controls.resize(320, 500);
    controls.show();
  }
  template <class T>
  T& child(const char* name) {
    return *controls.findChild<T*>(QString::fromLatin1(name));
  }
  void choose(const char* name, int value) {
    auto& box = child<QComboBox>(name);
    box.setCurrentIndex(box.findData(value));
  }
  void type(const char* name, const QString& text) {
    auto& box = child<NumberBox>(name);
    box.setFocus();
    box.selectAll();
    QTest::keyClicks(&box, text);
    QTest::keyClick(&box, Qt::Key_Return);
  }
  void rule(LimitsRule wanted) {
    QTest::mouseClick(
        controls.findChild<QToolButton*>(QStringLiteral("rule%1").arg(static_cast<int>(wanted))),
        Qt::LeftButton);
  }
  ColorLimits limits() const {
    return {controls.settings().color.low, controls.settings().color.high};
  }

  std::shared_ptr<const MatrixStatistics> statistics =
      computeStatistics(nearIdentity(64, {.n = 100, .lambda = 0.5}));
  DisplayControls controls;
  std::vector<RenderSettings> live;
  std::vector<Told> told;
};

TEST_F(DisplayControlsTest, EveryChoiceReachesTheSettingsOnce) {
  choose("reductionChoice", static_cast<int>(Reduction::Rms));
  choose("transformChoice", static_cast<int>(ValueTransform::LossContribution));
  choose("diagonalChoice", static_cast<int>(DiagonalStyle::Hidden));
  choose("blocksChoice", 4);
  choose("mapChoice", static_cast<int>(ColorMapName::BlueGold));
  child<QCheckBox>("reversedCheck").click();
  choose("scaleChoice", static_cast<int>(ScaleKind::Gamma));
  RenderSettings expected{.reduction = Reduction::Rms,
                          .transform = ValueTransform::LossContribution,
                          .diagonal = DiagonalStyle::Hidden,
                          .coarsestLevel = 4};
  expected.color.map = ColorMapName::BlueGold;
  expected.color.isReversed = true;
  expected.color.scale = ScaleKind::Gamma;
  EXPECT_EQ(controls.settings(), expected);
  ASSERT_EQ(live.size(), 7U);
  ASSERT_EQ(told.size(), 7U);
  RenderSettings before;
  for (const Told& each : told) {
    EXPECT_EQ(each.before, before) << "each starts where the last one ended";
    EXPECT_FALSE(each.what.isEmpty());
    before = each.after;
  }
  EXPECT_EQ(before, expected);
}

TEST_F(DisplayControlsTest, SettingThemTellsNobodyAndShowsThem) {
  RenderSettings settings{.reduction = Reduction::Mean, .coarsestLevel = 3};
  settings.color.low = -0.25F;
  settings.color.high = 0.5F;
  settings.color.scale = ScaleKind::SymmetricLog;
  settings.color.linearThreshold = 0.002F;
  controls.setSettings(settings);
  EXPECT_EQ(controls.settings(), settings);
  EXPECT_TRUE(live.empty());
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(child<QComboBox>("reductionChoice").currentText(), QStringLiteral("Mean"));
  EXPECT_EQ(child<QComboBox>("blocksChoice").currentText(), QStringLiteral("8 x 8 entries"));
  EXPECT_EQ(child<NumberBox>("lowLimit").text(), QStringLiteral("-0.25"));
  EXPECT_EQ(child<NumberBox>("scaleNumber").text(), QStringLiteral("0.002"));
  EXPECT_FALSE(child<QCheckBox>("symmetricCheck").isChecked())
      << "these limits are not symmetric about zero";
}

TEST_F(DisplayControlsTest, TheKeyGoesThroughTheDiagonalStyles) {
  ASSERT_TRUE(QTest::qWaitForWindowActive(&controls));
  for (const DiagonalStyle style :
       {DiagonalStyle::Dimmed, DiagonalStyle::Hidden, DiagonalStyle::Shown}) {
    QTest::keyClick(&controls, Qt::Key_D);
    EXPECT_EQ(controls.settings().diagonal, style);
    EXPECT_EQ(child<QComboBox>("diagonalChoice").currentData().toInt(), static_cast<int>(style));
  }
}

TEST_F(DisplayControlsTest, TypedLimitsMoveTogetherWhileLocked) {
  type("highLimit", QStringLiteral("2e-4"));
  EXPECT_EQ(limits(), (ColorLimits{-2e-4F, 2e-4F}));
  child<QCheckBox>("symmetricCheck").click();
  type("lowLimit", QStringLiteral("-3"));
  EXPECT_EQ(limits(), (ColorLimits{-3, 2e-4F})) << "beyond the range of the data too";
  child<QCheckBox>("symmetricCheck").click();
  EXPECT_EQ(limits(), (ColorLimits{-3, 3}));
  EXPECT_EQ(told.size(), 3U);
}

TEST_F(DisplayControlsTest, LimitsThatSpanNothingAreRefusedWithTheReason) {
  child<QCheckBox>("symmetricCheck").click();
  type("lowLimit", QStringLiteral("4"));
  EXPECT_EQ(limits(), ColorLimits{});
  EXPECT_TRUE(told.empty());
  auto& problem = child<QLabel>("limitsProblem");
  EXPECT_TRUE(problem.isVisible());
  EXPECT_TRUE(problem.text().contains(QStringLiteral("do not span a range")));
  EXPECT_EQ(child<NumberBox>("lowLimit").text(), QStringLiteral("-1")) << "the old one is back";
  type("lowLimit", QStringLiteral("-2"));
  EXPECT_FALSE(problem.isVisible());
}

TEST_F(DisplayControlsTest, RulesSetTheLimitsOfTheStatistics) {
  rule(LimitsRule::ThreeSigma);
  EXPECT_EQ(limits(), limitsBy(*statistics, LimitsRule::ThreeSigma));
  rule(LimitsRule::OffDiagonalShare);
  EXPECT_EQ(limits(), limitsBy(*statistics, LimitsRule::OffDiagonalShare, 0.99));
  type("percentile", QStringLiteral("50"));
  EXPECT_EQ(limits(), limitsBy(*statistics, LimitsRule::OffDiagonalShare, 0.5));
  rule(LimitsRule::MinMax);
  EXPECT_EQ(limits(), limitsBy(*statistics, LimitsRule::MinMaxSymmetric));
  child<QCheckBox>("symmetricCheck").click();
  rule(LimitsRule::MinMax);
  EXPECT_EQ(limits(), limitsBy(*statistics, LimitsRule::MinMax));
  rule(LimitsRule::Fixed);
  EXPECT_EQ(limits(), ColorLimits{});
}

TEST_F(DisplayControlsTest, RulesFollowWhatIsShown) {
  choose("transformChoice", static_cast<int>(ValueTransform::Square));
  rule(LimitsRule::ThreeSigma);
  const float sigma3 = limitsBy(*statistics, LimitsRule::ThreeSigma).high;
  EXPECT_FLOAT_EQ(limits().high, sigma3 * sigma3);
  choose("transformChoice", static_cast<int>(ValueTransform::LossContribution));
  rule(LimitsRule::OffDiagonalShare);
  const float p99 = limitsBy(*statistics, LimitsRule::OffDiagonalShare, 0.99).high;
  EXPECT_FLOAT_EQ(limits().high, 0.5F * p99 * p99);
}

TEST_F(DisplayControlsTest, WithoutStatisticsOnlyTheFixedRuleWorks) {
  controls.setStatistics(nullptr);
  EXPECT_TRUE(child<QToolButton>("rule0").isEnabled());
  EXPECT_FALSE(controls
                   .findChild<QToolButton*>(
                       QStringLiteral("rule%1").arg(static_cast<int>(LimitsRule::OffDiagonalShare)))
                   ->isEnabled());
}

TEST_F(DisplayControlsTest, ADragOnTheBarIsOneChange) {
  ColorLimitsBar bar;
  bar.resize(160, 300);
  bar.show();
  controls.connectBar(&bar);
  const int x = bar.barArea().center().x();
  const auto at = [&](float value) { return QPoint(x, qRound(bar.yOf(value))); };
  QTest::mousePress(&bar, Qt::LeftButton, {}, at(1));
  QTest::mouseMove(&bar, at(0.7F));
  QTest::mouseMove(&bar, at(0.5F));
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(live.size(), 2U);
  QTest::mouseRelease(&bar, Qt::LeftButton, {}, at(0.5F));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().before, RenderSettings{});
  EXPECT_EQ(told.front().after, controls.settings());
  EXPECT_NEAR(limits().high, 0.5F, 0.02F);
  EXPECT_EQ(limits().low, -limits().high);
  type("highLimit", QStringLiteral("0.125"));
  EXPECT_EQ(bar.limits(), (ColorLimits{-0.125F, 0.125F})) << "the bar follows typed numbers";
}

TEST_F(DisplayControlsTest, NothingIsCutInANarrowColumn) {
  QCoreApplication::sendPostedEvents();
  EXPECT_LE(controls.minimumSizeHint().width(), 320);
  for (const auto* button : controls.findChildren<QToolButton*>()) {
    EXPECT_GE(button->width(), button->sizeHint().width()) << button->text().toStdString();
  }
  for (const auto* box : controls.findChildren<NumberBox*>()) {
    EXPECT_GE(box->width(), box->minimumSizeHint().width()) << box->objectName().toStdString();
  }
}

TEST(TransformedValues, KeepEveryCountWhereItsValueGoes) {
  Histogram histogram{.low = -1, .high = 1, .counts = std::vector<std::uint64_t>(2048)};
  for (int i = 0; i < 4096; ++i) {
    histogram.add(static_cast<float>(i - 2048) / 2048);
  }
  histogram.add(3);
  for (const ValueTransform transform :
       {ValueTransform::Absolute, ValueTransform::Square, ValueTransform::LossContribution}) {
    for (const CellPart part : {CellPart::Diagonal, CellPart::OffDiagonal}) {
      const Histogram shown = transformedHistogram(histogram, transform, 0.5, part);
      EXPECT_EQ(shown.total(), histogram.total());
      EXPECT_EQ(shown.above, 1U);
      EXPECT_EQ(std::count(shown.counts.begin(), shown.counts.end(), 0U), 0)
          << "no gap that is not in the values";
    }
  }
  const Histogram square = transformedHistogram(histogram, ValueTransform::Square, 0.5, {});
  const auto half = static_cast<std::ptrdiff_t>(square.counts.size() / 4);
  const auto below =
      std::accumulate(square.counts.begin(), square.counts.begin() + half, std::uint64_t{0});
  EXPECT_NEAR(static_cast<double>(below), 2048, 8) << "C² < 1/4 where |C| < 1/2";
}

}  // namespace
}  // namespace barlow::ui
