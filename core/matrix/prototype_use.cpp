#include "core/matrix/prototype_use.h"

#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

// The column of a row's largest number; -1 where it has none.
std::int64_t nearest(const Matrix& assignments, std::int64_t row) {
  std::int64_t found = -1;
  for (std::int64_t k = 0; k < assignments.columns(); ++k) {
    const float value = assignments.at(row, k);
    if (!std::isnan(value) && (found < 0 || value > assignments.at(row, found))) {
      found = k;
    }
  }
  return found;
}

}  // namespace

std::vector<PrototypeUse> prototypeUse(const Matrix& assignments) {
  std::vector<PrototypeUse> use(static_cast<std::size_t>(assignments.columns()));
  for (std::size_t k = 0; k < use.size(); ++k) {
    use[k].prototype = static_cast<std::int64_t>(k);
  }
  for (std::int64_t n = 0; n < assignments.rows(); ++n) {
    if (const std::int64_t k = nearest(assignments, n); k >= 0) {
      ++use[static_cast<std::size_t>(k)].images;
    }
  }
  std::erase_if(use, [](const PrototypeUse& each) { return each.images == 0; });
  std::stable_sort(use.begin(), use.end(), [](const PrototypeUse& x, const PrototypeUse& y) {
    return x.images > y.images;
  });
  return use;
}

std::vector<Activation> imagesOf(const Matrix& assignments, std::int64_t prototype) {
  BARLOW_CHECK(prototype >= 0 && prototype < assignments.columns())
      << "prototype " << prototype << " of " << assignments.columns();
  std::vector<Activation> images;
  for (std::int64_t n = 0; n < assignments.rows(); ++n) {
    if (nearest(assignments, n) == prototype) {
      images.push_back({.sample = n, .value = assignments.at(n, prototype)});
    }
  }
  std::stable_sort(images.begin(), images.end(), [](const Activation& x, const Activation& y) {
    return x.value > y.value;
  });
  return images;
}

}  // namespace barlow
