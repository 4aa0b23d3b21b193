#include "ui/inspector/export_dialog.h"

#include "core/base/atomic_file.h"
#include "core/matrix/order_file.h"
#include "tests/core/matrix/random_matrix.h"
#include "tests/support/temp_dir.h"
#include "ui/dialogs/ask.h"
#include "ui/inspector/export_form.h"
#include "ui/inspector/picture_text.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QtTest/QTest>
#include <gtest/gtest.h>

#include <algorithm>
#include <latch>

namespace barlow::ui {
namespace {

class ExportDialogTest : public testing::Test {
 protected:
  explicit ExportDialogTest() {
    setMatrix(randomMatrix(64, 64, 1, 0.3, {.n = 256, .name = "runs/my run.npy", .step = 40}));
    dialog_.show();
  }
  void setMatrix(const Matrix& matrix) {
    source_.pyramid = MatrixPyramid::build(matrix);
    source_.statistics = computeStatistics(matrix);
    source_.viewport = fittedViewport(matrix.rows(), matrix.columns(), 120, 100);
    dialog_.setSource(source_);
  }
  template <class Widget>
  Widget* find(const char* name) {
    auto* widget = dialog_.findChild<Widget*>(QString::fromLatin1(name));
    EXPECT_NE(widget, nullptr) << name;
    return widget;
  }
  void choose(ExportKind kind) {
    auto* box = find<QComboBox>("exportKind");
    box->setCurrentIndex(box->findData(static_cast<int>(kind)));
  }
  QString textOf(const char* name) { return find<QLabel>(name)->text(); }
  bool isMeasured() {
    return QTest::qWaitFor([&] { return textOf("exportSize").startsWith("About"); });
  }
  bool hasEnded() {
    return QTest::qWaitFor([&] { return !dialog_.isBusy() && !textOf("exportOutcome").isEmpty(); });
  }
  // Saves the chosen kind and gives the file's path.
  std::filesystem::path saveAs(const std::string& name) {
    const std::filesystem::path path = dir_ / name;
    const AnswerDialogs answers(
        {.saveFile = [&](const QString& suggested) -> std::optional<QString> {
          suggested_ = suggested;
          return QString::fromStdString(path.string());
        }});
    EXPECT_TRUE(isMeasured());
    QTest::mouseClick(find<QPushButton>("exportSave"), Qt::LeftButton);
    EXPECT_TRUE(hasEnded());
    return path;
  }
  void expectShown(std::initializer_list<const char*> shown) {
    for (const char* name :
         {"exportFactor", "exportFrame", "exportRows", "exportColumns", "exportPairs"}) {
      const bool isDue = std::any_of(
          shown.begin(), shown.end(), [&](const char* due) { return std::string(due) == name; });
      EXPECT_EQ(find<QWidget>(name)->isVisible(), isDue) << name;
    }
  }

