#include "ui/panels/start_panel.h"

#include "ui/panels/choice_card.h"
#include "ui/panels/matrix_legend.h"
#include "ui/panels/run_list_model.h"
#include "ui/panels/run_list_view.h"

#include <QAbstractItemModelTester>
#include <QDateTime>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

RunHeadline headline(const std::string& name, const std::string& state) {
  RunHeadline run;
  run.folder = "/runs/" + name;
  run.record.id = name;
  run.record.name = name;
  run.record.state = state;
  run.record.steps = 12345;
  run.record.started = "2020-03-04T05:06:07.000Z";
  run.source = "shapes";
  return run;
}

RunHeadline crashed(const std::string& name) {
  RunHeadline run = headline(name, "running");
  run.endedUnexpectedly = true;
  return run;
}

QString cell(const RunListModel& model, int row, RunListModel::Column column) {
  return model.index(row, column).data().toString();
}

TEST(RunListModel, IsAProperModel) {
  RunListModel model;
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  model.setRuns({headline("a", "finished"), crashed("b")});
  EXPECT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.folderAt(1), QStringLiteral("/runs/b"));
  model.setRuns({});
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(RunListModel, SaysNameDataStateTimeAndSteps) {
  RunHeadline training = headline("third", "running");
  training.isTraining = true;
  training.source = "cifar10:/data/cifar";
  training.record.started = QDateTime::currentDateTimeUtc().toString(Qt::ISODate).toStdString();
  RunHeadline nameless = headline("4", "failed");
  nameless.record.name.clear();
  nameless.source = "/home/me/photos";
  RunListModel model;
  model.setRuns({headline("first", "finished"), crashed("second"), training, nameless});
  using M = RunListModel;
  EXPECT_EQ(cell(model, 0, M::Name), QStringLiteral("first"));
  EXPECT_EQ(cell(model, 0, M::Data), QStringLiteral("Generated shapes"));
  EXPECT_EQ(cell(model, 0, M::State), QStringLiteral("finished"));
  EXPECT_TRUE(cell(model, 0, M::Started).contains(QStringLiteral("20")));
  EXPECT_EQ(cell(model, 0, M::Steps), QLocale().toString(12345));
  EXPECT_TRUE(cell(model, 1, M::State).startsWith(QStringLiteral("ended unexpectedly")));
  EXPECT_TRUE(cell(model, 1, M::State).contains(QStringLiteral("resume?")));
  EXPECT_TRUE(model.index(1, M::State).data(M::NeedsAttentionRole).toBool());
  EXPECT_FALSE(model.index(0, M::State).data(M::NeedsAttentionRole).toBool());
  EXPECT_EQ(cell(model, 2, M::State), QStringLiteral("training"));
  EXPECT_EQ(cell(model, 2, M::Data), QStringLiteral("CIFAR-10"));
  EXPECT_EQ(cell(model, 3, M::Name), QStringLiteral("4")) << "the folder's name";
  EXPECT_EQ(cell(model, 3, M::Data), QStringLiteral("photos"));
  EXPECT_EQ(cell(model, 3, M::State), QStringLiteral("failed"));
}

