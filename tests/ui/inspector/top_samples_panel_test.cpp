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
