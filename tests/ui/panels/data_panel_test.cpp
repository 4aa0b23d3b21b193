#include "ui/panels/data_panel.h"

#include "core/runs/run_folder.h"
#include "tests/support/temp_dir.h"
#include "tests/ui/panels/image_files.h"
#include "ui/dialogs/ask.h"
#include "ui/panels/class_bars.h"
#include "ui/panels/thumbnail_grid.h"
#include "ui/panels/thumbnail_model.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

#include <algorithm>

namespace barlow::ui {
namespace {

constexpr int kPatienceMs = 60'000;

std::shared_ptr<const DatasetBrowser> openImages(const std::string& source, int limit = 0) {
  DataParams params;
  params.source = source;
  params.limit = limit;
  return DatasetBrowser::open(params, 1);
}

// Two classes, the second one with a test split: 6 training images, 2 held out.
void writePets(const std::filesystem::path& folder) {
  for (const char* name : {"a", "b", "c"}) {
    writeImage(folder / "train" / "cat" / (std::string(name) + ".png"), {40, 20}, Qt::red);
    writeImage(folder / "train" / "dog" / (std::string(name) + ".png"), {60, 60}, Qt::blue);
  }
  writeImage(folder / "test" / "cat" / "x.png", {40, 20}, Qt::red);
  writeImage(folder / "test" / "dog" / "y.png", {60, 60}, Qt::blue);
}

TEST(ImageFilter, ChoosesByPartClassAndName) {
  const TempDir dir;
  writePets(dir.path());
  const auto pets = openImages(dir.path().string());
  const auto shown = [&](const ImageFilter& filter) { return filterImages(*pets, filter, {}); };
  using Part = ImageFilter::Part;
  EXPECT_EQ(shown({}), (std::vector<qint64>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(shown({.part = Part::Training}).size(), 6u);
  EXPECT_EQ(shown({.part = Part::HeldOut}), (std::vector<qint64>{6, 7}));
  EXPECT_EQ(shown({.label = 1}), (std::vector<qint64>{3, 4, 5, 7}));
  EXPECT_EQ(shown({.part = Part::HeldOut, .label = 1}), (std::vector<qint64>{7}));
  EXPECT_EQ(shown({.name = QStringLiteral("CAT/B")}), (std::vector<qint64>{1}));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_TRUE(filterImages(*pets, {}, stopped.get_token()).empty());
}

TEST(ThumbnailModel, IsAProperModelInEveryState) {
  const TempDir dir;
  writePets(dir.path());
  ThumbnailModel model;
  const QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
  EXPECT_EQ(model.rowCount(), 0);
  model.setDataset(openImages(dir.path().string()), 32);
  EXPECT_EQ(model.rowCount(), 8);
  model.setShown(std::vector<qint64>{2, 7});
  EXPECT_EQ(model.rowCount(), 2);
  EXPECT_EQ(model.imageAt(1), 7);
  EXPECT_EQ(model.rowOf(7), 1);
  EXPECT_EQ(model.rowOf(3), -1);
  EXPECT_EQ(model.index(1).data(ThumbnailModel::ImageIndexRole).toLongLong(), 7);
  EXPECT_EQ(model.index(1).data(Qt::DisplayRole).toString(), QStringLiteral("dog"));
  EXPECT_EQ(model.index(1).data(ThumbnailModel::SplitRole).toString(), QStringLiteral("test"));
  EXPECT_TRUE(model.index(1).data(Qt::ToolTipRole).toString().contains(QStringLiteral("y.png")));
  ASSERT_TRUE(QTest::qWaitFor([&] { return !model.loader().isBusy(); }, kPatienceMs));
  model.setShown(std::vector<qint64>{});
  EXPECT_EQ(model.rowCount(), 0);
  model.setDataset(nullptr, 32);
  EXPECT_EQ(model.rowCount(), 0);
}

TEST(ThumbnailModel, TellsWhenAPictureHasArrived) {
  const TempDir dir;
  writePets(dir.path());
  ThumbnailModel model;
  model.setDataset(openImages(dir.path().string()), 20);
  model.setShown(std::vector<qint64>{5});
  QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
  EXPECT_TRUE(model.index(0).data(Qt::DecorationRole).isNull()) << "asking decodes nothing";
  ASSERT_TRUE(QTest::qWaitFor([&] { return !changed.isEmpty(); }, kPatienceMs));
  EXPECT_EQ(changed.front().front().toModelIndex(), model.index(0));
  const auto picture = model.index(0).data(Qt::DecorationRole).value<QImage>();
  EXPECT_EQ(picture.size(), QSize(20, 20));
  EXPECT_EQ(QColor(picture.pixel(10, 10)), QColor(Qt::blue));
}

TEST(ThumbnailModel, SaysWhyThereIsNoPicture) {
  const TempDir dir;
  writeNoise(dir / "broken.png", 64);
  damage(dir / "broken.png");
  ThumbnailModel model;
  model.setDataset(openImages(dir.path().string()), 32);
  ASSERT_EQ(model.rowCount(), 1);
  model.index(0).data(Qt::DecorationRole);
  ASSERT_TRUE(QTest::qWaitFor([&] { return !model.loader().isBusy(); }, kPatienceMs));
  const QString reason = model.index(0).data(ThumbnailModel::ReasonRole).toString();
  EXPECT_FALSE(reason.isEmpty());
  EXPECT_TRUE(model.index(0).data(Qt::ToolTipRole).toString().contains(reason));
  EXPECT_FALSE(model.loader().isBusy()) << "it is not asked for again";
}

TEST(ThumbnailLoader, MakesTheNewestRequestFirst) {
  const TempDir dir;
  writeNoise(dir / "00.png", 900);
  for (int i = 1; i < 24; ++i) {
    std::filesystem::copy(dir / "00.png", dir / ("n" + std::to_string(i) + ".png"));
  }
  ThumbnailLoader loader;
  std::vector<qint64> order;
  QObject::connect(&loader, &ThumbnailLoader::ready, &loader, [&](const std::vector<qint64>& made) {
    order.insert(order.end(), made.begin(), made.end());
  });
  loader.setDataset(openImages(dir.path().string()), 64);
  for (qint64 i = 0; i < 24; ++i) {
    EXPECT_EQ(loader.thumbnail(i), nullptr);
  }
  ASSERT_TRUE(QTest::qWaitFor([&] { return order.size() == 24; }, kPatienceMs));
  const auto place = [&](qint64 index) { return std::find(order.begin(), order.end(), index); };
  EXPECT_LT(place(23), place(10));
  EXPECT_LT(place(20), place(10));
  for (qint64 i = 0; i < 24; ++i) {
    EXPECT_NE(loader.thumbnail(i), nullptr) << "kept";
  }
}

TEST(ThumbnailLoader, ForgetsTheDataSetBefore) {
  const TempDir dir;
  writeNoise(dir / "one" / "a.png", 900);
  writeImage(dir / "two" / "b.png", {10, 10}, Qt::green);
  ThumbnailLoader loader;
  QSignalSpy ready(&loader, &ThumbnailLoader::ready);
  loader.setDataset(openImages((dir / "one").string()), 64);
  loader.thumbnail(0);
  loader.setDataset(openImages((dir / "two").string()), 64);
  EXPECT_FALSE(loader.isBusy());
  loader.thumbnail(0);
  ASSERT_TRUE(QTest::qWaitFor([&] { return loader.thumbnail(0) != nullptr; }, kPatienceMs));
  EXPECT_EQ(loader.thumbnail(0)->image.size(), QSize(10, 10));
  EXPECT_EQ(ready.size(), 1);
}

class DataPanelTest : public testing::Test {
 protected:
  void open(const std::string& source) {
    if (!source.empty()) {
      experiment.setSource(source, true);
    }
    panel = std::make_unique<DataPanel>(experiment);
    panel->resize(1100, 720);
    panel->show();
    settle();
  }
  void settle() {
    ASSERT_TRUE(QTest::qWaitFor([&] { return !panel->isBusy(); }, kPatienceMs));
    QTest::qWait(0);  // what became visible now may ask for thumbnails
    ASSERT_TRUE(QTest::qWaitFor([&] { return !panel->isBusy(); }, kPatienceMs));
  }
  template <class T>
  T* child(const char* name) {
    auto* found = panel->findChild<T*>(QString::fromLatin1(name));
    EXPECT_NE(found, nullptr) << name;
    return found;
  }
  QString text(const char* name) { return child<QLabel>(name)->text(); }
  ThumbnailGrid* grid() { return child<ThumbnailGrid>("thumbnails"); }
  bool showsMessage(const QString& words) {
    auto* message = child<QLabel>("dataMessage");
    return message->isVisible() && message->text().contains(words);
  }

  TempDir dir;
  Experiment experiment;
  std::unique_ptr<DataPanel> panel;
};

TEST_F(DataPanelTest, OpensTheExperimentsDataByItself) {
  experiment.setSource("shapes", true);
  panel = std::make_unique<DataPanel>(experiment);
  EXPECT_TRUE(panel->isBusy());
  EXPECT_EQ(panel->dataset(), nullptr);
  std::vector<std::shared_ptr<const DatasetBrowser>> told;
  QObject::connect(panel.get(), &DataPanel::datasetChanged, panel.get(), [&](const auto& dataset) {
    told.push_back(dataset);
  });
  QSignalSpy settled(panel.get(), &DataPanel::settled);
  settle();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told.front(), panel->dataset());
  EXPECT_EQ(panel->dataset()->size(), 7000);
  EXPECT_GE(settled.size(), 1);
  EXPECT_EQ(text("dataTitle"), QStringLiteral("Generated shapes"));
}

TEST_F(DataPanelTest, CountsImagesClassesAndSizes) {
  writePets(dir.path());
  writeImage(dir / "train" / "cat" / "d.png", {40, 20}, Qt::red);
  open(dir.path().string());
  EXPECT_EQ(text("imageCount"), QStringLiteral("9"));
  EXPECT_EQ(text("trainingCount"), QStringLiteral("7"));
  EXPECT_TRUE(text("heldOutCount").startsWith(QLatin1Char('2')));
  EXPECT_EQ(text("classCount"), QStringLiteral("2"));
  EXPECT_TRUE(text("imageSizes").startsWith(QStringLiteral("40 × 20")));
  const auto& counts = child<ClassBars>("classBars")->counts();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].name, QStringLiteral("cat"));
  EXPECT_EQ(counts[0].images, 5);
  EXPECT_EQ(counts[1].images, 4);
  EXPECT_FALSE(child<QListWidget>("dataProblems")->isVisible());
}

TEST_F(DataPanelTest, DecodesOnlyWhatIsSeen) {
  experiment.setSource("shapes", true);
  panel = std::make_unique<DataPanel>(experiment);
  auto* model = qobject_cast<ThumbnailModel*>(grid()->model());
  qsizetype made = 0;
  QObject::connect(&model->loader(),
                   &ThumbnailLoader::ready,
                   panel.get(),
                   [&](const std::vector<qint64>& images) { made += std::ssize(images); });
  panel->resize(1100, 720);
  panel->show();
  settle();
  EXPECT_EQ(model->rowCount(), 7000);
  EXPECT_GE(made, 8);
  EXPECT_LE(made, 100);
  // Far below, other images come; the first ones do not have to come again.
  grid()->scrollToBottom();
  const qsizetype before = made;
  settle();
  EXPECT_GT(made, before);
  EXPECT_LE(made, 200);
  EXPECT_FALSE(model->index(6999).data(Qt::DecorationRole).isNull());
}

TEST_F(DataPanelTest, ATypedSpecIsTaken) {
  writePets(dir.path());
  open("shapes");
  auto* spec = child<QLineEdit>("dataSpec");
  EXPECT_EQ(spec->text(), QStringLiteral("shapes:2"));
  spec->setText(QStringLiteral(" %1/ ").arg(QString::fromStdString(dir.path().string())));
  QTest::keyClick(spec, Qt::Key_Return);
  EXPECT_TRUE(experiment.baseName() == QStringLiteral("folder-224") ||
              experiment.baseName() == QStringLiteral("photos-laptop"))
      << "another kind of data, with a GPU or without";
  settle();
  EXPECT_EQ(panel->dataset()->size(), 8);

  RunConfig config = experiment.config();
  config.run.epochs = 77;
  experiment.setConfig(config);
  spec->setText(QString::fromStdString((dir / "train").string()));
  QTest::keyClick(spec, Qt::Key_Return);
  EXPECT_EQ(experiment.config().run.epochs, 77) << "the same kind: edits stay";
  settle();
  EXPECT_EQ(panel->dataset()->size(), 6);

  QTest::mouseClick(child<QPushButton>("useShapes"), Qt::LeftButton);
  EXPECT_EQ(experiment.config().data.source, "shapes:2");
  EXPECT_EQ(experiment.baseName(), QStringLiteral("quick-shapes"));
  settle();
  EXPECT_EQ(panel->dataset()->size(), 7000);
}

TEST_F(DataPanelTest, AskedForAFolderItTakesIt) {
  writePets(dir.path());
  open("shapes");
  std::optional<QString> answer;
  const AnswerDialogs dialogs(
      {.question = {}, .folder = [&](const QString&) { return answer; }, .told = {}});
  QTest::mouseClick(child<QPushButton>("openFolder"), Qt::LeftButton);
  EXPECT_EQ(experiment.config().data.source, "shapes:2") << "cancelled";
  answer = QString::fromStdString(dir.path().string());
  QTest::mouseClick(child<QPushButton>("openFolder"), Qt::LeftButton);
  EXPECT_EQ(experiment.config().data.source, dir.path().string());
  settle();
  EXPECT_EQ(panel->dataset()->size(), 8);
}

TEST_F(DataPanelTest, SaysWhatIsMissingInThePlaceOfTheImages) {
  open("shapes");
  QSignalSpy changed(panel.get(), &DataPanel::datasetChanged);
  experiment.setSource((dir / "gone").string(), true);
  settle();
  EXPECT_EQ(panel->dataset(), nullptr);
  EXPECT_EQ(changed.size(), 1);
  EXPECT_TRUE(showsMessage(QString::fromStdString((dir / "gone").string())));
  EXPECT_EQ(text("imageCount"), QStringLiteral("–"));
  EXPECT_FALSE(child<QPushButton>("checkImages")->isEnabled());

  std::filesystem::create_directory(dir / "gone");  // exists now, but is empty
  QTest::keyClick(child<QLineEdit>("dataSpec"), Qt::Key_Return);
  settle();
  EXPECT_TRUE(showsMessage(QStringLiteral("gone")));
  writeImage(dir / "gone" / "a.png", {10, 10}, Qt::red);
  QTest::keyClick(child<QLineEdit>("dataSpec"), Qt::Key_Return);
  settle();
  ASSERT_NE(panel->dataset(), nullptr) << "Return looks again";
  EXPECT_TRUE(grid()->isVisible());
}

TEST_F(DataPanelTest, FiltersAndChooses) {
  writePets(dir.path());
  open(dir.path().string());
  QSignalSpy chosen(panel.get(), &DataPanel::imageChosen);
  auto* classes = child<QComboBox>("classFilter");
  classes->setFocus();
  QTest::keyClick(classes, Qt::Key_D);  // dog
  settle();
  EXPECT_EQ(grid()->model()->rowCount(), 4);
  EXPECT_EQ(text("shownCount"), QStringLiteral("4 of 8 images"));
  grid()->setCurrentIndex(grid()->model()->index(3, 0));
  QTest::keyClick(grid(), Qt::Key_Return);
  ASSERT_EQ(chosen.size(), 1);
  EXPECT_EQ(chosen.takeFirst().front().toLongLong(), 7) << "the image, not the row";
  const QRect first = grid()->visualRect(grid()->model()->index(0, 0));
  QTest::mouseDClick(grid()->viewport(), Qt::LeftButton, {}, first.center());
  ASSERT_EQ(chosen.size(), 1);
  EXPECT_EQ(chosen.takeFirst().front().toLongLong(), 3);
  QTest::mouseClick(grid()->viewport(), Qt::LeftButton, {}, first.center());
  EXPECT_TRUE(chosen.isEmpty());

  QTest::keyClicks(child<QLineEdit>("nameFilter"), QStringLiteral("nothing"));
  settle();
  EXPECT_TRUE(showsMessage(QStringLiteral("filters")));
  child<QLineEdit>("nameFilter")->clear();
  settle();
  EXPECT_TRUE(grid()->isVisible());
  EXPECT_EQ(grid()->model()->rowCount(), 4);
}

TEST_F(DataPanelTest, AnotherDataSetIsShownWhole) {
  writePets(dir.path());
  open(dir.path().string());
  QTest::keyClicks(child<QLineEdit>("nameFilter"), QStringLiteral("x.png"));
  settle();
  EXPECT_EQ(grid()->model()->rowCount(), 1);
  experiment.setSource((dir / "train").string(), false);
  settle();
  EXPECT_EQ(grid()->model()->rowCount(), 6);
  EXPECT_TRUE(child<QLineEdit>("nameFilter")->text().isEmpty());
}

TEST_F(DataPanelTest, FollowsSettingsThatDecideWhichImagesThereAre) {
  open("shapes");
  QSignalSpy changed(panel.get(), &DataPanel::datasetChanged);
  RunConfig config = experiment.config();
  config.run.epochs += 1;
  config.data.imageSize = 64;
  experiment.setConfig(config);
  EXPECT_FALSE(panel->isBusy()) << "the same images";
  config.data.limit = 100;
  experiment.setConfig(config);
  EXPECT_TRUE(panel->isBusy());
  settle();
  EXPECT_EQ(changed.size(), 1);
  EXPECT_EQ(panel->dataset()->trainSize(), 100);
  config.data.exif = ExifTurn::Apply;
  experiment.setConfig(config);
  EXPECT_TRUE(panel->isBusy()) << "the same images, turned otherwise";
  settle();
}

TEST_F(DataPanelTest, ListsProblemsWithTheirReasons) {
  writePets(dir.path());
  QFile fake(QString::fromStdString((dir / "train" / "cat" / "fake.png").string()));
  ASSERT_TRUE(fake.open(QIODevice::WriteOnly));
  fake.write("no picture at all");
  fake.close();
  open(dir.path().string());
  auto* problems = child<QListWidget>("dataProblems");
  ASSERT_TRUE(problems->isVisible());
  ASSERT_EQ(problems->count(), 1);
  EXPECT_TRUE(problems->item(0)->text().contains(QStringLiteral("cat/fake.png")));
  EXPECT_TRUE(problems->item(0)->toolTip().contains(
      QString::fromStdString(panel->dataset()->problems().front().reason)));
}

// Issue 16, F16: without a check.
TEST_F(DataPanelTest, SaysWhatBecomesOfEverySplit) {
  writePets(dir.path());
  for (const char* name : {"cat", "dog"}) {
    writeImage(dir / "validation" / name / "v.png", {40, 20}, Qt::red);
  }
  open(dir.path().string());
  const QString splits = text("dataSplits");
  EXPECT_TRUE(child<QLabel>("dataSplits")->isVisible());
  EXPECT_TRUE(splits.contains(QStringLiteral("train: 6, trained on"))) << splits.toStdString();
  EXPECT_TRUE(splits.contains(QStringLiteral("val: 2, not used"))) << splits.toStdString();
  EXPECT_TRUE(splits.contains(QStringLiteral("test: 2, held out"))) << splits.toStdString();
  EXPECT_EQ(text("imageCount"), QStringLiteral("8 used, 2 not used"));
}

TEST_F(DataPanelTest, ListsWhatIsLeftOut) {
  writePets(dir.path());
  writeImage(dir / "cover.png", {40, 20}, Qt::red);
  QFile notes(QString::fromStdString((dir / "notes.txt").string()));
  ASSERT_TRUE(notes.open(QIODevice::WriteOnly));
  notes.close();
  open(dir.path().string());
  auto* problems = child<QListWidget>("dataProblems");
  ASSERT_TRUE(problems->isVisible());
  ASSERT_EQ(problems->count(), 2);
  EXPECT_TRUE(problems->item(0)->toolTip().contains(QStringLiteral("cover.png")));
  EXPECT_TRUE(problems->item(1)->text().contains(QStringLiteral("notes.txt")));
}

// Issue 16, F21.
TEST_F(DataPanelTest, ShowsEveryLineOfItsFacts) {
  for (const char* name : {"a.png", "b.png"}) {
    writeImage(dir / name, {40, 20}, Qt::red);
  }
  open(dir.path().string());
  for (const char* name : {"imageCount", "heldOutCount", "classCount", "imageSizes"}) {
    const auto* label = child<QLabel>(name);
    EXPECT_GE(label->height(), label->heightForWidth(label->width())) << name;
  }
  EXPECT_EQ(text("heldOutCount"), QStringLiteral("none, without classes"));
}

TEST_F(DataPanelTest, ChecksEveryImage) {
  writePets(dir.path());
  writeNoise(dir / "train" / "dog" / "cut.png", 64);
  damage(dir / "train" / "dog" / "cut.png");
  open(dir.path().string());
  EXPECT_FALSE(child<QListWidget>("dataProblems")->isVisible()) << "its header is fine";
  QTest::mouseClick(child<QPushButton>("checkImages"), Qt::LeftButton);
  EXPECT_TRUE(panel->isBusy());
  settle();
  EXPECT_TRUE(text("checkVerdict").contains(QStringLiteral("1 of 9")));
  ASSERT_EQ(child<QListWidget>("dataProblems")->count(), 1);
  EXPECT_TRUE(
      child<QListWidget>("dataProblems")->item(0)->text().contains(QStringLiteral("dog/cut.png")));
  EXPECT_EQ(text("imageSizes"), QStringLiteral("40 × 20 to 60 × 60"));
  EXPECT_FALSE(child<QWidget>("checkProgress")->isVisible());
}

TEST_F(DataPanelTest, TellsHowManyAskForATurn) {
  writeNoise(dir / "a.png", 20);
  writeNoise(dir / "b.png", 20);
  QFile picture(QString::fromStdString((dir / "b.png").string()));
  ASSERT_TRUE(picture.open(QIODevice::ReadWrite));
  QByteArray bytes = picture.readAll();
  // Behind the header EXIF data that ask for a turn by a quarter; their checksum does not matter.
  bytes.insert(33,
               QByteArray::fromHex("0000001a655849664d4d002a00000008"
                                   "00010112000300000001000600000000000000000000"));
  picture.seek(0);
  picture.write(bytes);
  picture.close();
  open(dir.path().string());
  QTest::mouseClick(child<QPushButton>("checkImages"), Qt::LeftButton);
  settle();
  EXPECT_TRUE(text("checkVerdict").contains(QStringLiteral("1 with an EXIF turn")))
      << text("checkVerdict").toStdString();
}

TEST_F(DataPanelTest, ACheckCanBeCancelled) {
  writeNoise(dir / "0.png", 900);
  for (int i = 1; i < 60; ++i) {
    std::filesystem::copy(dir / "0.png", dir / (std::to_string(i) + ".png"));
  }
  open(dir.path().string());
  auto* button = child<QPushButton>("checkImages");
  QTest::mouseClick(button, Qt::LeftButton);
  EXPECT_TRUE(child<QWidget>("checkProgress")->isVisible());
  const QString cancel = button->text();
  QTest::mouseClick(button, Qt::LeftButton);
  EXPECT_NE(button->text(), cancel);
  EXPECT_TRUE(QTest::qWaitFor([&] { return !panel->isBusy(); }))
      << "thumbnails may still be on their way";
  EXPECT_TRUE(text("checkVerdict").contains(QStringLiteral("cancelled")));
  EXPECT_EQ(child<QListWidget>("dataProblems")->count(), 0);
}

TEST_F(DataPanelTest, TakesADroppedFolderOfImagesOnly) {
  writePets(dir / "pets");
  { RunFolder::create(dir / "run", RunConfig{}, RunRecord{.id = "x"}); }
  open("shapes");
  const auto offer = [&](const std::filesystem::path& path) {
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(QString::fromStdString(path.string()))});
    QDragEnterEvent enter({9, 9}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    enter.ignore();
    QCoreApplication::sendEvent(panel.get(), &enter);
    QDropEvent drop({9, 9}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(panel.get(), &drop);
    return enter.isAccepted();
  };
  EXPECT_FALSE(offer(dir / "run"));
  EXPECT_FALSE(offer(dir / "pets" / "test" / "cat" / "x.png"));
  EXPECT_EQ(experiment.config().data.source, "shapes:2");
  EXPECT_TRUE(offer(dir / "pets"));
  EXPECT_EQ(experiment.config().data.source, (dir / "pets").string());
  settle();
  EXPECT_EQ(panel->dataset()->size(), 8);
}

TEST_F(DataPanelTest, CanGoAtAnyMoment) {
  writeNoise(dir / "a.png", 900);
  experiment.setSource(dir.path().string(), true);
  for (int moment = 0; moment < 3; ++moment) {
    panel = std::make_unique<DataPanel>(experiment);
    panel->show();
    if (moment > 0) {  // thumbnails and a check go on
      ASSERT_TRUE(QTest::qWaitFor([&] { return panel->dataset() != nullptr; }, kPatienceMs));
      panel->grab();
      child<QPushButton>("checkImages")->click();
    }
    panel.reset();
  }
  QTest::qWait(0);
}

TEST_F(DataPanelTest, EveryControlIsNamed) {
  open("shapes");
  for (const QWidget* widget : panel->findChildren<QWidget*>()) {
    const bool isControl = qobject_cast<const QPushButton*>(widget) != nullptr ||
                           qobject_cast<const QComboBox*>(widget) != nullptr ||
                           qobject_cast<const QLineEdit*>(widget) != nullptr ||
                           qobject_cast<const QAbstractItemView*>(widget) != nullptr;
    if (!isControl || widget->parentWidget()->inherits("QComboBoxPrivateContainer")) {
      continue;
    }
    const auto* button = qobject_cast<const QAbstractButton*>(widget);
    EXPECT_FALSE(widget->objectName().isEmpty()) << widget->metaObject()->className();
    EXPECT_TRUE(!widget->accessibleName().isEmpty() ||
                (button != nullptr && !button->text().isEmpty()))
        << widget->objectName().toStdString();
  }
}

}  // namespace
}  // namespace barlow::ui
