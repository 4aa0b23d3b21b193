#include "core/studio/feature_map.h"

#include "core/base/error.h"
#include "core/base/rng.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/knn_probe.h"
#include "core/evaluation/neighbours.h"
#include "core/evaluation/projection_2d.h"

#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <numeric>

namespace barlow {
namespace {

using torch::Tensor;

std::vector<std::int64_t> chosenRows(const FeatureSpace& space, const MapRequest& request) {
  const std::int64_t first = request.images == MapImages::HeldOut ? space.bank : 0;
  const std::int64_t last = request.images == MapImages::Training ? space.bank : space.size();
  std::vector<std::int64_t> rows(static_cast<std::size_t>(std::max<std::int64_t>(0, last - first)));
  std::iota(rows.begin(), rows.end(), first);
  if (request.most > 0 && static_cast<std::int64_t>(rows.size()) > request.most) {
    rows = drawSome(std::move(rows),
                    static_cast<std::size_t>(request.most),
                    Rng::keyed(static_cast<std::uint64_t>(request.seed), {Rng::kProbe, 3}));
    std::sort(rows.begin(), rows.end());
  }
  return rows;
}

// The class with the most of the k nearest of the bank but the row itself; of equal ones the
// nearer.
std::vector<int> votes(const FeatureSpace& space,
                       const std::vector<std::int64_t>& rows,
                       const Neighbours& near,
                       int k) {
  std::vector<int> result;
  std::vector<int> counts(space.classes.size());
  const std::int64_t width = near.index.size(1);
  const auto* index = near.index.const_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::fill(counts.begin(), counts.end(), 0);
    int best = -1;
    int taken = 0;
    std::vector<int> met;
    for (std::int64_t j = 0; j < width && taken < k; ++j) {
      const std::int64_t other = index[static_cast<std::int64_t>(i) * width + j];
      const int label = space.labels[static_cast<std::size_t>(other)];
      if (other != rows[i] && label >= 0) {
        met.push_back(label);
        ++counts[static_cast<std::size_t>(label)];
        ++taken;
      }
    }
    for (const int label : met) {
      if (best < 0 ||
          counts[static_cast<std::size_t>(label)] > counts[static_cast<std::size_t>(best)]) {
        best = label;
      }
    }
    result.push_back(best);
  }
  return result;
}

// Mean cosine to the nearest others; a row is its own nearest.
std::vector<float> densities(const Neighbours& near) {
  const Tensor others = near.similarity.slice(1, std::min<std::int64_t>(1, near.index.size(1) - 1));
  const Tensor mean = others.mean(1).contiguous();
  return {mean.const_data_ptr<float>(), mean.const_data_ptr<float>() + mean.numel()};
}

std::vector<float> floats(const std::vector<double>& places) {
  return {places.begin(), places.end()};
}

}  // namespace

std::optional<FeatureMap> mapOf(const FeatureSpace& space,
                                const MapRequest& request,
                                const JobControl& control,
                                const std::function<void(const FeatureMap&)>& look) {
  torch::NoGradGuard noGrad;
  std::optional<OneTorchThread> alone;
  if (control.yields) {
    alone.emplace();
  }
  const std::vector<std::int64_t> rows = chosenRows(space, request);
  if (rows.empty()) {
    throw Exception(
        "There are no images to draw a map of: none is held out. Choose the training images.");
  }
  const Tensor all = torch::from_blob(const_cast<float*>(space.values.data()),  // only read
                                      {space.size(), space.features},
                                      torch::kFloat32);
  const Tensor unit =
      torch::nn::functional::normalize(all.index_select(0, torch::tensor(rows, torch::kInt64)));
  FeatureMap map{.method = request.method};
  for (const std::int64_t row : rows) {
    map.samples.push_back(space.samples[static_cast<std::size_t>(row)]);
    map.labels.push_back(space.labels[static_cast<std::size_t>(row)]);
  }
  const PrincipalComponents plane = principalComponents(unit, 2);
  map.explained = plane.explained;
  const auto* place = plane.rows.const_data_ptr<double>();
  map.places = floats({place, place + plane.rows.numel()});
  const double search = request.method == MapMethod::Tsne ? 0.1 : 1;
  const auto tell = [&](double share) {
    if (control.progress) {
      control.progress(search * share);
    }
  };
  const Neighbours among = findNeighbours(
      unit, unit, {.k = request.k + 1}, control.stop, [&](double share) { tell(share / 2); });
  if (!among.index.defined()) {
    return std::nullopt;
  }
  map.density = densities(among);
  map.predictions.assign(rows.size(), -1);
  if (!space.classes.empty() && space.bank > 1) {
    const Neighbours near = findNeighbours(
        all.slice(0, 0, space.bank), unit, {.k = request.k + 1}, control.stop, [&](double share) {
          tell(0.5 + share / 2);
        });
    if (!near.index.defined()) {
      return std::nullopt;
    }
    map.predictions = votes(space, rows, near, request.k);
  }
  if (request.method == MapMethod::Pca) {
    return map;
  }
  if (look) {
    look(map);
  }
  JobControl rest = control;
  rest.progress = [&](double share) {
    if (control.progress) {
      control.progress(search + (1 - search) * share);
    }
  };
  const auto places = tsneOf(
      unit, request.perplexity, {.seed = request.seed}, rest, [&](const std::vector<double>& now) {
        if (look) {
          map.places = floats(now);
          look(map);
        }
      });
  if (!places) {
    return std::nullopt;
  }
  map.places = floats(*places);
  return map;
}

}  // namespace barlow
