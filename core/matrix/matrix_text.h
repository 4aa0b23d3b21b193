#pragma once

#include "core/base/job_control.h"
#include "core/matrix/matrix.h"
#include "core/matrix/order.h"
#include "core/matrix/statistics.h"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace barlow {

/// A matrix as text, for CSV files and the clipboard. Numbers are the shortest ones that read back
/// as the same float, whatever the language of the system; "nan", "inf" and "-inf" as such.

using TextSink = std::function<void(std::string_view)>;

struct CellText {
  std::vector<std::int32_t> rows;  // places in the matrix, in the order of the text
  std::vector<std::int32_t> columns;
  Order order;  // the dimension that stands at a place, for the labels; empty: the place itself
  char separator = ',';
};
/// A line of column labels, which begins with what a row is (dimension, image), then a line per row
/// that begins with its label. False after a stop. Throws CheckFailure for a place outside the
/// matrix.
bool writeCells(const Matrix& matrix,
                const CellText& text,
                const TextSink& sink,
                const JobControl& control = {});

/// "i,j,c_ij,c_ji" and a line per pair, whose cells are dimensions; c_ji is left empty where the
/// matrix is not square. `matrix` has its rows and columns in `order` (empty: as they are).
void writePairs(const Matrix& matrix,
                std::span<const RankedCell> pairs,
                const Order& order,
                char separator,
                const TextSink& sink);

}  // namespace barlow
