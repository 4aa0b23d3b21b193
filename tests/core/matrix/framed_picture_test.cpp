#include "core/matrix/framed_picture.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "tests/core/matrix/random_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace barlow {
namespace {

std::shared_ptr<const MatrixPyramid> pyramidOf(std::int64_t side) {
  return MatrixPyramid::build(randomMatrix(
      side, side, 5, 0.3, {.n = 256, .lambda = 0.0051, .name = "run-7", .step = 1200}));
}

PictureRequest requestFor(std::int64_t side, int width, int height) {
  return {.viewport = fittedViewport(side, side, width, height), .settings = {}};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    text += part + "; ";
  }
  return text;
}

TEST(FramedPicture, HoldsTheMatrixAsItIsDrawn) {
  const auto pyramid = pyramidOf(300);
  for (const int factor : {1, 2, 3, 4}) {
    for (const bool isFramed : {true, false}) {
      PictureRequest request = requestFor(300, 120, 90);
      request.factor = factor;
      request.isFramed = isFramed;
      const FramedPicture picture = drawPicture(*pyramid, request, factor % 2 + 1);
      Viewport large = request.viewport;
      large.width *= factor;
      large.height *= factor;
      large.cellsPerPixel /= factor;
      std::vector<std::uint32_t> expected(static_cast<std::size_t>(large.width * large.height));
      renderViewport(*pyramid, large, {}, expected.data(), large.width);
      EXPECT_EQ(picture.texts.empty(), !isFramed);
      if (!isFramed) {
        EXPECT_EQ(picture.width, large.width);
        EXPECT_EQ(picture.pixels, expected);
        continue;
      }
      for (int y = 0; y < large.height; ++y) {
        const std::uint32_t* row =
            picture.pixels.data() + (picture.top + y) * picture.width + picture.left;
        ASSERT_TRUE(std::equal(row, row + large.width, expected.data() + y * large.width))
            << "row " << y << ", factor " << factor;
      }
    }
  }
}

TEST(FramedPicture, TheBarShowsTheScaleFromTopToBottom) {
  const auto pyramid = pyramidOf(64);
  PictureRequest request = requestFor(64, 200, 200);
  request.settings.color.showsClipped = false;
  request.settings.color.scale = ScaleKind::SymmetricLog;
  const FramedPicture picture = drawPicture(*pyramid, request);
  const ColorScale scale(request.settings.color);
  const int x = picture.left + 200 + 10 + 7;  // the middle of the bar, beyond the gap
  const auto at = [&](int y) {
    return picture.pixels[static_cast<std::size_t>((picture.top + y) * picture.width + x)];
  };
  for (int y = 0; y < 200; ++y) {
    ASSERT_EQ(at(y), scale.color(scale.valueAt(1 - (static_cast<float>(y) + 0.5f) / 200))) << y;
  }
  request.settings.color.showsClipped = true;
  const FramedPicture clipped = drawPicture(*pyramid, request);
  const auto pixel = [&](int y) {
    return clipped.pixels[static_cast<std::size_t>((clipped.top + y) * clipped.width + x)];
  };
  EXPECT_EQ(pixel(0), request.settings.color.over);
  EXPECT_EQ(pixel(199), request.settings.color.under);
}

TEST(FramedPicture, EverythingIsInsideAndTextsAreApart) {
  const auto pyramid = pyramidOf(64);
  for (const int side : {1, 20, 150, 700}) {
    for (const double scale : {1.0, 1.5, 2.0}) {
      PictureRequest request = requestFor(64, side, side);
      request.textScale = scale;
      request.factor = 2;
      const FramedPicture picture = drawPicture(*pyramid, request);
      ASSERT_FALSE(picture.texts.empty());
      for (const PictureText& text : picture.texts) {
        EXPECT_GE(text.x, 0);
        EXPECT_LE(text.x + text.width, picture.width + 1e-9);
        EXPECT_GE(text.y - text.height / 2, 0) << text.text;
        EXPECT_LE(text.y + text.height / 2, picture.height);
        for (const PictureText& other : picture.texts) {
          const bool isApart =
              &text == &other || text.x != other.x || std::abs(text.y - other.y) >= text.height;
          EXPECT_TRUE(isApart) << text.text << " and " << other.text << " at " << side;
        }
      }
    }
  }
}

