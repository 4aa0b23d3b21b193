#include "core/evaluation/unlabelled_probe.h"

#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/evaluation/collapse.h"
#include "core/evaluation/feature_extractor.h"
#include "core/image/resize.h"

#include <fmt/format.h>
#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <array>

namespace barlow {
namespace {

using torch::Tensor;

Tensor exact(const Tensor& z) { return z.to(torch::kCPU, torch::kFloat64); }

Tensor unit(const Tensor& z) {
  return torch::nn::functional::normalize(exact(z),
                                          torch::nn::functional::NormalizeFuncOptions().dim(-1));
}

double entropyRank(const Tensor& shares) {
  return (-torch::xlogy(shares, shares).sum()).exp().item<double>();
}

// One distortion of a branch by itself, always.
struct Alone {
  const char* key;
  const char* words;
  void (*set)(BranchParams& alone, const BranchParams& whole);
};
constexpr std::array<Alone, 6> kAlone = {{
    {"crop",
     "the crop",
     [](BranchParams& alone, const BranchParams& whole) {
       alone.cropScaleMin = whole.cropScaleMin;
       alone.cropScaleMax = whole.cropScaleMax;
       alone.cropRatioMin = whole.cropRatioMin;
       alone.cropRatioMax = whole.cropRatioMax;
     }},
    {"flip",
     "the mirror",
     [](BranchParams& alone, const BranchParams&) { alone.flipProbability = 1; }},
    {"jitter",
     "the colour jitter",
     [](BranchParams& alone, const BranchParams& whole) {
       alone.jitterProbability = 1;
       alone.brightness = whole.brightness;
       alone.contrast = whole.contrast;
       alone.saturation = whole.saturation;
       alone.hue = whole.hue;
     }},
    {"gray",
     "the loss of colour",
     [](BranchParams& alone, const BranchParams&) { alone.grayProbability = 1; }},
    {"blur",
     "the blur",
     [](BranchParams& alone, const BranchParams& whole) {
       alone.blurProbability = 1;
       alone.blurSigmaMin = whole.blurSigmaMin;
       alone.blurSigmaMax = whole.blurSigmaMax;
     }},
    {"solarize",
     "the solarisation",
     [](BranchParams& alone, const BranchParams& whole) {
       alone.solarizeProbability = 1;
       alone.solarizeThreshold = whole.solarizeThreshold;
     }},
}};

BranchParams untouched() {
  BranchParams branch = withRecipe(AugmentParams{}, Recipe::None).a;
  branch.cropScaleMin = branch.cropScaleMax = 1;
  branch.cropRatioMin = branch.cropRatioMax = 1;
  return branch;
}

class Views {
 public:
  Views(const TrainedModel& model, const UnlabelledOptions& options)
      : side_(model.config.data.imageSize),
        views_(options.views),
        seed_(options.seed),
        augment_(model.config.augment) {
    for (const Alone& one : kAlone) {
      AugmentParams params = augment_;
      params.a = untouched();
      one.set(params.a, augment_.a);
      alone_.push_back(params);
    }
    plain_ = augment_;
    plain_.a = untouched();
  }
  // The centre, the recipe's views, the whole square, each distortion of that one alone.
  int count() const { return 1 + views_ + 1 + static_cast<int>(kAlone.size()); }
  int firstAlone() const { return 1 + views_; }

  RgbImage operator()(const RgbImage& image, std::int64_t index, int view) const {
    if (view == 0) {
      return evaluationView(image, side_);
    }
    if (view <= views_) {  // A and B in turn
      return made(image, augment_, index, (view - 1) / 2, viewAt((view - 1) % 2 == 0 ? 0 : 1));
    }
    const int which = view - firstAlone();
    const AugmentParams& params = which == 0 ? plain_ : alone_[static_cast<std::size_t>(which - 1)];
    return made(image, params, index, 0, View::A);
  }

 private:
  RgbImage made(const RgbImage& image,
                const AugmentParams& params,
                std::int64_t index,
                std::int64_t epoch,
                View view) const {
    const ViewKey key{.seed = seed_, .epoch = epoch, .sample = index, .view = view};
    return makeView(image, params, key, side_);
  }

