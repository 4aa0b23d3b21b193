#pragma once

#include "core/dataset/dataset.h"
#include "core/models/encoder.h"
#include "core/params/run_config.h"
#include "core/report/events.h"
#include "core/torch.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

/// Representations of the images at `indices`: float32 [n, F] on the network's device, or on the
/// CPU where they are many; eval-mode BatchNorm, no gradient, evaluation views. Unreadable images
/// are left out. All cores decode. Nothing when stopped. The network's mode is restored.
struct Representations {
  torch::Tensor features;            // [n, F]
  std::vector<std::int64_t> labels;  // [n]
};
std::optional<Representations> represent(Encoder& network,
                                         const Dataset& dataset,
                                         const std::vector<std::int64_t>& indices,
                                         const DataParams& data,
                                         std::stop_token stop);

/// Share of queries whose class is among the best 1 and 5: cosine similarity, the k nearest of the
/// bank vote with exp(similarity / temperature) (lightly's and the Instance Discrimination paper's
/// form). A class without a vote is never among the best, however few have one.
struct KnnAccuracy {
  double top1 = 0;
  double top5 = 0;
};
KnnAccuracy classifyByNeighbours(const Representations& bank,
                                 const Representations& queries,
                                 int classes,
                                 int k,
                                 double temperature);

/// The whole probe with its protocol; nothing when stopped or without labels. Bank and queries are
/// the first images of a permutation drawn from the run seed, so that they are the same at every
/// evaluation.
std::optional<EvaluationResult> knnProbe(Encoder& network,
                                         const Dataset& bank,
                                         const Dataset& queries,
                                         const RunConfig& config,
                                         std::stop_token stop);

}  // namespace barlow
