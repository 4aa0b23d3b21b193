#include "core/matrix/matrix_text.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

namespace barlow {
namespace {

constexpr std::size_t kPiece = 1 << 16;  // characters that are handed on together

class Line {
 public:
  explicit Line(const TextSink& sink) : sink_(sink) { text_.reserve(kPiece + 64); }
  template <class Number>
  void number(Number value) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    text_.append(digits.data(), end);
  }
  void value(float value) {
    if (std::isnan(value)) {
      text_ += "nan";  // to_chars would tell its sign
    } else {
      number(value);
    }
  }
  void add(std::string_view text) { text_ += text; }
  void separate(char separator) {
    text_ += separator;
    if (text_.size() >= kPiece) {
      flush();
    }
  }
  void flush() {
    sink_(text_);
    text_.clear();
  }

 private:
  const TextSink& sink_;
  std::string text_;
};

std::int32_t labelOf(const Order& order, std::int64_t place) {
  return order.empty() ? static_cast<std::int32_t>(place)
                       : order.at(static_cast<std::size_t>(place));
}

void requireInside(const std::vector<std::int32_t>& places, std::int64_t size) {
  const bool isInside =
      std::all_of(places.begin(), places.end(), [&](std::int32_t p) { return p >= 0 && p < size; });
  BARLOW_CHECK(isInside) << "places outside 0 to " << size - 1;
}

}  // namespace

bool writeCells(const Matrix& matrix,
                const CellText& text,
                const TextSink& sink,
                const JobControl& control) {
  requireInside(text.rows, matrix.rows());
  requireInside(text.columns, matrix.columns());
  Line line(sink);
  line.add(isOfDimensions(matrix.origin().kind) ? "dimension" : "image");
  for (const std::int32_t column : text.columns) {
    line.separate(text.separator);
    line.number(labelOf(text.order, column));
  }
  line.separate('\n');
  std::size_t done = 0;
  for (const std::int32_t row : text.rows) {
    if (control.stop.stop_requested()) {
      return false;
    }
    const float* values = matrix.row(row);
    line.number(labelOf(text.order, row));
    for (const std::int32_t column : text.columns) {
      line.separate(text.separator);
      line.value(values[column]);
    }
    line.separate('\n');
    ++done;
    if (control.progress && (done % 16 == 0 || done == text.rows.size())) {
      control.progress(static_cast<double>(done) / static_cast<double>(text.rows.size()));
    }
  }
  line.flush();
  return true;
}

void writePairs(const Matrix& matrix,
                std::span<const RankedCell> pairs,
                const Order& order,
                char separator,
                const TextSink& sink) {
  Line line(sink);
  for (const std::string_view head : {"i", "j", "c_ij", "c_ji"}) {
    line.add(head);
    line.separate(head == "c_ji" ? '\n' : separator);
  }
  const Order places = placesOf(order);
  const auto placeOf = [&](std::int64_t dimension) -> std::int64_t {
    return places.empty() ? dimension : places.at(static_cast<std::size_t>(dimension));
  };
  for (const RankedCell& pair : pairs) {
    line.number(pair.cell.row);
    line.separate(separator);
    line.number(pair.cell.column);
    line.separate(separator);
    line.value(pair.value);
    line.separate(separator);
    if (matrix.isSquare()) {
      line.value(matrix.at(placeOf(pair.cell.column), placeOf(pair.cell.row)));
    }
    line.separate('\n');
  }
  line.flush();
}

}  // namespace barlow
