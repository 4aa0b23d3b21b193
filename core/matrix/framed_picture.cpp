#include "core/matrix/framed_picture.h"

#include "core/base/check.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace barlow {
namespace {

constexpr int kMostPixels = 32768;  // of renderViewport
constexpr std::uint32_t kPaper = 0xffffffff;

// Distances of the frame at factor 1.
constexpr int kMargin = 12;
constexpr int kGap = 10;
constexpr int kBarWidth = 14;
constexpr int kClipHeight = 8;  // of the fields for clipped values
constexpr int kClipGap = 2;
constexpr int kTick = 4;
constexpr int kLeastBar = 72;  // high, beside a lower matrix
constexpr int kLabelWidth = 56;
constexpr int kFont = 12;
constexpr int kLine = 18;
constexpr int kTickSpacing = 56;
constexpr double kLetterWidth = 0.6;  // of the font's height: wider than letters are on average

int visibleFrom(double origin) { return static_cast<int>(std::max(0.0, std::floor(origin))); }

std::int64_t visibleTo(double origin, double cellsPerPixel, int pixels, std::int64_t size) {
  return std::min(size, static_cast<std::int64_t>(std::ceil(origin + pixels * cellsPerPixel)));
}

std::string_view nameOf(Reduction reduction) {
  constexpr std::array<std::string_view, 3> kNames = {"Peak", "Mean", "RMS"};
  return kNames[static_cast<std::size_t>(reduction)];
}

std::string_view nameOf(ValueTransform transform) {
  constexpr std::array<std::string_view, 4> kNames = {
      "C", "|C|", "C squared", "contribution to the loss"};
  return kNames[static_cast<std::size_t>(transform)];
}

std::string limitsText(const ColorSettings& color) {
  std::string text = fmt::format("colours {:.4g} to {:.4g}", color.low, color.high);
  if (color.scale == ScaleKind::SymmetricLog) {
    text += fmt::format(", symmetric log from {:.3g}", color.linearThreshold);
  } else if (color.scale == ScaleKind::Gamma) {
    text += fmt::format(", gamma {:.3g}", color.gamma);
  }
  return text;
}

// As many parts to a line as fit by the average width of letters; no fonts here.
std::vector<std::string> linesOf(const std::vector<std::string>& parts, double lettersPerLine) {
  constexpr std::string_view kBetween = "  \u00b7  ";
  std::vector<std::string> lines;
  for (const std::string& part : parts) {
    if (lines.empty() ||
        static_cast<double>(lines.back().size() + kBetween.size() + part.size()) > lettersPerLine) {
      lines.push_back(part);
    } else {
      lines.back() += kBetween;
      lines.back() += part;
    }
  }
  return lines;
}

// 1, 2 or 5 times a power of ten, not below `least`.
double roundStep(double least) {
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) {
      return factor * power;
    }
  }
  return 10 * power;
}

// Round values from the most to the least welcome.
std::vector<double> tickCandidates(const ColorSettings& color, double spacing) {
  const double low = color.low;
  const double high = color.high;
  std::vector<double> values{0};
  if (color.scale == ScaleKind::Linear) {
    const double step = roundStep(spacing * (high - low));
    const auto last = static_cast<std::int64_t>(std::floor(high / step + 1e-6));
    for (auto k = static_cast<std::int64_t>(std::ceil(low / step - 1e-6)); k <= last; ++k) {
      values.push_back(static_cast<double>(k) * step);
    }
    return values;
  }
  constexpr int kDecades = 9;
  const int top = static_cast<int>(std::floor(std::log10(std::max(std::abs(low), std::abs(high)))));
  for (const double factor : {1.0, 5.0, 2.0}) {
    for (int decade = top; decade > top - kDecades; --decade) {
      const double size = factor * std::pow(10.0, decade);
      values.push_back(size);
      values.push_back(-size);
    }
  }
  return values;
}

