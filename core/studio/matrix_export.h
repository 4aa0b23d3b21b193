#pragma once

#include "core/base/job_control.h"
#include "core/matrix/framed_picture.h"
#include "core/matrix/order.h"
#include "core/matrix/pyramid.h"
#include "core/matrix/statistics.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// A matrix taken away: pictures, numbers, and the order it was shown in.

enum class ExportKind {
  Picture,      // PNG as shown, with colour bar and caption
  FullPicture,  // PNG of one pixel per cell in 256 colours
  Npy,          // float32, all of it or a selection
  Csv,          // a selection, with labels
  Pairs,        // CSV of the off-diagonal cells of largest |C_ij|
  OrderFile,    // JSON of the order, as readOrderFile() takes it
};

inline constexpr std::uint64_t kMostCsvBytes = 200ull << 20;

struct MatrixExport {
  ExportKind kind = ExportKind::Picture;
  std::shared_ptr<const MatrixPyramid> pyramid;  // as shown: rows and columns in `order`
  Order order;  // place -> dimension, for labels; empty: as they are

  PictureRequest picture;  // FullPicture takes its settings only
  /// Draws the texts of a picture: core has no fonts. Called on the calling thread; without it
  /// pictures have none.
  std::function<void(FramedPicture&)> drawTexts;

  /// Places of Npy and Csv; nothing: all of them.
  std::optional<std::vector<std::int32_t>> rows;
  std::optional<std::vector<std::int32_t>> columns;
  std::uint64_t mostCsvBytes = kMostCsvBytes;  // a larger CSV is refused

  /// For Pairs: of the matrix before it was put in `order`, so that its cells are dimensions.
  std::shared_ptr<const MatrixStatistics> statistics;
  std::size_t pairCount = 1000;

  std::string orderName;
  std::int64_t orderOf = 0;  // dimensions of which `order` is a part; 0: all are in it
};

/// How large the file will be, within a tenth: pictures and CSV by making a part of them. Takes up
/// to a second. Nothing after a stop; throws as exportMatrix().
std::optional<std::uint64_t> estimatedBytes(const MatrixExport& request,
                                            const JobControl& control = {});

/// Writes the file and tells its size in bytes. Blocks; nothing, and no file, after a stop. Throws
/// Exception, and leaves what stood there before: an empty selection, a CSV above its
/// limit, too little room on the disk, a place that cannot be written.
std::optional<std::uint64_t> exportMatrix(const MatrixExport& request,
                                          const std::filesystem::path& path,
                                          const JobControl& control = {});

/// What Csv, Pairs and OrderFile would write, for the clipboard: numbers separated by tabs. Throws
/// Exception above `mostBytes`.
std::optional<std::string> exportText(const MatrixExport& request,
                                      std::uint64_t mostBytes,
                                      const JobControl& control = {});

}  // namespace barlow
