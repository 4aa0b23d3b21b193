#include "core/objectives/ring.h"

#include <algorithm>

namespace barlow {

using torch::Tensor;

void writeRing(const Tensor& ring, const Tensor& position, const Tensor& rows) {
  torch::NoGradGuard noGrad;
  const std::int64_t size = ring.size(0);
  const std::int64_t n = rows.size(0);
  const std::int64_t first = std::max<std::int64_t>(0, n - size);
  const Tensor places = (torch::arange(first, n, position.options()) + position).remainder(size);
  ring.index_copy_(0, places, rows.slice(0, first).detach().to(ring.scalar_type()));
}

void advanceRing(const Tensor& position, std::int64_t n, std::int64_t size) {
  torch::NoGradGuard noGrad;
  position.add_(n).remainder_(size);
}

}  // namespace barlow
