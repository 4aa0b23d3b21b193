#include "ui/plots/crop_view.h"
#include "ui/plots/image_convert.h"
#include "ui/plots/view_pair_strip.h"

#include <gtest/gtest.h>

namespace barlow::ui {
namespace {

RgbImage filled(int side, std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  RgbImage image(side, side);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    image.pixels[i] = red;
    image.pixels[i + 1] = green;
    image.pixels[i + 2] = blue;
  }
  return image;
}

TEST(ImageConvert, KeepsEveryPixel) {
  RgbImage image(3, 2);  // rows of nine bytes: Qt pads them, we do not
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(10 * i);
  }
  const QImage converted = toQImage(image);
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      const std::uint8_t* p = image.row(y) + 3 * x;
      EXPECT_EQ(converted.pixel(x, y), qRgb(p[0], p[1], p[2]));
    }
  }
}

TEST(CropView, KeepsTheAspectAndDrawsBothBoxes) {
  CropView view;
  view.resize(400, 200);
  view.setImage(toQImage(filled(100, 200, 200, 200)));
  EXPECT_EQ(view.imageArea(), QRectF(100, 0, 200, 200));
  const QImage plain = view.grab().toImage();
  EXPECT_EQ(plain.pixel(200, 100), qRgb(200, 200, 200));
  view.setCrops(ViewPlan::Crop{10, 20, 50, 50}, std::nullopt);
  const QImage boxed = view.grab().toImage();
  EXPECT_NE(boxed.pixel(100 + 2 * 35, 2 * 70), qRgb(200, 200, 200)) << "the lower edge of A";
  EXPECT_EQ(boxed.pixel(100 + 2 * 90, 2 * 10), qRgb(200, 200, 200));
  view.setCrops(std::nullopt, std::nullopt);
  EXPECT_EQ(view.grab().toImage(), plain);
}

TEST(ViewPairStrip, ShowsAOverBInAsManyColumnsAsFit) {
  ViewPairStrip strip;
  strip.resize(400, 160);
  std::vector<SampleViews> samples(20,
                                   {.views = {{.image = filled(8, 255, 0, 0), .plan = {}},
                                              {.image = filled(8, 0, 0, 255), .plan = {}}}});
  strip.setSamples(samples);
  EXPECT_GT(strip.columnCount(), 2);
  EXPECT_LT(strip.columnCount(), 20);
  const QImage image = strip.grab().toImage();
  EXPECT_EQ(image.pixel(80, 40), qRgb(255, 0, 0));
  EXPECT_EQ(image.pixel(80, 120), qRgb(0, 0, 255));
  // Issue 17: small crops beside them, at about half their size.
  const int pairs = strip.columnCount();
  for (SampleViews& sample : samples) {
    sample.views.resize(2 + 6, {.image = filled(4, 0, 255, 0), .plan = {}});
  }
  strip.setSamples(samples);
  EXPECT_GE(strip.columnCount(), 1);
  EXPECT_LT(strip.columnCount(), pairs);
  const QImage wide = strip.grab().toImage();
  EXPECT_EQ(wide.pixel(80, 40), qRgb(255, 0, 0));
  EXPECT_EQ(wide.pixel(80, 120), qRgb(0, 0, 255));
  int greens = 0;
  for (int x = 0; x < 300; ++x) {
    greens += wide.pixel(x, 20) == qRgb(0, 255, 0) ? 1 : 0;
  }
  EXPECT_GT(greens, 40);
  strip.setSamples({});
  EXPECT_EQ(strip.columnCount(), 0);
}

TEST(DescribePlan, SaysWhatWasDrawnInOrder) {
  ViewPlan plan;
  plan.crop = {12, 3, 140, 120};
  plan.flip = true;
  plan.jitter = ViewPlan::Jitter{
      .order = {ColorOp::Contrast, ColorOp::Hue, ColorOp::Brightness, ColorOp::Saturation},
      .brightness = 1.21,
      .contrast = 0.9,
      .saturation = 1.1,
      .hue = -0.25};
  plan.solarizeThreshold = 128;
  EXPECT_EQ(describePlan(plan).toStdString(),
            "crop 140 x 120 at (12, 3), flipped, contrast × 0.90, hue -90°, brightness × 1.21, "
            "saturation × 1.10, solarised from 128");
  EXPECT_TRUE(describePlan(plan, true).endsWith(QStringLiteral("flipped")));
  EXPECT_EQ(describePlan(ViewPlan{}).toStdString(), "crop 0 x 0 at (0, 0)");
}

}  // namespace
}  // namespace barlow::ui
