// The correlation inspector without its window, and QCPColorMap with the same matrices. --json: one
// object per line instead of a table. --short: small matrices, few frames.
#include "app/bench/color_map_peer.h"
#include "app/bench/measure.h"
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/matrix/correlate.h"
#include "core/matrix/dendrogram.h"
#include "core/matrix/order.h"
#include "core/matrix/statistics.h"
#include "core/matrix/viewport.h"
#include "core/studio/matrix_files.h"

#include <QApplication>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

using namespace barlow;         // NOLINT: a program
using namespace barlow::bench;  // NOLINT

namespace {

using Times = std::vector<double>;

void report(const Setting& setting,
            std::string_view what,
            std::int64_t d,
            const Size& size,
            Times sorted,
            std::vector<std::pair<std::string, double>> more = {}) {
  print(setting,
        {.what = std::string(what),
         .d = d,
         .viewport = size,
         .milliseconds = std::move(sorted),
         .more = std::move(more)});
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
  report(setting, "pan_frame", d, size, pan);

  const double range = std::log2(std::max(2.0, 16 * fit.cellsPerPixel));
  report(setting, "zoom_frame", d, size, timed(setting.frames(), [&](int frame) {
           const double step = std::abs(100 - frame % 200) / 100.0;
           draw(zoomed(fit, std::exp2(range * (1 - step)), size.width * 0.4, size.height * 0.6),
                {.reduction = reduction(frame)});
         }));

  report(setting, "recolour", d, size, timed(setting.frames(), [&](int frame) {
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
  report(setting, "hover", d, size, times, {{"checksum", sink}});
}

EmbeddingBatch batchOf(std::int64_t samples, std::int64_t d) {
  Rng rng(1);
  const auto value = [&](auto, auto) { return static_cast<float>(rng.uniform(-1, 1)); };
  const Matrix a = Matrix::generated(samples, d, value);
  return {.a = a, .b = Matrix::generated(samples, d, value), .samples = {}};
}

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// What the peers are measured by too; `pyramid` is null before and after.
void measureLikePeers(std::int64_t d, const Setting& setting) {
  constexpr int kSide = 1000;
  constexpr double kPan = 5;  // cells
  const Size size{kSide, kSide};
  const Viewport fit = fittedViewport(d, d, kSide, kSide);
  RenderSettings settings;
  settings.color.map = ColorMapName::GrayMagnitude;
  std::vector<std::uint32_t> pixels(kSide * kSide);
  std::shared_ptr<const MatrixPyramid> pyramid;
  const auto build = [&](const Matrix& matrix) {
    pyramid.reset();
    pyramid = MatrixPyramid::build(matrix);
  };
  const auto draw = [&](double columns) {
    Viewport viewport = fit;
    viewport.column += columns;
    renderViewport(*pyramid, viewport, settings, pixels.data(), kSide);
  };
  const Matrix matrix = trainedMatrix(d);
  // A matrix is frozen: the first one and a changed one cost the same.
  for (const char* what : {"first_draw", "changed_redraw"}) {
    report(setting, what, d, size, timed(setting.builds(), [&](int) {
             build(matrix);
             draw(0);
           }));
  }
  report(setting, "pan", d, size, timed(setting.frames(), [&](int frame) { draw(kPan * frame); }));
  build(identityMatrix(d));
  const auto share = [&](double columns) {
    draw(columns);
    return diagonalShare(d, kSide, columns, [&](int x, int y) {
      return (pixels[static_cast<std::size_t>(y * kSide + x)] & 0xff) < 128;  // black is 1
    });
  };
  const double moved = share(kPan);
  report(setting, "diagonal_visible", d, size, {}, {{"share", moved}, {"share_unmoved", share(0)}});
}

void measureMatrix(std::int64_t d, const Setting& setting) {
  const Size size{1000, 1000};
  const std::uint64_t residentBefore = residentBytes();
  const Matrix matrix = trainedMatrix(d);
  std::shared_ptr<const MatrixPyramid> pyramid;
  std::vector<std::uint32_t> pixels(1'000'000);
  auto snapshot = timed(setting.builds(), [&](int) {
    pyramid.reset();
    pyramid = MatrixPyramid::build(matrix);
    renderViewport(*pyramid, fittedViewport(d, d, 1000, 1000), {}, pixels.data(), 1000);
  });
  report(setting, "new_snapshot", d, size, std::move(snapshot));
  // As a live run's moment comes: C is made of its embeddings first.
  const EmbeddingBatch embeddings = batchOf(256, d);
  report(setting, "new_moment", d, size, timed(setting.builds(), [&](int) {
           pyramid.reset();
           pyramid = MatrixPyramid::build(*correlationOf(embeddings));
           renderViewport(*pyramid, fittedViewport(d, d, 1000, 1000), {}, pixels.data(), 1000);
         }));
  report(setting,
         "memory",
         d,
         size,
         {},
         {{"megabytes", megabytes(pyramid->bytes())},
          {"resident_megabytes", megabytes(residentBytes()) - megabytes(residentBefore)}});
  std::shared_ptr<const MatrixStatistics> statistics;
  report(setting, "statistics", d, size, timed(setting.builds(), [&](int) {
           statistics = computeStatistics(matrix, {.topCount = 10'000});
         }));
  measureHover(*pyramid, *statistics, size, setting);
  measureFrames(*pyramid, size, setting);
  measureFrames(*pyramid, {3840, 2160}, setting);
  report(
      setting, "cluster", d, size, timed(1, [&](int) { leafOrder(*clusterDimensions(matrix)); }));
  report(setting, "spectral", d, size, timed(1, [&](int) { spectralOrder(matrix); }));
}

// What a live run's moment costs the one thread that makes it, in the batch sizes of small
// machines.
void measureLive(const Setting& setting) {
  constexpr std::int64_t kSide = 2048;
  for (const std::int64_t samples : {128, 256}) {
    const auto embeddings = std::make_shared<const EmbeddingBatch>(batchOf(samples, kSide));
    const JobControl control{.threads = 1};
    const std::string suffix = "_n" + std::to_string(samples);
    report(setting, "live_picture" + suffix, kSide, {}, timed(setting.frames(), [&](int) {
             pictureOf(embeddings, control);
           }));
    report(setting, "live_numbers" + suffix, kSide, {}, timed(setting.frames(), [&](int) {
             withStatistics(pictureOf(embeddings, control), control);
           }));
    report(setting, "live_everything" + suffix, kSide, {}, timed(setting.frames(), [&](int) {
             completed(pictureOf(embeddings, control), control);
           }));
  }
}

}  // namespace

int main(int argc, char** argv) {
  Setting setting;
  for (int i = 1; i < argc; ++i) {
    setting.isShort = setting.isShort || std::string_view(argv[i]) == "--short";
    setting.isJson = setting.isJson || std::string_view(argv[i]) == "--json";
  }
  if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
  keepFreedMemory();
  const QApplication application(argc, argv);
  const std::vector<std::int64_t> sides =
      setting.isShort ? std::vector<std::int64_t>{512} : std::vector<std::int64_t>{512, 2048, 8192};
  measureLive(setting);
  for (const std::int64_t d : sides) {
    measureMatrix(d, setting);
  }
  for (const std::int64_t d : sides) {
    measureLikePeers(d, setting);
    measureColorMap(d, setting);
  }
  return 0;
}
