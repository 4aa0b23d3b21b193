#pragma once

#include "core/evaluation/logistic_regression.h"
#include "core/optim/optimizer.h"
#include "core/report/metric_schema.h"
#include "core/torch.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace barlow {

/// A linear classifier that learns beside the encoder, from the representations of the very views
/// that it is trained on, without a gradient into it: what solo-learn's tables report ("online
/// linear"). SGD with momentum 0.9, no decay, from zero weights. One thread.
class OnlineClassifier {
 public:
  static constexpr std::size_t kNumbers = 2;  // of step(), and columns

  OnlineClassifier(std::int64_t features, std::int64_t classes, const torch::Device& device);

  /// One step on representations [N, F] of one view or more, of the same N images, at the rate
  /// given. `labels` [N] int64; -1: no class, ignored. Gives [2] on the device: the mean
  /// cross-entropy and the share of images that were classified rightly, both before the step; NaN
  /// where no image has a class.
  torch::Tensor step(const std::vector<torch::Tensor>& features,
                     const torch::Tensor& labels,
                     double rate);
  LinearHead head() const;

  /// The tensors themselves, of which a checkpoint is made.
  NamedTensors state() const;

 private:
  torch::Tensor weight_;  // [C, F]
  torch::Tensor bias_;    // [C]
  torch::Tensor weightMomentum_;
  torch::Tensor biasMomentum_;
};

/// What step() gives, as columns of every step.
std::vector<MetricColumn> onlineColumns();

}  // namespace barlow
