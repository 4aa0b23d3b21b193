#include "core/base/rng.h"
#include "core/loader/prefetch_loader.h"

#include <numeric>
#include <utility>

namespace barlow {

std::vector<std::int64_t> epochOrder(std::int64_t size, std::int64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  Rng rng = Rng::keyed(static_cast<std::uint64_t>(seed),
                       {Rng::kShuffle, static_cast<std::uint64_t>(epoch)});
  for (std::size_t i = order.size(); i > 1; --i) {  // Fisher-Yates
    std::swap(order[i - 1], order[rng.below(i)]);
  }
  return order;
}

}  // namespace barlow