  int side_;
  int views_;
  std::int64_t seed_;
  AugmentParams augment_;
  AugmentParams plain_;
  std::vector<AugmentParams> alone_;
};

std::vector<EvaluationMetric> measured(const Tensor& z, int views, const Views& made) {
  const Tensor centre = z.select(1, 0);
  const Tensor a = z.select(1, 1);
  const Tensor b = z.select(1, 2);
  const auto features = z.size(2);
  std::vector<EvaluationMetric> metrics = {
      {"alignment",
       "Alignment",
       alignment(a, b),
       "Mean squared distance between two views of an image, of unit vectors: 0 is the same, 2 is "
       "unrelated. Low alone says little: a collapsed network has 0."},
      {"uniformity",
       "Uniformity",
       uniformity(centre),
       "How evenly images spread over the sphere: 0 is one point, about -4 is even. Read it beside "
       "alignment."},
      {"effective_rank",
       "Effective rank",
       collapseNumbers(centre).effectiveRank,
       fmt::format("Directions that the {} features use, by the spectrum of their covariance; few "
                   "means that they repeat each other.",
                   features)},
      {"rankme",
       "RankMe",
       rankMe(centre),
       "The same by singular values without centring; among runs of one method higher mostly goes "
       "with better linear probes."},
      {"lidar",
       "LiDAR",
       lidar(z.slice(1, 1, 1 + views)),
       "Directions that tell images apart better than views of one image; RankMe that noise cannot "
       "raise."},
      {"view_retrieval",
       "View retrieval",
       retrievalAccuracy(a, b),
       "How often the nearest of all second views is that of the same image; 1 divided by the "
       "number of images is chance."},
  };
  const Tensor plain = unit(z.select(1, made.firstAlone()));
  for (std::size_t i = 0; i < kAlone.size(); ++i) {
    const Tensor moved = unit(z.select(1, made.firstAlone() + 1 + static_cast<std::int64_t>(i)));
    const double distance = 1 - (plain * moved).sum(1).mean().item<double>();
    metrics.push_back({fmt::format("sensitivity_{}", kAlone[i].key),
                       fmt::format("Sensitivity to {}", kAlone[i].words),
                       std::max(0.0, distance),
                       fmt::format("How far features move (1 - cosine) when {} of the recipe is "
                                   "applied alone; 0 is not at all.",
                                   kAlone[i].words)});
  }
  return metrics;
}

}  // namespace

double alignment(const Tensor& a, const Tensor& b) {
  return (unit(a) - unit(b)).square().sum(1).mean().item<double>();
}

double uniformity(const Tensor& x) {
  const Tensor u = unit(x);
  const std::int64_t n = u.size(0);
  BARLOW_CHECK(n > 1) << "uniformity of one image";
  const Tensor squares = (2 - 2 * torch::mm(u, u.t())).clamp_min(0);
  const double all = (-2 * squares).exp().sum().item<double>();
  const auto count = static_cast<double>(n);
  const double self = (-2 * squares.diagonal()).exp().sum().item<double>();
  return std::log((all - self) / (count * (count - 1)));
}

double rankMe(const Tensor& x) {
  const Tensor z = exact(x);
  const Tensor gram = z.size(1) > z.size(0) ? torch::mm(z, z.t()) : torch::mm(z.t(), z);
  const Tensor values = torch::linalg_eigvalsh(gram).clamp_min(0).sqrt();
  const double total = values.sum().item<double>();
  return total > 0 ? entropyRank(values / total) : 0;
}

double lidar(const Tensor& z) {
  BARLOW_CHECK(z.dim() == 3 && z.size(1) > 1) << z.sizes();
  constexpr double kDelta = 1e-4;  // the paper's
  const Tensor all = exact(z);
  const Tensor means = all.mean(1);  // [n, F]
  const Tensor within = (all - means.unsqueeze(1)).flatten(0, 1);
  const Tensor between = means - means.mean(0);
  const Tensor sigmaW = torch::mm(within.t(), within) / static_cast<double>(within.size(0)) +
                        kDelta * torch::eye(z.size(2), torch::kFloat64);
  // The eigenvalues of L^-1 Sb L^-T are those of Sw^-1/2 Sb Sw^-1/2.
  const Tensor whitened = torch::linalg_solve_triangular(
      torch::linalg_cholesky(sigmaW), between.t().contiguous(), /*upper=*/false);  // [F, n]
  const Tensor gram = whitened.size(0) > whitened.size(1) ? torch::mm(whitened.t(), whitened)
                                                          : torch::mm(whitened, whitened.t());
  const Tensor values = torch::linalg_eigvalsh(gram).clamp_min(0);
  const double total = values.sum().item<double>();
  return total > 0 ? entropyRank(values / total) : 0;
}

double retrievalAccuracy(const Tensor& a, const Tensor& b) {
  const Tensor nearest = torch::mm(unit(a), unit(b).t()).argmax(1);
  return nearest.eq(torch::arange(a.size(0))).to(torch::kFloat64).mean().item<double>();
}

std::optional<UnlabelledResult> probeWithoutLabels(const TrainedModel& model,
                                                   const Dataset& dataset,
                                                   const UnlabelledOptions& options,
                                                   const std::stop_token& stop,
                                                   const std::function<void(double)>& progress) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(options.views >= 2) << "two views at least";
  const Views views(model, options);
  const torch::Device device = model.network->parameters().front().device();
  const FeatureExtractor extract(model.network,
                                 {.data = model.config.data, .isProjected = options.isProjected});
  const std::vector<std::int64_t> indices = spreadIndices(dataset.size(), options.images);
  EvaluationLoader loader({.dataset = &dataset,
                           .indices = indices,
                           .side = model.config.data.imageSize,
                           .views = views.count(),
                           .makeView = views,
                           .batchSize = 16,
                           .workers = evaluationWorkers(device)});
  UnlabelledResult result;
  std::vector<Tensor> parts;
  std::size_t done = 0;
  while (const auto batch = loader.next(stop)) {
    const auto count = static_cast<std::int64_t>(batch->indices.size());
    parts.push_back(extract(*batch, views.count())
                        .to(torch::kCPU)
                        .view({count, views.count(), extract.features()}));
    result.images += count;
    done += batch->indices.size() + batch->problems.size();
    result.problems.insert(result.problems.end(), batch->problems.begin(), batch->problems.end());
    if (progress) {
      progress(0.9 * static_cast<double>(done) / static_cast<double>(indices.size()));
    }
  }
  if (stop.stop_requested()) {
    return std::nullopt;
  }
  extract.requireUnmoved();
  if (result.images < 2) {
    throw Exception("Fewer than two images can be read: nothing can be said about features.");
  }
  const Tensor z = torch::cat(parts);
  requireFinite(z, "The features");
  result.features = extract.features();
  result.metrics = measured(z, options.views, views);
  return result;
}

}  // namespace barlow
