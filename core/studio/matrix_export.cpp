#include "core/studio/matrix_export.h"

#include "core/base/atomic_file.h"
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/files/npy_header.h"
#include "core/matrix/matrix_text.h"
#include "core/matrix/order_file.h"
#include "core/studio/matrix_png.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

namespace barlow {
namespace {

using Places = std::vector<std::int32_t>;

const Matrix& matrixOf(const MatrixExport& request) {
  BARLOW_CHECK(request.pyramid != nullptr) << "an export without a matrix";
  return request.pyramid->matrix();
}

Places placesOr(const std::optional<Places>& chosen, std::int64_t size) {
  if (chosen) {
    return *chosen;
  }
  Places all(static_cast<std::size_t>(size));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

struct Selection {
  Places rows;
  Places columns;
  std::uint64_t cells() const { return std::uint64_t{rows.size()} * columns.size(); }
};

Selection selectionOf(const MatrixExport& request) {
  const Matrix& matrix = matrixOf(request);
  Selection selection{placesOr(request.rows, matrix.rows()),
                      placesOr(request.columns, matrix.columns())};
  if (selection.cells() == 0) {
    throw Exception("The selection holds no cell; name at least one row and one column.");
  }
  const auto requireInside = [](const Places& places, std::int64_t size) {
    BARLOW_CHECK(std::all_of(places.begin(),
                             places.end(),
                             [&](std::int32_t place) { return place >= 0 && place < size; }))
        << "places outside 0 to " << size - 1;
  };
  requireInside(selection.rows, matrix.rows());
  requireInside(selection.columns, matrix.columns());
  return selection;
}

CellText cellTextOf(const MatrixExport& request, char separator) {
  Selection selection = selectionOf(request);
  return {.rows = std::move(selection.rows),
          .columns = std::move(selection.columns),
          .order = request.order,
          .separator = separator};
}

std::vector<RankedCell> pairsOf(const MatrixExport& request) {
  BARLOW_CHECK(request.statistics != nullptr) << "pairs without statistics";
  std::vector<RankedCell> pairs = request.statistics->strongest(request.pairCount);
  if (pairs.empty()) {
    throw Exception("This matrix has no pairs: it has no off-diagonal cell with a value.");
  }
  return pairs;
}

NamedOrder orderOf(const MatrixExport& request) {
  const Matrix& matrix = matrixOf(request);
  if (!matrix.isSquare()) {
    throw Exception(fmt::format(
        "A matrix of {} x {} has no order of dimensions to save: that takes a square one.",
        matrix.rows(),
        matrix.columns()));
  }
  return {.name = request.orderName,
          .order = request.order.empty() ? originalOrder(matrix.rows()) : request.order,
          .of = request.orderOf};
}

bool writeNpyTo(const MatrixExport& request, const ByteSink& sink, const JobControl& control) {
  const Matrix& matrix = matrixOf(request);
  const Selection selection = selectionOf(request);
  const std::string header = npyHeader("<f4",
                                       {static_cast<std::int64_t>(selection.rows.size()),
                                        static_cast<std::int64_t>(selection.columns.size())});
  sink(std::as_bytes(std::span(header)));
  constexpr std::size_t kBandCells = 1 << 20;  // written together
  const std::size_t width = selection.columns.size();
  const std::size_t band = std::max<std::size_t>(1, kBandCells / width);
  std::vector<float> cells(std::min(band, selection.rows.size()) * width);
  for (std::size_t first = 0; first < selection.rows.size(); first += band) {
    if (control.stop.stop_requested()) {
      return false;
    }
    const std::size_t count = std::min(band, selection.rows.size() - first);
    float* out = cells.data();
    for (std::size_t i = first; i < first + count; ++i) {
      const float* row = matrix.row(selection.rows[i]);
      out = std::transform(
          selection.columns.begin(), selection.columns.end(), out, [&](std::int32_t column) {
            return row[column];
          });
    }
    sink(std::as_bytes(std::span(cells).first(count * width)));
    if (control.progress) {
      control.progress(static_cast<double>(first + count) /
                       static_cast<double>(selection.rows.size()));
    }
  }
  return true;
}

// False after a stop.
bool writeTextTo(const MatrixExport& request,
                 char separator,
                 const TextSink& sink,
                 const JobControl& control) {
  switch (request.kind) {
    case ExportKind::Csv:
      return writeCells(matrixOf(request), cellTextOf(request, separator), sink, control);
    case ExportKind::Pairs:
      writePairs(matrixOf(request), pairsOf(request), request.order, separator, sink);
      return true;
    case ExportKind::OrderFile:
      sink(toJson(orderOf(request)));
      sink("\n");
      return true;
    default:
      BARLOW_CHECK(false) << "this kind of export is no text";
  }
  return false;
}

bool writeTo(const MatrixExport& request, const ByteSink& sink, const JobControl& control) {
  switch (request.kind) {
    case ExportKind::Picture:
      return writePicturePng(*request.pyramid, request.picture, request.drawTexts, sink, control);
    case ExportKind::FullPicture:
      return writeFullPng(*request.pyramid, request.picture.settings, sink, control);
    case ExportKind::Npy:
      return writeNpyTo(request, sink, control);
    default:
      return writeTextTo(
          request,
          ',',
          [&](std::string_view text) { sink(std::as_bytes(std::span(text))); },
          control);
  }
}

// The text of some of the rows, as many as 200,000 cells have.
std::optional<std::uint64_t> estimatedCsv(const MatrixExport& request, const JobControl& control) {
  constexpr std::size_t kSample = 200'000;
  CellText text = cellTextOf(request, ',');
  const Places rows = text.rows;
  const std::size_t sampled =
      std::clamp<std::size_t>(kSample / text.columns.size(), 1, rows.size());
  text.rows.clear();
  for (std::size_t k = 0; k < sampled; ++k) {
    text.rows.push_back(rows[k * rows.size() / sampled]);
  }
  std::uint64_t bytes = 0;
  const auto count = [&](std::string_view piece) { bytes += piece.size(); };
  if (!writeCells(matrixOf(request), text, count, {.stop = control.stop})) {
    return std::nullopt;
  }
  const std::uint64_t all = bytes;
  bytes = 0;
  text.rows.clear();
  writeCells(matrixOf(request), text, count);
  return bytes + (all - bytes) * rows.size() / sampled;
}

void requireRoom(const MatrixExport& request,
                 std::uint64_t estimate,
                 const std::filesystem::path& path) {
  if (request.kind == ExportKind::Csv && estimate > request.mostCsvBytes) {
    const Selection selection = selectionOf(request);
    throw Exception(
        fmt::format("{} would have about {}, more than the {} allowed here: choose "
                    "fewer than {} x {} cells, or save them as NPY with {}.",
                    path.filename().string(),
                    formatBytes(estimate),
                    formatBytes(request.mostCsvBytes),
                    selection.rows.size(),
                    selection.columns.size(),
                    formatBytes(selection.cells() * sizeof(float))));
  }
  const std::uint64_t free = freeDiskBytes(path);
  if (free > 0 && estimate > free) {
    throw Exception(fmt::format(
        "{} needs about {}, and its disk has {} left; free some space or choose another place.",
        path.string(),
        formatBytes(estimate),
        formatBytes(free)));
  }
}

}  // namespace

std::optional<std::uint64_t> estimatedBytes(const MatrixExport& request,
                                            const JobControl& control) {
  switch (request.kind) {
    case ExportKind::Picture:
      return estimatedPicturePng(*request.pyramid, request.picture, request.drawTexts, control);
    case ExportKind::FullPicture:
      return estimatedFullPng(*request.pyramid, request.picture.settings, control);
    case ExportKind::Npy: {
      const Selection selection = selectionOf(request);
      return npyHeader("<f4",
                       {static_cast<std::int64_t>(selection.rows.size()),
                        static_cast<std::int64_t>(selection.columns.size())})
                 .size() +
             selection.cells() * sizeof(float);
    }
    case ExportKind::Csv:
      return estimatedCsv(request, control);
    case ExportKind::Pairs:
    case ExportKind::OrderFile:
      break;
  }
  std::uint64_t bytes = 0;
  writeTextTo(
      request, ',', [&](std::string_view text) { bytes += text.size(); }, control);
  return bytes;
}

std::optional<std::uint64_t> exportMatrix(const MatrixExport& request,
                                          const std::filesystem::path& path,
                                          const JobControl& control) {
  const auto estimate = estimatedBytes(request, {.stop = control.stop});
  if (!estimate) {
    return std::nullopt;
  }
  requireRoom(request, *estimate, path);
  AtomicFile file(path);
  const bool isDone = writeTo(
      request, [&](std::span<const std::byte> bytes) { file.write(bytes); }, control);
  if (!isDone || control.stop.stop_requested()) {
    return std::nullopt;
  }
  file.commit();
  return file.size();
}

std::optional<std::string> exportText(const MatrixExport& request,
                                      std::uint64_t mostBytes,
                                      const JobControl& control) {
  std::string result;
  const auto collect = [&](std::string_view text) {
    result += text;
    if (result.size() > mostBytes) {
      throw Exception(fmt::format(
          "This is more than {} of text, too much for the clipboard: choose less, or save a file.",
          formatBytes(mostBytes)));
    }
  };
  if (!writeTextTo(request, '\t', collect, control)) {
    return std::nullopt;
  }
  return result;
}

}  // namespace barlow