  TempDir dir_;
  ExportSource source_;
  ExportDialog dialog_;
  QString suggested_;
};

TEST_F(ExportDialogTest, ShowsTheFieldsThatApply) {
  EXPECT_FALSE(dialog_.isModal());
  expectShown({"exportFactor", "exportFrame"});
  choose(ExportKind::FullPicture);
  expectShown({});
  choose(ExportKind::Npy);
  expectShown({"exportRows", "exportColumns"});
  choose(ExportKind::Csv);
  expectShown({"exportRows", "exportColumns"});
  choose(ExportKind::Pairs);
  expectShown({"exportPairs"});
  choose(ExportKind::OrderFile);
  expectShown({});
}

TEST_F(ExportDialogTest, SavesAPictureOfTheAnnouncedFactor) {
  EXPECT_FALSE(find<QPushButton>("exportSave")->isEnabled()) << "before the size is known";
  find<QComboBox>("exportFactor")->setCurrentIndex(2);
  find<QCheckBox>("exportFrame")->setChecked(false);
  QSignalSpy saved(&dialog_, &ExportDialog::saved);
  const auto path = saveAs("c.png");
  EXPECT_TRUE(suggested_.endsWith("/my-run-step-40.png")) << suggested_.toStdString();
  EXPECT_EQ(saved.count(), 1);
  const QImage image(QString::fromStdString(path.string()));
  ASSERT_EQ(image.size(), QSize(360, 300));
  std::vector<std::uint32_t> expected(360 * 300);
  Viewport large = source_.viewport;
  large.width *= 3;
  large.height *= 3;
  large.cellsPerPixel /= 3;
  renderViewport(*source_.pyramid, large, {}, expected.data(), 360);
  for (int y = 0; y < 300; ++y) {
    for (int x = 0; x < 360; ++x) {
      ASSERT_EQ(image.pixel(x, y), expected[static_cast<std::size_t>(y * 360 + x)]);
    }
  }
}

TEST_F(ExportDialogTest, CopiesThePictureWithItsTexts) {
  ASSERT_TRUE(isMeasured());
  QTest::mouseClick(find<QPushButton>("exportCopy"), Qt::LeftButton);
  ASSERT_TRUE(hasEnded());
  const QImage image = QApplication::clipboard()->image();
  FramedPicture bare =
      drawPicture(*source_.pyramid, {.viewport = source_.viewport, .settings = {}});
  ASSERT_EQ(image.size(), QSize(bare.width, bare.height));
  // Letters are where the frame has nothing but paper.
  for (const PictureText& text : bare.texts) {
    int ink = 0;
    for (int y = static_cast<int>(text.y - text.height / 2); y < text.y + text.height / 2; ++y) {
      for (int x = static_cast<int>(text.x); x < text.x + text.width; ++x) {
        ink += qGray(image.pixel(x, y)) < 128 ? 1 : 0;
      }
    }
    EXPECT_GT(ink, 5) << text.text;
  }
}

TEST_F(ExportDialogTest, CopiesASelectionAsATable) {
  choose(ExportKind::Csv);
  QTest::keyClicks(find<QLineEdit>("exportRows"), "5, 0-1");
  QTest::keyClicks(find<QLineEdit>("exportColumns"), "7");
  ASSERT_TRUE(isMeasured());
  QTest::mouseClick(find<QPushButton>("exportCopy"), Qt::LeftButton);
  ASSERT_TRUE(hasEnded());
  const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
  ASSERT_EQ(lines.size(), 4);
  EXPECT_EQ(lines[0], "dimension\t7");
  EXPECT_TRUE(lines[1].startsWith("5\t"));
  EXPECT_EQ(lines[3].section('\t', 1).toFloat(), source_.pyramid->matrix().at(1, 7));
}

TEST_F(ExportDialogTest, SaysWhatIsWrongWithARange) {
  choose(ExportKind::Npy);
  ASSERT_TRUE(isMeasured());
  QTest::keyClicks(find<QLineEdit>("exportColumns"), "60-64");
  EXPECT_FALSE(find<QPushButton>("exportSave")->isEnabled());
  EXPECT_TRUE(QTest::qWaitFor([&] { return textOf("exportSize").contains("0 to 63"); }));
  EXPECT_TRUE(textOf("exportSize").startsWith("Columns:")) << textOf("exportSize").toStdString();
  EXPECT_FALSE(find<QPushButton>("exportSave")->isEnabled());
  find<QLineEdit>("exportColumns")->clear();
  EXPECT_TRUE(isMeasured());
  EXPECT_TRUE(find<QPushButton>("exportSave")->isEnabled());
  EXPECT_FALSE(find<QPushButton>("exportCopy")->isEnabled()) << "NPY is no text";
}

TEST_F(ExportDialogTest, SavesTheOrderThatIsShown) {
  source_.order = originalOrder(64);
  std::reverse(source_.order.begin(), source_.order.end());
  source_.orderName = "backwards";
  dialog_.setSource(source_);
  choose(ExportKind::OrderFile);
  const auto path = saveAs("order.json");
  EXPECT_TRUE(suggested_.endsWith("-order.json")) << suggested_.toStdString();
  EXPECT_EQ(readOrderFile(path, 64), (NamedOrder{.name = "backwards", .order = source_.order}));
}

TEST_F(ExportDialogTest, TellsWhyAFileCannotBeWritten) {
  choose(ExportKind::Pairs);
  saveAs("missing/pairs.csv");
  EXPECT_TRUE(textOf("exportOutcome").contains("does not exist"))
      << textOf("exportOutcome").toStdString();
  EXPECT_TRUE(find<QPushButton>("exportSave")->isEnabled()) << "one can try another place";
}

// Keeps every thread of the pool busy, so that a job is surely still to come.
class BusyPool {
 public:
  BusyPool() {
    QThreadPool* pool = workerPool();
    for (int i = 0; i < pool->maxThreadCount(); ++i) {
      pool->start([this] { released_.wait(); });
    }
  }
  ~BusyPool() {
    release();
    workerPool()->waitForDone();
  }
  BusyPool(const BusyPool&) = delete;
  BusyPool& operator=(const BusyPool&) = delete;
  void release() {
    if (!released_.try_wait()) {
      released_.count_down();
    }
  }

