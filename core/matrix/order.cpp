#include "core/matrix/order.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace barlow {

Order originalOrder(std::int64_t size) {
  Order order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

Order orderByKeys(std::span<const float> keys) {
  Order order = originalOrder(static_cast<std::int64_t>(keys.size()));
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const float left = keys[static_cast<std::size_t>(a)];
    const float right = keys[static_cast<std::size_t>(b)];
    return std::isnan(right) ? !std::isnan(left) : left > right;
  });
  return order;
}

std::span<const float> rowKeys(const Matrix& matrix, std::int64_t row) {
  BARLOW_CHECK(row >= 0 && row < matrix.rows()) << "row " << row << " of " << matrix.rows();
  return {matrix.row(row), static_cast<std::size_t>(matrix.columns())};
}

bool isPartOrderOf(std::span<const std::int32_t> order, std::int64_t size) {
  std::vector<bool> seen(static_cast<std::size_t>(std::max<std::int64_t>(0, size)), false);
  for (const std::int32_t index : order) {
    if (index < 0 || index >= size || seen[static_cast<std::size_t>(index)]) {
      return false;
    }
    seen[static_cast<std::size_t>(index)] = true;
  }
  return !order.empty();
}

bool isOrderOf(const Order& order, std::int64_t size) {
  return static_cast<std::int64_t>(order.size()) == size &&
         (size == 0 || isPartOrderOf(order, size));
}

Order placesOf(const Order& order) {
  Order places(order.size());
  for (std::size_t k = 0; k < order.size(); ++k) {
    places[static_cast<std::size_t>(order[k])] = static_cast<std::int32_t>(k);
  }
  return places;
}

}  // namespace barlow