class Painter {
 public:
  explicit Painter(FramedPicture& picture) : picture_(picture) {}
  void fill(int left, int top, int width, int height, std::uint32_t color) {
    for (int y = std::max(0, top); y < std::min(picture_.height, top + height); ++y) {
      std::fill_n(row(y) + left, std::clamp(picture_.width - left, 0, width), color);
    }
  }
  std::uint32_t* row(int y) {
    return picture_.pixels.data() +
           static_cast<std::ptrdiff_t>(y) * static_cast<std::ptrdiff_t>(picture_.width);
  }

 private:
  FramedPicture& picture_;
};

struct Frame {
  const PictureRequest& request;
  double unit;  // pixels of the picture per unit of the distances above
  int px(double units) const { return static_cast<int>(std::lround(units * unit)); }
};

void drawBar(const Frame& frame, int left, int top, int height, FramedPicture& picture) {
  Painter painter(picture);
  const ColorScale scale(frame.request.settings.color);
  const ColorSettings& color = scale.settings();
  const int width = frame.px(kBarWidth);
  const int clip = frame.px(kClipHeight);
  const int gap = frame.px(kClipGap);
  int barTop = top;
  int barHeight = height;
  if (color.showsClipped && height > 6 * (clip + gap)) {
    painter.fill(left, top, width, clip, color.over);
    painter.fill(left, top + height - clip, width, clip, color.under);
    barTop += clip + gap;
    barHeight -= 2 * (clip + gap);
  }
  for (int y = 0; y < barHeight; ++y) {
    const float at = 1 - (static_cast<float>(y) + 0.5f) / static_cast<float>(barHeight);
    const float value = std::clamp(scale.valueAt(at), color.low, color.high);
    painter.fill(left, barTop + y, width, 1, scale.color(value));
  }
  const int line = std::max(1, frame.px(1));
  for (const float tick : barTicks(scale, frame.unit * kTickSpacing / std::max(1, barHeight))) {
    const double y = barTop + (1 - static_cast<double>(scale.position(tick))) * (barHeight - 1);
    painter.fill(left + width,
                 static_cast<int>(std::lround(y)) - line / 2,
                 frame.px(kTick),
                 line,
                 kPictureInk);
    picture.texts.push_back({.text = fmt::format("{:.3g}", tick == 0 ? 0.0f : tick),
                             .x = static_cast<double>(left + width + 2 * frame.px(kTick)),
                             .y = y,
                             .height = frame.unit * kFont,
                             .width = frame.unit * kLabelWidth});
  }
}

}  // namespace

std::vector<std::string> captionParts(const MatrixPyramid& pyramid, const PictureRequest& request) {
  const Matrix& matrix = pyramid.matrix();
  const MatrixOrigin& origin = matrix.origin();
  const Viewport& viewport = request.viewport;
  std::vector<std::string> parts;
  if (!origin.name.empty()) {
    parts.push_back(origin.name);
  }
  if (origin.step >= 0) {
    parts.push_back(fmt::format("step {}", origin.step));
  }
  if (origin.kind != MatrixKind::CrossCorrelation) {
    parts.emplace_back(labelOf(origin.kind));
  }
  const std::int64_t lastRow =
      visibleTo(viewport.row, viewport.cellsPerPixel, viewport.height, matrix.rows());
  const std::int64_t lastColumn =
      visibleTo(viewport.column, viewport.cellsPerPixel, viewport.width, matrix.columns());
  const int firstRow = visibleFrom(viewport.row);
  const int firstColumn = visibleFrom(viewport.column);
  parts.push_back(fmt::format("{} x {}", matrix.rows(), matrix.columns()));
  if (lastRow > firstRow && lastColumn > firstColumn &&
      (lastRow - firstRow < matrix.rows() || lastColumn - firstColumn < matrix.columns())) {
    parts.push_back(fmt::format(
        "rows {}-{}, columns {}-{}", firstRow, lastRow - 1, firstColumn, lastColumn - 1));
  }
  if (origin.n > 0) {
    parts.push_back(fmt::format("N = {}", origin.n));
  }
  if (origin.lambda > 0) {
    parts.push_back(fmt::format("lambda = {:.4g}", origin.lambda));
  }
  const int level =
      shownLevel(pyramid, viewport.cellsPerPixel / request.factor, request.settings.coarsestLevel);
  std::string shown(nameOf(request.settings.transform));
  if (level > 0) {
    shown += fmt::format(", {} of {} x {} cells",
                         nameOf(request.settings.reduction),
                         std::int64_t{1} << level,
                         std::int64_t{1} << level);
  }
  parts.push_back(std::move(shown));
  if (request.settings.diagonal != DiagonalStyle::Shown) {
    parts.emplace_back(request.settings.diagonal == DiagonalStyle::Hidden ? "diagonal hidden"
                                                                          : "diagonal dimmed");
  }
  parts.push_back(limitsText(request.settings.color));
  return parts;
}

