#include "core/evaluation/projection_2d.h"

#include "core/base/check.h"
#include "core/evaluation/neighbours.h"

#include <ATen/ops/linalg_eigh.h>

#include <algorithm>

namespace barlow {

using torch::Tensor;

PrincipalComponents principalComponents(const Tensor& rows, std::int64_t count) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(rows.dim() == 2 && rows.size(0) > 0 && rows.size(1) > 0 && count > 0)
      << rows.sizes();
  const std::int64_t n = rows.size(0);
  const std::int64_t width = rows.size(1);
  const Tensor centred = rows.to(torch::kCPU, torch::kFloat64) -
                         rows.to(torch::kCPU, torch::kFloat64).mean(0, /*keepdim=*/true);
  const bool isTall = n >= width;
  const Tensor square = isTall ? torch::mm(centred.t(), centred) : torch::mm(centred, centred.t());
  const auto eigen = at::linalg_eigh(square);  // ascending
  const Tensor values = std::get<0>(eigen).clamp_min(0);
  const std::int64_t found = std::min(count, values.size(0));
  const Tensor largest = values.slice(0, values.size(0) - found).flip(0);
  const Tensor vectors = std::get<1>(eigen).slice(1, values.size(0) - found).flip(1);
  Tensor components = isTall ? torch::mm(centred, vectors) : vectors * largest.sqrt();
  // An eigenvector of the covariance has a sign of its own.
  const Tensor at = components.abs().argmax(0, /*keepdim=*/true);
  const Tensor sign = components.gather(0, at).sign();
  components = components * torch::where(sign == 0, torch::ones_like(sign), sign);
  PrincipalComponents result{.rows = torch::zeros({n, count}, torch::kFloat64)};
  result.rows.narrow(1, 0, found).copy_(components);
  const double all = values.sum().item<double>();
  result.explained = all > 0 ? largest.sum().item<double>() / all : 0;
  return result;
}

std::optional<NeighbourGraph> neighbourGraph(const Tensor& rows,
                                             std::int64_t k,
                                             const std::stop_token& stop,
                                             const std::function<void(double)>& progress) {
  const std::int64_t n = rows.size(0);
  NeighbourGraph graph{.n = n, .k = std::min(k, n - 1)};
  BARLOW_CHECK(graph.k > 0) << "neighbours among " << n << " rows";
  const Tensor plain = rows.to(torch::kFloat32).contiguous();
  const Neighbours found = findNeighbours(
      plain, plain, {.k = static_cast<int>(graph.k) + 1, .isEuclidean = true}, stop, progress);
  if (!found.index.defined()) {
    return std::nullopt;
  }
  const auto* index = found.index.const_data_ptr<std::int64_t>();
  const auto* similarity = found.similarity.const_data_ptr<float>();
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t taken = 0;
    for (std::int64_t j = 0; j <= graph.k && taken < graph.k; ++j) {
      const std::int64_t at = i * (graph.k + 1) + j;
      if (index[at] != i) {  // among many at one place itself may be missing
        graph.index.push_back(static_cast<std::int32_t>(index[at]));
        graph.distance.push_back(-similarity[at]);
        ++taken;
      }
    }
  }
  return graph;
}

std::optional<std::vector<double>> tsneOf(
    const Tensor& rows,
    double perplexity,
    const TsneOptions& options,
    const JobControl& control,
    const std::function<void(const std::vector<double>& places)>& look) {
  constexpr std::int64_t kComponents = 50;
  constexpr double kSearch = 0.2;  // of the time
  const auto tell = [&](double share) {
    if (control.progress) {
      control.progress(share);
    }
  };
  if (rows.size(0) < 4) {
    const Tensor plane = principalComponents(rows, 2).rows;
    return std::vector<double>(plane.const_data_ptr<double>(),
                               plane.const_data_ptr<double>() + plane.numel());
  }
  const Tensor reduced = principalComponents(rows, kComponents).rows;
  // Three times the perplexity, as in the paper; of few points a third of them.
  const double wanted = std::min(perplexity, static_cast<double>(rows.size(0) - 1) / 3);
  const auto graph = neighbourGraph(
      reduced, static_cast<std::int64_t>(3 * wanted), control.stop, [&](double share) {
        tell(kSearch * share);
      });
  if (!graph) {
    return std::nullopt;
  }
  const Tensor plane = reduced.slice(1, 0, 2).contiguous();
  std::vector<double> places(plane.const_data_ptr<double>(),
                             plane.const_data_ptr<double>() + plane.numel());
  JobControl rest = control;
  rest.progress = [&](double share) { tell(kSearch + (1 - kSearch) * share); };
  return tsne(affinitiesOf(*graph, wanted), std::move(places), options, rest, look);
}

}  // namespace barlow
