#include "core/objectives/embedding_rows.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/base/rng.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

namespace barlow {

using torch::Tensor;

Tensor inLossPrecision(const Tensor& z) {
  return z.scalar_type() == torch::kFloat64 ? z : z.to(torch::kFloat32);
}

Tensor unitRows(const Tensor& z) {
  const Tensor x = inLossPrecision(z);
  return x / x.norm(2, 1, /*keepdim=*/true).clamp_min(1e-12);
}

void checkEmbeddings(const std::vector<Tensor>& views) {
  for (const Tensor& z : views) {
    BARLOW_CHECK(z.dim() == 2) << "embeddings are [N, D], not " << z.sizes();
    BARLOW_CHECK(z.sizes() == views[0].sizes())
        << "the views' embeddings differ: " << views[0].sizes() << " and " << z.sizes();
    if (z.size(0) < 2) {
      throw Exception(fmt::format(
          "A batch of {} has nothing to compare: use a batch of at least 2 images.", z.size(0)));
    }
  }
}

Tensor directionSpread(const std::vector<Tensor>& views) {
  torch::NoGradGuard noGrad;
  std::vector<Tensor> spreads;
  for (const Tensor& z : views) {
    spreads.push_back(unitRows(z).std(0, /*unbiased=*/true).mean());
  }
  return torch::stack(spreads).mean();
}

std::uint64_t startSeed(std::int64_t runSeed, std::uint64_t part) {
  return Rng::keyed(static_cast<std::uint64_t>(runSeed), {Rng::kInit, part}).next();
}

Tensor normalNumbers(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::randn({rows, columns}, generator, torch::kFloat32);
}

Tensor uniformNumbers(std::int64_t rows, std::int64_t columns, double bound, std::uint64_t seed) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  return torch::empty({rows, columns}, torch::kFloat32).uniform_(-bound, bound, generator);
}

}  // namespace barlow
