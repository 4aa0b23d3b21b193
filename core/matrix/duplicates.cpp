#include "core/matrix/duplicates.h"

#include "core/base/vector_versions.h"
#include "core/matrix/correlate.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace barlow {
namespace {

// Of rounding, in correlations that are summed in float.
constexpr double kTolerance = 1e-5;
// More pairs than this share of all are cheaper to make at once than one by one.
constexpr double kManyPairs = 1.0 / 32;

// Whether any |c[j]| + rest[j] reaches the limit.
BARLOW_VECTOR_VERSIONS bool anyReaches(const float* __restrict c,
                                       const float* __restrict rest,
                                       std::int64_t count,
                                       float limit) {
  std::int32_t found = 0;
  for (std::int64_t j = 0; j < count; ++j) {
    found |= static_cast<std::int32_t>(__builtin_fabsf(c[j]) + rest[j] >= limit);
  }
  return found != 0;
}

// Calls found(j) for j in [first, count) where |c[j]| + rest[j] reaches the limit.
template <class Found>
void eachReaching(const float* c,
                  const float* rest,
                  std::int64_t first,
                  std::int64_t count,
                  float limit,
                  Found found) {
  constexpr std::int64_t kChunk = 256;
  for (; first < count; first += kChunk) {
    const std::int64_t end = std::min(count, first + kChunk);
    if (anyReaches(c + first, rest + first, end - first, limit)) {
      for (std::int64_t j = first; j < end; ++j) {
        if (std::abs(c[j]) + rest[j] >= limit) {
          found(j);
        }
      }
    }
  }
}

// The strongest of the cells that came, at most `most`.
void keepStrongest(std::vector<RankedCell>& cells, std::size_t most) {
  if (cells.size() > most) {
    const auto end = cells.begin() + static_cast<std::ptrdiff_t>(most);
    std::nth_element(cells.begin(), end, cells.end(), isStronger);
    cells.erase(end, cells.end());
  }
}

// Cells that the workers found, in no order.
class Found {
 public:
  void add(const std::vector<RankedCell>& cells) {
    const std::lock_guard lock(mutex_);
    count_ += cells.size();
    cells_.insert(cells_.end(), cells.begin(), cells.end());
  }
  // In a collapsed network all pairs are duplicates: no room is taken for all of them.
  void addStrongest(const std::vector<RankedCell>& cells, std::size_t most) {
    add(cells);
    const std::lock_guard lock(mutex_);
    if (cells_.size() > 2 * most + 1024) {
      keepStrongest(cells_, most);
    }
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::vector<RankedCell> take() && { return std::move(cells_); }

 private:
  std::mutex mutex_;
  std::size_t count_ = 0;  // guarded by mutex_, as the rest
  std::vector<RankedCell> cells_;
};

// What the rows after the first `rows` add to the square of each column's length, over `divisor`.
std::vector<double> restOf(const Matrix& z, std::int64_t rows, double divisor) {
  std::vector<double> rest(static_cast<std::size_t>(z.columns()), 0);
  for (std::int64_t n = rows; n < z.rows(); ++n) {
    const float* row = z.row(n);
    for (std::size_t j = 0; j < rest.size(); ++j) {
      rest[j] += static_cast<double>(row[j]) * row[j];
    }
  }
  for (double& value : rest) {
    value /= divisor;
  }
  return rest;
}

// Of both columns' products over some rows, no pair of columns that reaches `least` over all is
// left out: the other rows add at most (rest_i + rest_j) / 2. Nothing after a stop or for too many.
struct Candidates {
  std::vector<RankedCell> cells;  // their values are not known yet
  bool areTooMany = false;
};
std::optional<Candidates> candidatesOf(
    const Matrix& z, double divisor, float least, const JobControl& control, ProgressShare share) {
  constexpr std::int64_t kFewRows = 24;
  const std::int64_t rows = std::min(z.rows(), std::max(kFewRows, z.rows() / 32));
  const Matrix head(rows, z.columns(), {z.values(), [](const float*) {}}, z.origin());
  // crossCorrelation divides by its own number of rows.
  const double scale = divisor / static_cast<double>(rows);
  std::vector<float> rest;
  for (const double value : restOf(z, rows, divisor)) {
    rest.push_back(static_cast<float>(value / 2 * scale));
  }
  const double most = kManyPairs * static_cast<double>(z.columns() * z.columns());
  Found found;
  std::stop_source enough;
  const std::stop_callback stopped(control.stop, [&] { enough.request_stop(); });
  JobControl own = control;
  own.stop = enough.get_token();
  const auto limit = static_cast<float>((least - kTolerance) * scale);
  const bool isDone = visitCorrelation(
      head,
      head,
      [&](std::int64_t first, std::int64_t count, const float* values, int) {
        std::vector<RankedCell> cells;
        for (std::int64_t i = first; i < first + count; ++i) {
          eachReaching(values + (i - first) * z.columns(),
                       rest.data(),
                       i + 1,
                       z.columns(),
                       limit - rest[static_cast<std::size_t>(i)],
                       [&](std::int64_t j) {
                         cells.push_back({{i, j}, 0});
                       });
        }
        found.add(cells);
        if (static_cast<double>(found.count()) > most) {
          enough.request_stop();
        }
      },
      own,
      share);
  if (!isDone && control.stop.stop_requested()) {
    return std::nullopt;
  }
  return Candidates{.cells = std::move(found).take(), .areTooMany = !isDone};
}

// Sets the values of the candidates and leaves those that reach `least`.
std::vector<RankedCell> verified(const Matrix& z,
                                 double divisor,
                                 float least,
                                 std::vector<RankedCell> cells) {
  if (cells.empty()) {
    return cells;
  }
  const auto n = static_cast<std::size_t>(z.rows());
  std::vector<float> columns(n * static_cast<std::size_t>(z.columns()));
  for (std::size_t row = 0; row < n; ++row) {
    const float* values = z.row(static_cast<std::int64_t>(row));
    for (std::size_t j = 0; j < static_cast<std::size_t>(z.columns()); ++j) {
      columns[j * n + row] = values[j];
    }
  }
  std::erase_if(cells, [&](RankedCell& pair) {
    const float* a = columns.data() + static_cast<std::size_t>(pair.cell.row) * n;
    const float* b = columns.data() + static_cast<std::size_t>(pair.cell.column) * n;
    double sum = 0;
    for (std::size_t row = 0; row < n; ++row) {
      sum += static_cast<double>(a[row]) * b[row];
    }
    pair.value = static_cast<float>(sum / divisor);
    return !(std::abs(pair.value) >= least);
  });
  return cells;
}

// Nothing after a stop.
std::optional<DuplicateDimensions> ofAllPairs(const Matrix& z,
                                              double divisor,
                                              float least,
                                              std::size_t most,
                                              const JobControl& control,
                                              ProgressShare share) {
  const auto scale = static_cast<float>(static_cast<double>(z.rows()) / divisor);
  const std::vector<float> none(static_cast<std::size_t>(z.columns()), 0.0f);
  Found found;
  const bool isDone = visitCorrelation(
      z,
      z,
      [&](std::int64_t first, std::int64_t count, const float* values, int) {
        std::vector<RankedCell> cells;
        for (std::int64_t i = first; i < first + count; ++i) {
          const float* row = values + (i - first) * z.columns();
          eachReaching(row, none.data(), i + 1, z.columns(), least / scale, [&](std::int64_t j) {
            cells.push_back({{i, j}, row[j] * scale});
          });
        }
        found.addStrongest(cells, most);
      },
      control,
      share);
  if (!isDone) {
    return std::nullopt;
  }
  const auto count = static_cast<std::int64_t>(found.count());
  return DuplicateDimensions{.strongest = std::move(found).take(), .count = count};
}

}  // namespace

std::optional<DuplicateDimensions> findDuplicates(const Matrix& standard,
                                                  Standardization how,
                                                  float least,
                                                  std::size_t most,
                                                  const JobControl& control,
                                                  ProgressShare share) {
  const auto n = static_cast<double>(standard.rows());
  const double divisor = how == Standardization::Hsic ? n - 1 : n;
  const double middle = share.from + (share.to - share.from) / 2;
  auto candidates = candidatesOf(standard, divisor, least, control, {share.from, middle});
  if (!candidates) {
    return std::nullopt;
  }
  DuplicateDimensions duplicates;
  if (candidates->areTooMany) {
    auto all = ofAllPairs(standard, divisor, least, most, control, {middle, share.to});
    if (!all) {
      return std::nullopt;
    }
    duplicates = std::move(*all);
  } else {
    duplicates.strongest = verified(standard, divisor, least, std::move(candidates->cells));
    duplicates.count = static_cast<std::int64_t>(duplicates.strongest.size());
  }
  keepStrongest(duplicates.strongest, most);
  std::sort(duplicates.strongest.begin(), duplicates.strongest.end(), isStronger);
  return duplicates;
}

}  // namespace barlow
