#include "ui/inspector/top_samples_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QListWidget>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>

namespace barlow::ui {
namespace {

// Activation of sample n in dimension d: n for d = 0 of A, 1 for d = 0 of B, -n for d = 1 of both.
Matrix embeddings(std::int64_t n, float first) {
  return Matrix::generated(n, 2, [&](std::int64_t row, std::int64_t column) {
    const auto number = static_cast<float>(row);
    return column == 1 ? -number : first == 0 ? number : first;
  });
}

QImage plain(QRgb color) {
  QImage image(8, 8, QImage::Format_RGB32);
  image.fill(color);
  return image;
}

class TopSamplesPanelTest : public testing::Test {
 protected:
  TopSamplesPanelTest() {
    panel.resize(320, 500);
    panel.show();
  }
  QListWidget& list(const char* name) {
    return *panel.findChild<QListWidget*>(QString::fromLatin1(name));
  }
  QListWidget& upper() { return list("upperSamples"); }
  QListWidget& lower() { return list("lowerSamples"); }
  QString note() { return panel.findChild<QLabel*>(QStringLiteral("topSamplesNote"))->text(); }
  bool waitForLists() {
    return QTest::qWaitFor([this] { return upper().count() > 0 && lower().count() > 0; });
  }
  static QRgb colorOf(const QListWidgetItem& item) {
    return item.icon().pixmap(72, 72).toImage().pixel(30, 30);
  }
  TopSamplesPanel panel;
};

TEST_F(TopSamplesPanelTest, ListsBothEndsOfAPairWithBothActivations) {
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1));
  panel.showPair({0, 0});
  ASSERT_TRUE(waitForLists());
  EXPECT_EQ(upper().count(), 12);
  EXPECT_EQ(upper().item(0)->text(), QStringLiteral("Row 29:  A 29.00  B 1.00, product 29.00"));
  EXPECT_EQ(lower().item(0)->text(), QStringLiteral("Row 0:  A 0.00  B 1.00, product 0.00"));
}

std::shared_ptr<Inspection> inspectionFrom(const EmbeddingBatch& batch, const Matrix& matrix) {
  auto inspection = std::make_shared<Inspection>();
  inspection->pyramid = MatrixPyramid::build(matrix);
  inspection->embeddings = inspection->standard = std::make_shared<EmbeddingBatch>(batch);
  return inspection;
}

TEST_F(TopSamplesPanelTest, APrototypeHasItsImagesTheSurestFirst) {
  // Images 0, 2, 4 ... are at prototype 1, the later the surer; the others at 0.
  const Matrix p =
      Matrix::generated(20,
                        3,
                        [](std::int64_t n, std::int64_t k) {
                          return k == 1 - n % 2 ? 0.5f + 0.01f * static_cast<float>(n) : 0.1f;
                        },
                        {.n = 20, .kind = MatrixKind::Assignments});
  panel.setInspection(
      inspectionFrom({.a = embeddings(20, 0), .b = embeddings(20, 1), .samples = {}}, p));
  EXPECT_TRUE(note().contains(QStringLiteral("Select a prototype")));
  panel.showPrototype(1);
  ASSERT_TRUE(waitForLists());
  EXPECT_EQ(upper().count(), 10);
  EXPECT_TRUE(upper().item(0)->text().startsWith(QStringLiteral("Row 18:  share 0.68")));
  EXPECT_EQ(lower().count(), 10) << "those of others";
  panel.showPair({3, 2});
  ASSERT_TRUE(QTest::qWaitFor([this] { return upper().count() == 0 && lower().count() == 12; }));
  EXPECT_EQ(panel.findChild<QComboBox*>()->currentText(), QStringLiteral("Prototype 2"));
}

