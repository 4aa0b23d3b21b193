#pragma once

#include "core/dataset/dataset.h"
#include "core/evaluation/trained_model.h"
#include "core/report/evaluation_report.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

// Of features of several views: z [n, views, F] of n > 1 images, in double.

/// Mean squared distance of the unit vectors of two views of an image (Wang and Isola, 2020): 0 to
/// 4.
double alignment(const torch::Tensor& a, const torch::Tensor& b);
/// log of the mean of exp(-2 d^2) over pairs of images, of unit vectors [n, F] (Wang and Isola).
double uniformity(const torch::Tensor& x);
/// exp of the entropy of the singular values of x [n, F] over their sum (Garrido et al., 2023).
double rankMe(const torch::Tensor& x);
/// The effective rank of what tells images apart beside what tells views of one apart (Thilak et
/// al., 2023), z [n, views, F], views > 1.
double lidar(const torch::Tensor& z);
/// Share of rows of a whose nearest row of b, by cosine, is that of the same image.
double retrievalAccuracy(const torch::Tensor& a, const torch::Tensor& b);

struct UnlabelledOptions {
  std::int64_t images = 1000;  // spread over the data set
  int views = 10;              // of each, beside its centre
  bool isProjected = false;
  std::int64_t seed = 0;
};

struct UnlabelledResult {
  std::vector<EvaluationMetric> metrics;
  std::int64_t images = 0;  // that could be read
  std::int64_t features = 0;
  std::vector<SampleProblem> problems;
};

/// All of these with the views of the model's own recipe, and how far the features move when each
/// of its distortions is applied alone. `progress` as elsewhere. Nothing when stopped. Throws
/// Exception where fewer than two images can be read.
std::optional<UnlabelledResult> probeWithoutLabels(const TrainedModel& model,
                                                   const Dataset& dataset,
                                                   const UnlabelledOptions& options,
                                                   const std::stop_token& stop,
                                                   const std::function<void(double)>& progress);

}  // namespace barlow