TEST(FramedPicture, TheCaptionSaysWhatIsShown) {
  const auto pyramid = pyramidOf(512);
  PictureRequest request = requestFor(512, 64, 64);
  EXPECT_EQ(joined(captionParts(*pyramid, request)),
            "run-7; step 1200; 512 x 512; N = 256; lambda = 0.0051; C, Peak of 8 x 8 cells; "
            "colours -1 to 1; ");
  const auto similarity = MatrixPyramid::build(
      Matrix::generated(4,
                        4,
                        [](auto, auto) { return 0.5f; },
                        {.n = 4, .step = 3, .kind = MatrixKind::SampleSimilarity}));
  EXPECT_EQ(joined(captionParts(*similarity, requestFor(4, 64, 64)))
                .find("step 3; Similarity of images; 4 x 4"),
            0u);
  request.factor = 4;
  EXPECT_NE(joined(captionParts(*pyramid, request)).find("Peak of 2 x 2 cells"), std::string::npos);
  request.viewport = {.row = 10, .column = -3, .cellsPerPixel = 0.25, .width = 64, .height = 64};
  request.settings.transform = ValueTransform::Absolute;
  request.settings.diagonal = DiagonalStyle::Hidden;
  request.settings.color.scale = ScaleKind::Gamma;
  EXPECT_EQ(joined(captionParts(*pyramid, request)),
            "run-7; step 1200; 512 x 512; rows 10-25, columns 0-12; N = 256; lambda = 0.0051; |C|; "
            "diagonal hidden; colours -1 to 1, gamma 0.5; ");
}

TEST(BarTicks, HoldTheLimitsAndZeroAndKeepTheirDistance) {
  for (const ScaleKind kind : {ScaleKind::Linear, ScaleKind::SymmetricLog, ScaleKind::Gamma}) {
    for (const auto& [low, high] : {std::pair{-1.0f, 1.0f},
                                    std::pair{-0.037f, 0.037f},
                                    std::pair{0.0f, 0.004f},
                                    std::pair{-3.0f, 700.0f},
                                    std::pair{0.2f, 0.3f}}) {
      for (const double spacing : {0.05, 0.12, 0.4, 1.5}) {
        const ColorScale scale({.low = low, .high = high, .scale = kind});
        const std::vector<float> ticks = barTicks(scale, spacing);
        ASSERT_GE(ticks.size(), 2u);
        EXPECT_EQ(ticks.front(), low);
        EXPECT_EQ(ticks.back(), high);
        for (std::size_t k = 1; k < ticks.size() && ticks.size() > 2; ++k) {
          EXPECT_GE(scale.position(ticks[k]) - scale.position(ticks[k - 1]), spacing * 0.999);
        }
      }
    }
  }
  EXPECT_EQ(barTicks(ColorScale({}), 0.12), (std::vector<float>{-1, -0.5f, 0, 0.5f, 1}));
  const auto ticks = barTicks(ColorScale({.scale = ScaleKind::SymmetricLog}), 0.1);
  EXPECT_NE(std::find(ticks.begin(), ticks.end(), 0.1f), ticks.end());
}

TEST(FramedPicture, RefusesWhatCannotBe) {
  const auto pyramid = pyramidOf(8);
  PictureRequest request = requestFor(8, 9000, 10);
  request.factor = 4;
  EXPECT_THROW(drawPicture(*pyramid, request), Exception);
  request.factor = 5;
  EXPECT_THROW(drawPicture(*pyramid, request), CheckFailure);
  request.factor = 0;
  EXPECT_THROW(drawPicture(*pyramid, request), CheckFailure);
}

}  // namespace
}  // namespace barlow