TEST_F(TopSamplesPanelTest, ACellOfTheSimilarityIsTwoImages) {
  const Matrix cosines = Matrix::generated(8,
                                           8,
                                           [](auto i, auto j) { return i == j ? 1.0f : 0.25f; },
                                           {.n = 8, .kind = MatrixKind::SampleSimilarity});
  EmbeddingBatch batch{.a = embeddings(8, 0), .b = embeddings(8, 1), .samples = {}};
  for (std::int64_t i = 0; i < 8; ++i) {
    batch.samples.push_back(100 + i);
  }
  panel.setInspection(inspectionFrom(batch, cosines));
  panel.showPair({2, 7});
  ASSERT_TRUE(waitForLists());
  ASSERT_EQ(upper().count(), 1);
  EXPECT_EQ(upper().item(0)->text(), QStringLiteral("Image 102:  cosine 0.25"));
  EXPECT_EQ(lower().item(0)->text(), QStringLiteral("Image 107:  cosine 0.25"));

  // Of a covariance both dimensions are of one view.
  panel.setInspection(inspectionFrom(
      batch,
      Matrix::generated(
          2, 2, [](auto, auto) { return 1.0f; }, {.n = 8, .kind = MatrixKind::CovarianceB})));
  EXPECT_TRUE(note().contains(QStringLiteral("Select a pair"))) << "that was of other things";
  panel.showPair({0, 1});
  ASSERT_TRUE(waitForLists());
  EXPECT_EQ(panel.findChild<QComboBox*>()->itemText(1), QStringLiteral("Dimension 0 of view B"));
  EXPECT_EQ(upper().item(0)->text(), QStringLiteral("Image 100:  1.00 and 0.00, product 0.00"));
}

TEST_F(TopSamplesPanelTest, ThePairsDimensionsAreAKeyAway) {
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1));
  panel.showPair({0, 1});
  ASSERT_TRUE(waitForLists());
  auto& subject = *panel.findChild<QComboBox*>();
  EXPECT_EQ(subject.count(), 3);
  subject.setFocus();
  QTest::keyClick(&subject, Qt::Key_Down);
  QTest::keyClick(&subject, Qt::Key_Down);
  EXPECT_EQ(subject.currentText(), QStringLiteral("Dimension 1 of view B"));
  ASSERT_TRUE(QTest::qWaitFor([this] {
    return upper().count() > 0 &&
           upper().item(0)->text() == QStringLiteral("Row 0:  activation 0.00");
  }));
  EXPECT_EQ(lower().item(0)->text(), QStringLiteral("Row 29:  activation -29.00"));
}

TEST_F(TopSamplesPanelTest, NamesImagesByTheirPlaceInTheDataSet) {
  std::vector<std::int64_t> samples;
  for (std::int64_t i = 0; i < 30; ++i) {
    samples.push_back(1000 + i);
  }
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1), samples);
  panel.showDimension(EmbeddingView::A, 0);
  ASSERT_TRUE(waitForLists());
  EXPECT_EQ(upper().item(0)->text(),
            QStringLiteral("Image %1:  activation 29.00").arg(QLocale().toString(1029)));
  QSignalSpy activated(&panel, &TopSamplesPanel::sampleActivated);
  upper().setFocus();
  upper().setCurrentRow(1);
  QTest::keyClick(&upper(), Qt::Key_Return);
  ASSERT_EQ(activated.count(), 1);
  EXPECT_EQ(activated.at(0).at(0).toLongLong(), 1028);
}

TEST_F(TopSamplesPanelTest, ShowsThePicturesOfTheSamples) {
  panel.setThumbnails([](std::int64_t sample, int side) {
    EXPECT_GE(side, 32);
    return sample == 29 ? plain(qRgb(255, 0, 0)) : sample == 0 ? plain(qRgb(0, 0, 255)) : QImage();
  });
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1));
  panel.showPair({0, 0});
  ASSERT_TRUE(waitForLists());
  EXPECT_EQ(upper().item(0)->text(), QStringLiteral("29\n29.00 × 1.00"));
  ASSERT_TRUE(QTest::qWaitFor([this] { return colorOf(*upper().item(0)) == qRgb(255, 0, 0); }));
  EXPECT_EQ(colorOf(*lower().item(0)), qRgb(0, 0, 255));
  EXPECT_NE(colorOf(*upper().item(1)), qRgb(255, 0, 0)) << "a missing picture stays empty";
}