std::vector<float> barTicks(const ColorScale& scale, double spacing) {
  const ColorSettings& color = scale.settings();
  std::vector<float> ticks{color.low, color.high};
  for (const double candidate : tickCandidates(color, std::clamp(spacing, 1e-3, 1.0))) {
    const auto value = static_cast<float>(candidate);
    const bool isInside = value > color.low && value < color.high;
    const bool isFree = std::all_of(ticks.begin(), ticks.end(), [&](float tick) {
      return std::abs(scale.position(tick) - scale.position(value)) >= spacing * (1 - 1e-5);
    });
    if (isInside && isFree) {
      ticks.push_back(value);
    }
  }
  std::sort(ticks.begin(), ticks.end());
  return ticks;
}

FramedPicture drawPicture(const MatrixPyramid& pyramid,
                          const PictureRequest& request,
                          int threads) {
  BARLOW_CHECK(request.factor >= 1 && request.factor <= kMostPictureFactor)
      << "factor " << request.factor;
  BARLOW_CHECK(request.textScale > 0) << "text scale " << request.textScale;
  Viewport viewport = request.viewport;
  viewport.width *= request.factor;
  viewport.height *= request.factor;
  viewport.cellsPerPixel /= request.factor;
  const Frame frame{request, request.textScale * request.factor};

  FramedPicture picture;
  picture.width = viewport.width;
  picture.height = viewport.height;
  std::vector<std::string> lines;
  const int barHeight = std::max(viewport.height, frame.px(kLeastBar));
  if (request.isFramed) {
    picture.left = frame.px(kMargin);
    picture.top = frame.px(kMargin);
    picture.width += 2 * frame.px(kMargin) + frame.px(kGap) + frame.px(kBarWidth) +
                     2 * frame.px(kTick) + frame.px(kLabelWidth);
    lines = linesOf(captionParts(pyramid, request),
                    (picture.width - 2 * picture.left) / (frame.unit * kFont * kLetterWidth));
    picture.height = barHeight + 2 * frame.px(kMargin) + frame.px(kGap) +
                     static_cast<int>(lines.size()) * frame.px(kLine);
  }
  if (picture.width > kMostPixels || picture.height > kMostPixels) {
    throw Exception(fmt::format(
        "A picture of {} x {} pixels is too large: choose a smaller factor (at most {} pixels).",
        picture.width,
        picture.height,
        kMostPixels));
  }
  picture.pixels.resize(
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height), kPaper);
  renderViewport(pyramid,
                 viewport,
                 request.settings,
                 Painter(picture).row(picture.top) + picture.left,
                 picture.width,
                 threads);
  if (!request.isFramed) {
    return picture;
  }
  drawBar(frame, picture.left + viewport.width + frame.px(kGap), picture.top, barHeight, picture);
  double y = picture.top + barHeight + frame.px(kGap) + frame.px(kLine) / 2.0;
  for (std::string& line : lines) {
    picture.texts.push_back({.text = std::move(line),
                             .x = static_cast<double>(picture.left),
                             .y = y,
                             .height = frame.unit * kFont,
                             .width = static_cast<double>(picture.width - 2 * picture.left)});
    y += frame.px(kLine);
  }
  return picture;
}

}  // namespace barlow