class StartPanelTest : public testing::Test {
 protected:
  StartPanelTest() {
    panel.resize(1100, 720);
    panel.show();
  }
  template <class T>
  T* child(const char* name) {
    auto* found = panel.findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  StartPanel panel;
};

TEST_F(StartPanelTest, ThreeChoicesByMouseAndKeyboard) {
  QSignalSpy quick(&panel, &StartPanel::quickStartRequested);
  QSignalSpy images(&panel, &StartPanel::openImagesRequested);
  QSignalSpy run(&panel, &StartPanel::openRunRequested);
  QTest::mouseClick(child<ChoiceCard>("quickStart"), Qt::LeftButton);
  EXPECT_EQ(quick.size(), 1);
  QTest::keyClick(child<ChoiceCard>("openImages"), Qt::Key_Return);
  EXPECT_EQ(images.size(), 1);
  QTest::keyClick(child<ChoiceCard>("openRun"), Qt::Key_Space);
  EXPECT_EQ(run.size(), 1);
  EXPECT_EQ(quick.size() + images.size(), 2);
  for (const auto* card : panel.findChildren<ChoiceCard*>()) {
    EXPECT_FALSE(card->accessibleDescription().isEmpty());
    EXPECT_NE(card->focusPolicy(), Qt::NoFocus);
  }
}

TEST_F(StartPanelTest, ACardHoldsItsWords) {
  auto* card = child<ChoiceCard>("quickStart");
  EXPECT_GT(card->heightForWidth(200), card->heightForWidth(600)) << "the sentence wraps";
  panel.resize(720, 720);
  QTest::qWait(0);
  EXPECT_GE(card->height(), card->heightForWidth(card->width()));
}

TEST_F(StartPanelTest, ARunOpensByAClickAndByReturn) {
  EXPECT_TRUE(child<QLabel>("noRuns")->isVisible());
  panel.setRuns({headline("a", "finished"), crashed("b")});
  EXPECT_FALSE(child<QLabel>("noRuns")->isVisible());
  auto* list = child<RunListView>("recentRuns");
  ASSERT_TRUE(list->isVisible());
  QSignalSpy chosen(&panel, &StartPanel::runChosen);
  const QPoint second = list->visualRect(list->model()->index(1, RunListModel::Data)).center();
  QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, second);
  ASSERT_EQ(chosen.size(), 1);
  EXPECT_EQ(chosen.takeFirst().front().toString(), QStringLiteral("/runs/b"));
  QTest::keyClick(list, Qt::Key_Up);
  EXPECT_TRUE(chosen.isEmpty());
  QTest::keyClick(list, Qt::Key_Return);
  ASSERT_EQ(chosen.size(), 1);
  EXPECT_EQ(chosen.takeFirst().front().toString(), QStringLiteral("/runs/a"));
  panel.setRuns({});
  EXPECT_TRUE(child<QLabel>("noRuns")->isVisible());
}

TEST_F(StartPanelTest, ADoubleClickOpensOnce) {
  panel.setRuns({headline("a", "finished")});
  auto* list = child<RunListView>("recentRuns");
  QSignalSpy chosen(&panel, &StartPanel::runChosen);
  const QPoint place = list->visualRect(list->model()->index(0, 0)).center();
  QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, place);
  QTest::mouseDClick(list->viewport(), Qt::LeftButton, {}, place);
  EXPECT_EQ(chosen.size(), 1);
}

TEST_F(StartPanelTest, TheSameListAgainKeepsTheSelection) {
  panel.setRuns({headline("a", "finished"), headline("b", "stopped")});
  auto* list = child<RunListView>("recentRuns");
  list->setCurrentIndex(list->model()->index(1, 0));
  panel.setRuns({headline("a", "finished"), headline("b", "stopped")});
  EXPECT_EQ(list->currentIndex().row(), 1);
}

TEST_F(StartPanelTest, WhatIsDroppedIsPassedOn) {
  QSignalSpy dropped(&panel, &StartPanel::pathDropped);
  QMimeData words;
  words.setText(QStringLiteral("only words"));
  QDragEnterEvent refused({9, 9}, Qt::CopyAction, &words, Qt::LeftButton, Qt::NoModifier);
  refused.ignore();
  QCoreApplication::sendEvent(&panel, &refused);
  EXPECT_FALSE(refused.isAccepted());
  QMimeData mime;
  mime.setUrls({QUrl::fromLocalFile(QStringLiteral("/home/me/photos"))});
  QDragEnterEvent enter({9, 9}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  enter.ignore();
  QCoreApplication::sendEvent(&panel, &enter);
  EXPECT_TRUE(enter.isAccepted());
  QDropEvent drop({9, 9}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
  QCoreApplication::sendEvent(&panel, &drop);
  ASSERT_EQ(dropped.size(), 1);
  EXPECT_EQ(dropped.front().front().toString(), QStringLiteral("/home/me/photos"));
}

// Issue 16, F8: in a low window the sentences stood on the pictures.
TEST(MatrixLegend, HasPicturesAsLargeAsThereIsRoomFor) {
  MatrixLegend legend;
  const auto sizeOfPicture = [&] {
    for (const auto* child : legend.findChildren<QWidget*>()) {
      if (child->accessibleName() == QStringLiteral("After training")) {
        return child->isVisible() ? child->width() : 0;
      }
    }
    return -1;
  };
  legend.resize(300, 500);
  legend.show();
  const int usual = sizeOfPicture();
  EXPECT_GE(usual, 112);
  legend.resize(460, 700);
  EXPECT_GT(sizeOfPicture(), usual);
  legend.resize(300, 180);
  EXPECT_EQ(sizeOfPicture(), 0);
}

}  // namespace
}  // namespace barlow::ui