// Issue 16: rows of files were called images, and captions had no key.
TEST_F(TopSamplesPanelTest, SaysWhatRowsAndCaptionsAre) {
  const auto legend = [this] {
    return panel.findChild<QLabel*>(QStringLiteral("topSamplesLegend"))->text();
  };
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1));
  panel.showPair({0, 0});
  ASSERT_TRUE(waitForLists());
  EXPECT_TRUE(legend().contains(QStringLiteral("name no images"))) << legend().toStdString();
  panel.setThumbnails([](std::int64_t, int) { return plain(qRgb(255, 0, 0)); },
                      [](std::int64_t sample) -> SampleImages::Name {
                        return {QStringLiteral("cat %1").arg(sample),
                                QStringLiteral("cat, files/%1.png").arg(sample)};
                      });
  panel.setEmbeddings(embeddings(3, 0), embeddings(3, 1), std::vector<std::int64_t>{100, 101, 102});
  ASSERT_TRUE(QTest::qWaitFor([this] {
    return upper().count() == 3 &&
           upper().item(0)->text() == QStringLiteral("cat 102\n2.00 × 1.00");
  }));
  EXPECT_TRUE(upper().item(0)->toolTip().contains(QStringLiteral("files/102.png")));
  EXPECT_TRUE(upper().item(0)->toolTip().contains(QStringLiteral("Image 102")));
  EXPECT_TRUE(legend().contains(QStringLiteral("class or file"))) << legend().toStdString();
}

TEST_F(TopSamplesPanelTest, PicturesOfWhatIsShownNoLongerAreDropped) {
  std::latch isFirstUnderWay(1);
  std::latch mayFirstEnd(1);
  std::atomic<int> calls = 0;
  panel.setThumbnails([&](std::int64_t, int) {
    if (calls++ == 0) {
      isFirstUnderWay.count_down();
      mayFirstEnd.wait();
      return plain(qRgb(255, 0, 0));
    }
    return plain(qRgb(0, 255, 0));
  });
  panel.setEmbeddings(embeddings(30, 0), embeddings(30, 1));
  panel.showPair({0, 0});
  ASSERT_TRUE(waitForLists());
  isFirstUnderWay.wait();
  panel.showPair({0, 1});
  mayFirstEnd.count_down();
  ASSERT_TRUE(waitForLists());
  ASSERT_TRUE(QTest::qWaitFor([this] { return colorOf(*upper().item(0)) == qRgb(0, 255, 0); }));
  for (int i = 0; i < upper().count(); ++i) {
    EXPECT_EQ(colorOf(*upper().item(i)), qRgb(0, 255, 0)) << i;
  }
  EXPECT_LE(calls.load(), 1 + 24) << "the first request ended after the picture it was at";
}

TEST_F(TopSamplesPanelTest, SaysWhyThereIsNothing) {
  EXPECT_TRUE(note().startsWith(QStringLiteral("Select a pair")));
  panel.showPair({0, 0});
  EXPECT_TRUE(note().startsWith(QStringLiteral("There are no embeddings")));
  panel.setEmbeddings(embeddings(3, 0), embeddings(3, 1));
  ASSERT_TRUE(waitForLists());
  EXPECT_TRUE(note().isEmpty());
  panel.showPair({0, 5});
  EXPECT_EQ(note(), QStringLiteral("Pair 0, 5 is outside these embeddings."));
  EXPECT_EQ(upper().count(), 0);
  panel.setThumbnails(
      [](std::int64_t, int) -> QImage { throw std::runtime_error("The data set is gone."); });
  panel.showPair({0, 0});
  EXPECT_TRUE(
      QTest::qWaitFor([this] { return note() == QStringLiteral("The data set is gone."); }));
}

}  // namespace
}  // namespace barlow::ui
