// The correlation inspector without its window: one JSON object per line. --short: small matrices,
// few frames.
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/matrix/dendrogram.h"
#include "core/matrix/order.h"
#include "core/matrix/statistics.h"
#include "core/matrix/viewport.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <string_view>
#include <vector>

using namespace barlow;  // NOLINT: a program of one file

namespace {

struct Size {
  int width = 0;
  int height = 0;
};

struct Setting {
  bool isShort = false;
  int frames() const { return isShort ? 5 : 200; }
};

// Milliseconds of each call, after one that does not count.
std::vector<double> timed(int repetitions, const std::function<void(int)>& work) {
  std::vector<double> milliseconds;
  for (int i = -1; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    work(std::max(i, 0));
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    if (i >= 0) {
      milliseconds.push_back(taken.count());
    }
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds;
}

void print(std::string_view what,
           std::int64_t d,
           const Size& size,
           const std::vector<double>& sorted,
           std::string_view more = {}) {
  const auto last = static_cast<double>(sorted.size() - 1);
  fmt::print(
      "{{\"bench\":\"matrix\",\"what\":\"{}\",\"peer\":\"ours\",\"d\":{},\"viewport\":[{},{}],"
      "\"ms_p95\":{:.4g},\"ms_median\":{:.4g},\"ms_max\":{:.4g},\"reps\":{}{}}}\n",
      what,
      d,
      size.width,
      size.height,
      sorted[static_cast<std::size_t>(std::ceil(0.95 * last))],
      sorted[sorted.size() / 2],
      sorted.back(),
      sorted.size(),
      more);
  std::fflush(stdout);
}

// What a trained C looks like: a diagonal near 0.9, noise of about 1 / sqrt(256).
Matrix trainedMatrix(std::int64_t d) {
  Rng rng(1);
  const auto values = uninitializedFloats(d * d);
  for (std::int64_t k = 0; k < d * d; ++k) {
    values[k] =
        static_cast<float>(0.0625 * (rng.uniform(-1, 1) + rng.uniform(-1, 1) + rng.uniform(-1, 1)));
  }
  for (std::int64_t i = 0; i < d; ++i) {
    values[i * d + i] += 0.9f;
  }
  return Matrix(d, d, values, {.n = 256, .lambda = 0.0051, .name = "bench"});
}

void measureFrames(const MatrixPyramid& pyramid, const Size& size, const Setting& setting) {
  const std::int64_t d = pyramid.matrix().rows();
  std::vector<std::uint32_t> pixels(static_cast<std::size_t>(size.width) *
                                    static_cast<std::size_t>(size.height));
  const auto draw = [&](const Viewport& viewport, const RenderSettings& settings) {
    renderViewport(pyramid, viewport, settings, pixels.data(), size.width);
  };
  const Viewport fit = fittedViewport(d, d, size.width, size.height);
  const auto reduction = [](int frame) { return static_cast<Reduction>(frame % 3); };

  // From the whole matrix to one cell per pixel and to eight pixels per cell.
  std::vector<double> pan;
  for (const double zoom : {1.0, 1.9, fit.cellsPerPixel, 8 * fit.cellsPerPixel}) {
    const Viewport start = zoomed(fit, zoom, size.width / 3.0, size.height / 3.0);
    const auto part = timed(setting.frames(), [&](int frame) {
      Viewport viewport = start;
      viewport.column += 5.3 * frame * start.cellsPerPixel;
      viewport.row += 3.1 * frame * start.cellsPerPixel;
      draw(viewport, {.reduction = reduction(frame)});
    });
    pan.insert(pan.end(), part.begin(), part.end());
  }
  std::sort(pan.begin(), pan.end());
  print("pan_frame", d, size, pan);

  const double range = std::log2(std::max(2.0, 16 * fit.cellsPerPixel));
  print("zoom_frame", d, size, timed(setting.frames(), [&](int frame) {
          const double step = std::abs(100 - frame % 200) / 100.0;
          draw(zoomed(fit, std::exp2(range * (1 - step)), size.width * 0.4, size.height * 0.6),
               {.reduction = reduction(frame)});
        }));

  print("recolour", d, size, timed(setting.frames(), [&](int frame) {
          RenderSettings settings;
          settings.color.map =
              colorMapNames()[static_cast<std::size_t>(frame) % colorMapNames().size()];
          settings.color.scale = static_cast<ScaleKind>(frame % 3);
          settings.color.high = 0.02f * static_cast<float>(1 + frame % 50);
          settings.color.low = -settings.color.high;
          settings.transform = static_cast<ValueTransform>(frame % 4);
          settings.diagonal = static_cast<DiagonalStyle>(frame % 3);
          draw(fit, settings);
        }));
}

void measureHover(const MatrixPyramid& pyramid,
                  const MatrixStatistics& statistics,
                  const Size& size,
                  const Setting& setting) {
  const std::int64_t d = pyramid.matrix().rows();
  const Viewport fit = fittedViewport(d, d, size.width, size.height);
  double sink = 0;
  const auto times = timed(10 * setting.frames(), [&](int i) {
    const auto reading = readPixel(pyramid, fit, {}, i * 7 % size.width, i * 13 % size.height);
    if (reading) {
      const CellIndex cell = reading->strongest;
      sink += statistics.magnitudes.shareBelow(reading->strongestValue) +
              pyramid.matrix().at(cell.column, cell.row);
    }
  });
  print("hover", d, size, times, std::isfinite(sink) ? "" : ",\"note\":\"not finite\"");
}

void measureMatrix(std::int64_t d, const Setting& setting) {
  const Size size{1000, 1000};
  const Matrix matrix = trainedMatrix(d);
  std::shared_ptr<const MatrixPyramid> pyramid;
  std::vector<std::uint32_t> pixels(1'000'000);
  const int builds = setting.isShort ? 1 : 7;
  const auto snapshot = timed(builds, [&](int) {
    pyramid.reset();
    pyramid = MatrixPyramid::build(matrix);
    renderViewport(*pyramid, fittedViewport(d, d, 1000, 1000), {}, pixels.data(), 1000);
  });
  print("new_snapshot",
        d,
        size,
        snapshot,
        fmt::format(",\"megabytes\":{:.1f}", static_cast<double>(pyramid->bytes()) / 1e6));
  std::shared_ptr<const MatrixStatistics> statistics;
  print("statistics", d, size, timed(builds, [&](int) {
          statistics = computeStatistics(matrix, {.topCount = 10'000});
        }));
  measureHover(*pyramid, *statistics, size, setting);
  measureFrames(*pyramid, size, setting);
  measureFrames(*pyramid, {3840, 2160}, setting);
  print("cluster", d, size, timed(1, [&](int) { leafOrder(*clusterDimensions(matrix)); }));
  print("spectral", d, size, timed(1, [&](int) { spectralOrder(matrix); }));
}

}  // namespace

int main(int argc, char** argv) {
  Setting setting;
  for (int i = 1; i < argc; ++i) {
    setting.isShort = setting.isShort || std::string_view(argv[i]) == "--short";
  }
  keepFreedMemory();
  const std::vector<std::int64_t> sides =
      setting.isShort ? std::vector<std::int64_t>{512} : std::vector<std::int64_t>{512, 2048, 8192};
  for (const std::int64_t d : sides) {
    measureMatrix(d, setting);
  }
  return 0;
}
