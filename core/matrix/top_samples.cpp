#include "core/matrix/top_samples.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

// The first `count` by before(a, b), which is a total order.
template <class T, class Before>
std::vector<T> firstOf(std::vector<T> all, std::size_t count, Before before) {
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::partial_sort(all.begin(), end, all.end(), before);
  all.erase(end, all.end());
  return all;
}

}  // namespace

std::vector<TopSample> topSamples(
    const Matrix& a, const Matrix& b, CellIndex pair, std::size_t count, TopEnd end) {
  BARLOW_CHECK(a.rows() == b.rows()) << a.rows() << " and " << b.rows() << " samples";
  BARLOW_CHECK(pair.row >= 0 && pair.row < a.columns() && pair.column >= 0 &&
               pair.column < b.columns())
      << "pair " << pair.row << ", " << pair.column << " of " << a.columns() << " and "
      << b.columns() << " dimensions";
  std::vector<TopSample> samples;
  for (std::int64_t n = 0; n < a.rows(); ++n) {
    const float left = a.at(n, pair.row);
    const float right = b.at(n, pair.column);
    if (!std::isnan(left * right)) {
      samples.push_back({.sample = n, .a = left, .b = right, .product = left * right});
    }
  }
  const bool isUpwards = end == TopEnd::Smallest;
  return firstOf(std::move(samples), count, [&](const TopSample& x, const TopSample& y) {
    return x.product != y.product ? (x.product < y.product) == isUpwards : x.sample < y.sample;
  });
}

ActivationEnds activationEnds(const Matrix& z, std::int64_t dimension, std::size_t count) {
  BARLOW_CHECK(dimension >= 0 && dimension < z.columns())
      << "dimension " << dimension << " of " << z.columns();
  std::vector<Activation> all;
  for (std::int64_t n = 0; n < z.rows(); ++n) {
    if (!std::isnan(z.at(n, dimension))) {
      all.push_back({.sample = n, .value = z.at(n, dimension)});
    }
  }
  const auto isMore = [](const Activation& x, const Activation& y) {
    return x.value != y.value ? x.value > y.value : x.sample < y.sample;
  };
  const auto isLess = [](const Activation& x, const Activation& y) {
    return x.value != y.value ? x.value < y.value : x.sample < y.sample;
  };
  return {.most = firstOf(all, count, isMore), .least = firstOf(all, count, isLess)};
}

}  // namespace barlow
