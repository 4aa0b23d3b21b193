#include "ui/forms/number_box.h"

#include <QLocale>
#include <QSignalSpy>
#include <QTest>
#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

// Issue 16: Qt's boxes drop what the locale calls a separator of thousands, so that "0.05" became
// 5 in German and "1,5" became 15 in English.
class InLocale : public testing::TestWithParam<QLocale::Language> {
 protected:
  InLocale() { QLocale::setDefault(QLocale(GetParam())); }
  ~InLocale() override { QLocale::setDefault(before_); }

  template <class Box>
  static void type(Box& box, const char* text) {
    box.selectAll();
    QTest::keyClicks(&box, QString::fromUtf8(text));
    QTest::keyClick(&box, Qt::Key_Return);
  }

 private:
  QLocale before_;
};

TEST_P(InLocale, CommaAndPointAreTheDecimalPoint) {
  NumberBox box(-1e6, 1e6);
  box.show();
  for (const auto& [text, value] :
       std::initializer_list<std::pair<const char*, double>>{{"0.05", 0.05},
                                                             {"0,05", 0.05},
                                                             {"1,5", 1.5},
                                                             {"1.5", 1.5},
                                                             {"-2,25", -2.25},
                                                             {",5", 0.5},
                                                             {"1,5e-3", 0.0015},
                                                             {"1,000", 1},
                                                             {"1.000", 1},
                                                             {"12345", 12345}}) {
    box.setValue(7);
    type(box, text);
    EXPECT_EQ(box.value(), value) << text;
  }
}

TEST_P(InLocale, WhatIsNoNumberGivesWayToTheOneBefore) {
  NumberBox box(0, 100);
  box.show();
  QSignalSpy told(&box, &QDoubleSpinBox::valueChanged);
  box.setValue(7);
  for (const char* text : {"1.000,5",
                           "1,000.5",
                           "1.2.3",
                           "1,2,3",
                           "1 5",
                           "nan",
                           "inf",
                           "0x10",
                           "abc",
                           "",
                           "-",
                           "101",
                           "1e999"}) {
    type(box, text);
    EXPECT_EQ(box.value(), 7) << text;
    EXPECT_EQ(box.text(), QStringLiteral("7")) << text;
  }
  EXPECT_EQ(told.count(), 1);
}

TEST_P(InLocale, WhatIsShownIsReadBack) {
  NumberBox box(-1e30, 1e30);
  box.setSuffix(QStringLiteral(" %"));
  for (const double value : {0.0051, 12345.0, -1234.5, 1e-6, 1e29, 0.0}) {
    box.setValue(value);
    EXPECT_DOUBLE_EQ(box.valueFromText(box.text()), box.value()) << box.text().toStdString();
  }
}

TEST_P(InLocale, WholeNumbersTakeNoSeparator) {
  WholeBox box;
  box.setRange(0, 100000);
  box.show();
  for (const char* text : {"1,5", "1.5", "2.000", "2,000", "2 000", "0.05", "x", "-3", "100001"}) {
    box.setValue(7);
    type(box, text);
    EXPECT_EQ(box.value(), 7) << text;
  }
  type(box, "2000");
  EXPECT_EQ(box.value(), 2000);
  EXPECT_EQ(box.text(), QStringLiteral("2000"));
}

INSTANTIATE_TEST_SUITE_P(Locales,
                         InLocale,
                         testing::Values(QLocale::C,
                                         QLocale::English,
                                         QLocale::German,
                                         QLocale::French,
                                         QLocale::Persian));

TEST(NumberOf, ReadsOtherDigitsAndSigns) {
  EXPECT_EQ(numberOf(QStringLiteral(" \u22121\u066B5 ")), -1.5);
  EXPECT_EQ(numberOf(QStringLiteral("\u06F1\u06F2")), 12);
  EXPECT_EQ(plainNumber(QStringLiteral("0,05")), QStringLiteral("0.05"));
  EXPECT_EQ(plainNumber(QStringLiteral("many")), QStringLiteral("many"));
}

}  // namespace
}  // namespace barlow::ui
