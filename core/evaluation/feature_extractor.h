#pragma once

#include "core/dataset/dataset.h"
#include "core/loader/evaluation_loader.h"
#include "core/models/encoder.h"
#include "core/params/data_params.h"
#include "core/report/scan_report.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// What a network's weights and buffers were when it was made, to show that nothing moved them.
class FrozenState {
 public:
  explicit FrozenState(const Encoder& network);
  /// CheckFailure naming the first tensor that is no longer what it was.
  void require() const;

 private:
  std::vector<std::pair<std::string, torch::Tensor>> now_;
  std::vector<std::pair<std::string, torch::Tensor>> before_;
};

/// Pictures to features: BatchNorm in evaluation mode while it lives (the network's mode is
/// restored), no gradient, single precision. One thread.
class FeatureExtractor {
 public:
  struct Options {
    DataParams data;           // mean, standard deviation and size of the views
    bool isProjected = false;  // the projector's output, else the backbone's
  };
  FeatureExtractor(const Encoder& network, const Options& options);
  ~FeatureExtractor();
  FeatureExtractor(const FeatureExtractor&) = delete;
  FeatureExtractor& operator=(const FeatureExtractor&) = delete;

  std::int64_t features() const;
  /// Of a loader's batch: [images x views, F] float32 on the network's device.
  torch::Tensor operator()(const EvaluationLoader::Batch& batch, int views = 1) const;
  /// As FrozenState::require() since this extractor was made.
  void requireUnmoved() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Exception with a sentence about `what` ("The features") where `values` hold NaN or infinity.
void requireFinite(const torch::Tensor& values, const std::string& what);

/// Features of images in the order given; unreadable images are left out.
struct Representations {
  torch::Tensor features;             // [n, F] float32
  std::vector<std::int64_t> labels;   // [n]; -1 without classes
  std::vector<std::int64_t> indices;  // [n], in the data set
  std::vector<SampleProblem> problems;
};

/// Of evaluation views, decoded by threads beside the network. The features lie on the network's
/// device, or on the CPU where they are many. `progress`: images done, on this thread. Nothing
/// when stopped. CheckFailure when a weight or a buffer has moved meanwhile.
std::optional<Representations> represent(
    const Encoder& network,
    const Dataset& dataset,
    const std::vector<std::int64_t>& indices,
    const FeatureExtractor::Options& options,
    const std::stop_token& stop,
    const std::function<void(std::int64_t done)>& progress = {});

/// Threads that decode beside a network on `device`.
int evaluationWorkers(const torch::Device& device);

/// `most` of `size` indices, every so many, so that folders sorted by class give some of each.
std::vector<std::int64_t> spreadIndices(std::int64_t size, std::int64_t most);

/// All indices of a data set.
std::vector<std::int64_t> allIndices(const Dataset& dataset);

}  // namespace barlow
