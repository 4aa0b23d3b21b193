#include "core/step/online_classifier.h"

#include "core/base/check.h"

#include <limits>

namespace barlow {

using torch::Tensor;

OnlineClassifier::OnlineClassifier(std::int64_t features,
                                   std::int64_t classes,
                                   const torch::Device& device)
    : weight_(torch::zeros({classes, features}, device)),
      bias_(torch::zeros({classes}, device)),
      weightMomentum_(torch::zeros_like(weight_)),
      biasMomentum_(torch::zeros_like(bias_)) {}

Tensor OnlineClassifier::step(const std::vector<Tensor>& features,
                              const Tensor& labels,
                              double rate) {
  constexpr double kMomentum = 0.9;
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(!features.empty() && features[0].size(0) == labels.size(0)) << "no representations";
  const Tensor x = torch::cat(features);  // [V N, F]
  const Tensor known = labels.ge(0).to(x.scalar_type()).repeat(features.size());
  const Tensor target = labels.clamp_min(0).repeat(features.size()).unsqueeze(1);
  const Tensor count = known.sum();
  const Tensor share = (known / count.clamp_min(1)).unsqueeze(1);  // of each row in the mean
  Tensor logP = torch::addmm(bias_, x, weight_.t()).log_softmax(1);
  const Tensor own = logP.gather(1, target);
  const Tensor loss = -(own * share).sum();
  // Of equal logits, as those of the first step, none is right but the first.
  const Tensor hits = (logP.argmax(1).eq(target.squeeze(1)).to(x.scalar_type()) * known).sum();
  // Softmax less the truth.
  const Tensor slope = logP.exp_().scatter_add_(1, target, torch::full_like(own, -1)).mul_(share);
  weightMomentum_.mul_(kMomentum).add_(torch::mm(slope.t(), x));
  biasMomentum_.mul_(kMomentum).add_(slope.sum(0));
  weight_.sub_(weightMomentum_, rate);
  bias_.sub_(biasMomentum_, rate);
  const Tensor numbers = torch::stack({loss, hits / count});
  return torch::where(count > 0, numbers, std::numeric_limits<float>::quiet_NaN());
}

LinearHead OnlineClassifier::head() const {
  return {weight_.to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true),
          bias_.to(torch::kCPU, /*non_blocking=*/false, /*copy=*/true)};
}

NamedTensors OnlineClassifier::state() const {
  return {{"weight", weight_},
          {"bias", bias_},
          {"weight.momentum", weightMomentum_},
          {"bias.momentum", biasMomentum_}};
}

std::vector<MetricColumn> onlineColumns() {
  const std::string chart = "Online linear classifier";
  return {
      {.key = "online_loss",
       .label = "Online loss",
       .help = "Cross-entropy of the linear classifier that learns beside the encoder, on the "
               "views of this batch. No gradient of it reaches the encoder.",
       .isLogarithmic = true,
       .comesLater = true,
       .range = {.least = 0}},
      {.key = "online_top1",
       .label = "Online linear",
       .help = "Share of this batch's views that a linear classifier, which learns beside the "
               "encoder from detached representations, put into their class before it learnt from "
               "them. It follows what the encoder knows about classes at every step; the number of "
               "published tables is its accuracy on held-out images, beside the kNN probe.",
       .chart = chart,
       .chartLabel = "accuracy of the batch",
       .isCard = true,
       .comesLater = true,
       .range = {.least = 0, .most = 1},
       .hints = {.aim = "of this batch's views"}}};
}

}  // namespace barlow
