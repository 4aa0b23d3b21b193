#pragma once

#include "core/dataset/dataset.h"
#include "core/evaluation/feature_extractor.h"
#include "core/evaluation/logistic_regression.h"
#include "core/models/encoder.h"
#include "core/params/run_config.h"
#include "core/report/events.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

struct KnnOptions {
  int k = 200;
  double temperature = 0.1;
  bool isEuclidean = false;  // votes weigh 1 / (distance + 1e-5), as solo-learn's
  bool isPlain = false;      // every vote counts one
};

/// The classes of every query by the votes of its nearest images in the bank: int64 [queries,
/// min(5, classes)] on the CPU, best first. Cosine votes weigh exp(similarity / temperature)
/// (lightly's and the Instance Discrimination paper's form). A class without a vote is never among
/// the best, however few have one: -1. Of equal votes the lower class wins. An undefined tensor
/// when stopped.
torch::Tensor classifyByNeighbours(const Representations& bank,
                                   const torch::Tensor& queries,
                                   int classes,
                                   const KnnOptions& options,
                                   const std::stop_token& stop = {},
                                   const std::function<void(double)>& progress = {});

/// Share of rows whose label is the first, or among the first five, of `ranked` [n, best].
struct Accuracy {
  double top1 = 0;
  double top5 = 0;
};
Accuracy accuracyOf(const torch::Tensor& ranked, const std::vector<std::int64_t>& labels);

/// The whole probe with its protocol; nothing when stopped or without labels. Bank and queries are
/// the first images of a permutation drawn from the run seed, so that they are the same at every
/// evaluation. `online`, a classifier that learns beside the network, is judged by the same
/// queries.
std::optional<EvaluationResult> knnProbe(const Encoder& network,
                                         const Dataset& bank,
                                         const Dataset& queries,
                                         const RunConfig& config,
                                         std::stop_token stop,
                                         const std::optional<LinearHead>& online = {});

}  // namespace barlow