 private:
  std::latch released_{1};
};

TEST_F(ExportDialogTest, CancelLeavesNoFile) {
  choose(ExportKind::Csv);
  ASSERT_TRUE(isMeasured());
  const AnswerDialogs answers({.saveFile = [&](const QString&) -> std::optional<QString> {
    return QString::fromStdString((dir_ / "c.csv").string());
  }});
  BusyPool pool;
  QTest::mouseClick(find<QPushButton>("exportSave"), Qt::LeftButton);
  EXPECT_TRUE(dialog_.isBusy());
  EXPECT_TRUE(find<QProgressBar>("exportProgress")->isVisible());
  EXPECT_FALSE(dialog_.grab().isNull()) << "painting needs no worker";
  EXPECT_FALSE(find<QPushButton>("exportSave")->isEnabled()) << "one export at a time";
  QTest::mouseClick(find<QPushButton>("exportCancel"), Qt::LeftButton);
  EXPECT_FALSE(find<QPushButton>("exportCancel")->isEnabled());
  pool.release();
  ASSERT_TRUE(hasEnded());
  EXPECT_TRUE(textOf("exportOutcome").startsWith("Cancelled"))
      << textOf("exportOutcome").toStdString();
  EXPECT_TRUE(std::filesystem::is_empty(dir_.path()));
  EXPECT_FALSE(find<QProgressBar>("exportProgress")->isVisible());
  EXPECT_TRUE(find<QPushButton>("exportSave")->isEnabled());
}

TEST_F(ExportDialogTest, AsksBeforeALargeTable) {
  // Cells that are long as text: as many bytes as a matrix of 4096 would have.
  setMatrix(Matrix::generated(4500, 4500, [](std::int64_t i, std::int64_t j) {
    return -1.2345678e-12f * static_cast<float>(1 + i % 97 + j % 89);
  }));
  choose(ExportKind::Csv);
  ASSERT_TRUE(isMeasured());
  int questions = 0;
  bool wasAskedForFile = false;
  const AnswerDialogs answers({.question =
                                   [&](const Question& question) {
                                     ++questions;
                                     EXPECT_TRUE(question.detail.contains("77 MiB"))
                                         << question.detail.toStdString();
                                     return 1;
                                   },
                               .saveFile = [&](const QString&) -> std::optional<QString> {
                                 wasAskedForFile = true;
                                 return std::nullopt;
                               }});
  QTest::mouseClick(find<QPushButton>("exportSave"), Qt::LeftButton);
  EXPECT_EQ(questions, 1);
  EXPECT_FALSE(wasAskedForFile);
  EXPECT_FALSE(dialog_.isBusy());
}

TEST_F(ExportDialogTest, AMatrixIsNeeded) {
  ExportDialog empty;
  empty.show();
  auto* size = empty.findChild<QLabel*>(QStringLiteral("exportSize"));
  EXPECT_TRUE(QTest::qWaitFor([&] { return size->text() == "There is no matrix yet."; }));
  EXPECT_FALSE(empty.findChild<QPushButton*>(QStringLiteral("exportSave"))->isEnabled());
}

TEST_F(ExportDialogTest, EveryControlHasANameForThoseWhoCannotSeeIt) {
  for (const QWidget* widget : dialog_.findChildren<QWidget*>()) {
    const bool isControl = qobject_cast<const QComboBox*>(widget) != nullptr ||
                           qobject_cast<const QSpinBox*>(widget) != nullptr ||
                           qobject_cast<const QProgressBar*>(widget) != nullptr ||
                           widget->objectName().startsWith(QLatin1String("export"));
    if (isControl && qobject_cast<const QLabel*>(widget) == nullptr) {
      const auto* button = qobject_cast<const QAbstractButton*>(widget);
      EXPECT_TRUE(!widget->accessibleName().isEmpty() ||
                  (button != nullptr && !button->text().isEmpty()))
          << widget->objectName().toStdString();
    }
  }
}

TEST(PictureTexts, AreCutAtTheirWidth) {
  FramedPicture picture;
  picture.width = 200;
  picture.height = 40;
  picture.pixels.assign(200 * 40, 0xffffffff);
  picture.texts = {{.text = std::string(300, 'M'), .x = 10, .y = 20, .height = 12, .width = 90}};
  drawPictureTexts(picture, QApplication::font());
  int inside = 0;
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 200; ++x) {
      const bool isInk = picture.pixels[static_cast<std::size_t>(y * 200 + x)] != 0xffffffff;
      inside += isInk ? 1 : 0;
      EXPECT_FALSE(isInk && (x < 9 || x > 101)) << x << ", " << y;
    }
  }
  EXPECT_GT(inside, 50);
}

}  // namespace
}  // namespace barlow::ui
