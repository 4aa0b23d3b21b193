#include "ui/inspector/compare_bar.h"

#include <QAction>
#include <QComboBox>
#include <QSignalSpy>
#include <QToolButton>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

TEST(CompareBar, OffersOnlyWhatCanBeHad) {
  CompareBar bar;
  bar.setLayout(Layout::Difference);
  EXPECT_EQ(bar.layout(), Layout::Single) << "there is nothing to subtract";
  bar.setLayout(Layout::Grid2);
  EXPECT_EQ(bar.layout(), Layout::Single) << "there are no moments";
  bar.setLayout(Layout::Asymmetry);
  EXPECT_EQ(bar.layout(), Layout::Asymmetry);
  bar.setHasMoments(true);
  bar.setLayout(Layout::Grid3);
  EXPECT_EQ(bar.layout(), Layout::Grid3);
  bar.setHasMoments(false);
  EXPECT_EQ(bar.layout(), Layout::Single);
}

TEST(CompareBar, ASecondMatrixStandsBesideTheFirst) {
  CompareBar bar;
  std::vector<Layout> layouts;
  QObject::connect(
      &bar, &CompareBar::layoutChanged, &bar, [&](Layout layout) { layouts.push_back(layout); });
  bar.show();
  bar.setSecondName(QStringLiteral("step 10"));
  EXPECT_EQ(bar.layout(), Layout::SideBySide);
  EXPECT_TRUE(bar.findChild<QToolButton*>(QStringLiteral("compareWith"))
                  ->text()
                  .contains(QStringLiteral("step 10")));
  auto* locks = bar.findChild<QToolButton*>(QStringLiteral("compareLocks"));
  EXPECT_TRUE(locks->isEnabled());
  bar.setLayout(Layout::Flicker);
  EXPECT_FALSE(locks->isEnabled());
  bar.setSecondName({});
  EXPECT_EQ(bar.layout(), Layout::Single);
  EXPECT_EQ(layouts, (std::vector<Layout>{Layout::SideBySide, Layout::Flicker, Layout::Single}));
}

// Issue 16: the bar rearranged as a comparison began, and a second click hit something else.
TEST(CompareBar, NothingMovesWhenAComparisonBegins) {
  CompareBar bar;
  bar.show();
  const auto places = [&] {
    std::vector<QRect> all;
    for (const QWidget* child : bar.findChildren<QWidget*>(Qt::FindDirectChildrenOnly)) {
      if (child->isVisible()) {
        all.push_back(child->geometry());
      }
    }
    return all;
  };
  const auto before = places();
  const QSize size = bar.sizeHint();
  bar.setSecondName(QStringLiteral("2026-11-26-091618-9231-quick-shapes, step 460"));
  QCoreApplication::sendPostedEvents();
  EXPECT_EQ(bar.sizeHint(), size);
  EXPECT_EQ(places(), before);
}

TEST(CompareBar, TellsWhatIsAskedFor) {
  CompareBar bar;
  QSignalSpy shown(&bar, &CompareBar::holdShownRequested);
  QSignalSpy run(&bar, &CompareBar::runRequested);
  QSignalSpy files(&bar, &CompareBar::filesRequested);
  QSignalSpy nothing(&bar, &CompareBar::nothingRequested);
  EXPECT_FALSE(bar.findChild<QAction*>(QStringLiteral("compareNothing"))->isEnabled());
  bar.setSecondName(QStringLiteral("x"));
  for (const char* name : {"compareShown", "compareRun", "compareFiles", "compareNothing"}) {
    bar.findChild<QAction*>(QString::fromLatin1(name))->trigger();
  }
  EXPECT_EQ(shown.size(), 1);
  EXPECT_EQ(run.size(), 1);
  EXPECT_EQ(files.size(), 1);
  EXPECT_EQ(nothing.size(), 1);
}

TEST(CompareBar, LocksZoomPlaceAndColoursSeparately) {
  CompareBar bar;
  QSignalSpy changed(&bar, &CompareBar::locksChanged);
  EXPECT_TRUE(bar.locksZoom() && bar.locksPlace() && bar.locksColors());
  bar.findChild<QAction*>(QStringLiteral("lockPlace"))->setChecked(false);
  EXPECT_TRUE(bar.locksZoom() && bar.locksColors());
  EXPECT_FALSE(bar.locksPlace());
  EXPECT_EQ(changed.size(), 1);
}

}  // namespace
}  // namespace barlow::ui
