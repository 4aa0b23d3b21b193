#include "core/evaluation/supervised_training.h"

#include "core/augment/augment.h"
#include "core/base/check.h"
#include "core/base/error.h"
#include "core/device/device_views.h"
#include "core/evaluation/knn_probe.h"
#include "core/loader/prefetch_loader.h"
#include "core/models/load_state.h"
#include "core/optim/optimizer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace barlow {
namespace {

using torch::Tensor;

// RandomResizedCrop and RandomHorizontalFlip with torchvision's defaults.
AugmentParams cropAndFlip() {
  AugmentParams params = withRecipe(AugmentParams{}, Recipe::None);
  params.interpolation = Interpolation::Bilinear;
  params.a.cropScaleMin = 0.08;
  params.a.cropScaleMax = 1;
  params.a.cropRatioMin = 0.75;
  params.a.cropRatioMax = 4.0 / 3.0;
  params.a.flipProbability = 0.5;
  return params;
}

// The images of an epoch in its order.
std::vector<std::int64_t> ordered(const std::vector<std::int64_t>& indices,
                                  std::int64_t seed,
                                  std::int64_t epoch) {
  std::vector<std::int64_t> order =
      epochOrder(static_cast<std::int64_t>(indices.size()), seed, epoch);
  for (std::int64_t& position : order) {
    position = indices[static_cast<std::size_t>(position)];
  }
  return order;
}

class Supervised {
 public:
  Supervised(const TrainedModel& model, const SupervisedOptions& options)
      : network_(model.network),
        options_(options),
        device_(network_->parameters().front().device()),
        data_{.data = model.config.data, .isProjected = options.isProjected},
        normalize_(device_,
                   model.config.data.mean,
                   model.config.data.std,
                   torch::MemoryFormat::ChannelsLast),
        augment_(cropAndFlip()) {
    const std::int64_t features =
        options.isProjected ? network_->dimensions() : network_->features();
    // evaluate.py: weights from N(0, 0.01), no bias.
    auto generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(options.seed));
    weight_ = (torch::randn({options.classes, features}, generator, torch::kFloat32) * 0.01)
                  .to(device_)
                  .requires_grad_();
    bias_ = torch::zeros({options.classes}, device_).requires_grad_();
    const OptimParams sgd{.name = OptimizerName::Sgd,
                          .weightDecay = options.weightDecay,
                          .momentum = options.momentum};
    head_.emplace(sgd, NamedTensors{{"fc.weight", weight_}, {"fc.bias", bias_}});
    if (isTuned()) {
      NamedTensors parameters;
      for (const auto& [name, tensor] : network_->namedParameters()) {
        if (name.starts_with("backbone.")) {
          parameters.emplace_back(name, tensor);
        }
      }
      backbone_.emplace(sgd, parameters);
    }
  }

  bool isTuned() const { return options_.backboneRate > 0; }

  // False when stopped.
  bool epoch(const LabelledImages& train,
             std::int64_t epoch,
             const std::stop_token& stop,
             const std::function<void(double)>& progress) {
    const auto size = static_cast<std::int64_t>(train.indices.size());
    const std::int64_t steps = (size + options_.batchSize - 1) / options_.batchSize;
    const int side = data_.data.imageSize;
    EvaluationLoader loader(
        {.dataset = train.dataset,
         .indices = ordered(train.indices, options_.seed, epoch),
         .side = side,
         .makeView =
             [this, side, epoch](const RgbImage& image, std::int64_t index, int) {
               const ViewKey key{.seed = options_.seed, .epoch = epoch, .sample = index};
               return makeView(image, augment_, key, side);
             },
         .batchSize = options_.batchSize,
         .workers = evaluationWorkers(device_)});
    trained_ = 0;
    std::optional<FeatureExtractor> frozen;
    if (!isTuned()) {
      frozen.emplace(network_, data_);
    }
    for (std::int64_t step = 0; const auto batch = loader.next(stop); ++step) {
      // BatchNorm cannot learn from a single image.
      if (batch->indices.size() < (isTuned() ? 2u : 1u)) {
        continue;
      }
      std::vector<std::int64_t> labels;
      for (const std::int64_t index : batch->indices) {
        labels.push_back(train.dataset->label(index));
      }
      trained_ += static_cast<std::int64_t>(labels.size());
      const Tensor target = torch::tensor(labels, torch::kInt64).to(device_);
      update(frozen ? (*frozen)(*batch) : learningFeatures(*batch),
             target,
             rateFactor(options_, epoch * steps + step, steps));
      progress(static_cast<double>(step + 1) / static_cast<double>(steps));
    }
    if (frozen && !stop.stop_requested()) {
      frozen->requireUnmoved();
    }
    return !stop.stop_requested();
  }

  LinearHead head() const {
    return {weight_.detach().to(torch::kCPU).clone(), bias_.detach().to(torch::kCPU).clone()};
  }
  const FeatureExtractor::Options& data() const { return data_; }
  std::int64_t trained() const { return trained_; }  // images of the last epoch

  // All that changes while it learns, the accuracies so far among it.
  NamedTensors state(const std::vector<double>& top1) const {
    NamedTensors all = {
        {"top1", torch::tensor(top1, torch::kFloat64)}, {"fc.weight", weight_}, {"fc.bias", bias_}};
    add(all, "head.", head_->state());
    if (backbone_) {
      add(all, "network.", namedState(network_));
      add(all, "optimizer.", backbone_->state());
    }
    return all;
  }
  // Takes what state() gave, and returns the accuracies. SGD does not ask how many steps there
  // were.
  std::vector<double> restore(const NamedTensors& state) {
    torch::NoGradGuard noGrad;
    loadState({{"fc.weight", weight_.detach()}, {"fc.bias", bias_.detach()}},
              part(state, "fc.", false));
    const Tensor top1 = part(state, "top1", true).front().second.contiguous();
    head_->loadState(part(state, "head.", true), 1);
    if (backbone_) {
      loadState(namedState(network_), part(state, "network.", true));
      backbone_->loadState(part(state, "optimizer.", true), 1);
    }
    const auto* first = top1.const_data_ptr<double>();
    return {first, first + top1.numel()};
  }

 private:
  static void add(NamedTensors& all, const std::string& prefix, const NamedTensors& some) {
    for (const auto& [name, tensor] : some) {
      all.emplace_back(prefix + name, tensor);
    }
  }
  // Those whose names begin so, with that or without.
  static NamedTensors part(const NamedTensors& all, const std::string& prefix, bool isCut) {
    NamedTensors some;
    for (const auto& [name, tensor] : all) {
      if (name.starts_with(prefix)) {
        some.emplace_back(isCut ? name.substr(prefix.size()) : name, tensor);
      }
    }
    return some;
  }

  Tensor learningFeatures(const EvaluationLoader::Batch& batch) {
    network_->train(true);
    const int side = data_.data.imageSize;
    const Tensor levels =
        torch::from_blob(const_cast<std::uint8_t*>(batch.levels.data()),
                         {static_cast<std::int64_t>(batch.indices.size()), side, side, 3},
                         torch::kUInt8);
    return network_->represent(normalize_(levels.to(device_)));
  }

  void update(const Tensor& features, const Tensor& target, double factor) {
    head_->zeroGrad();
    if (backbone_) {
      backbone_->zeroGrad();
    }
    at::cross_entropy_loss(torch::addmm(bias_, features, weight_.t()), target).backward();
    const auto rates = [](double rate) { return LearningRates{rate, rate, rate, rate}; };
    head_->setLearningRates(rates(options_.classifierRate * factor));
    head_->step();
    if (backbone_) {
      backbone_->setLearningRates(rates(options_.backboneRate * factor));
      backbone_->step();
      network_->train(false);
    }
  }

  Encoder network_;
  SupervisedOptions options_;
  torch::Device device_;
  FeatureExtractor::Options data_;
  DeviceNormalize normalize_;
  AugmentParams augment_;
  std::int64_t trained_ = 0;
  Tensor weight_;  // [classes, F]
  Tensor bias_;    // [classes]
  std::optional<Optimizer> head_;
  std::optional<Optimizer> backbone_;  // where it learns
};

void requireRead(std::int64_t count, const LabelledImages& images, const char* purpose) {
  if (count == 0) {
    throw Exception(
        fmt::format("None of the {} images to {} can be used, such as {}; `barlow data check` says "
                    "why for each.",
                    images.indices.size(),
                    purpose,
                    images.dataset->name(images.indices.front())));
  }
}

}  // namespace

double rateFactor(const SupervisedOptions& options, std::int64_t step, std::int64_t stepsPerEpoch) {
  const std::int64_t epoch = step / stepsPerEpoch;
  const auto cosine = [](std::int64_t at, std::int64_t all) {
    return 0.5 *
           (1 + std::cos(std::numbers::pi * static_cast<double>(at) / static_cast<double>(all)));
  };
  switch (options.schedule) {
    case RateSchedule::CosineByEpoch:
      return cosine(epoch, options.epochs);
    case RateSchedule::CosineByStep:
      return cosine(step, options.epochs * stepsPerEpoch);
    case RateSchedule::Steps:
      break;
  }
  return epoch * 10 >= std::int64_t{options.epochs} * 8   ? 0.01
         : epoch * 10 >= std::int64_t{options.epochs} * 6 ? 0.1
                                                          : 1;
}

std::optional<SupervisedResult> trainSupervised(
    const TrainedModel& model,
    const LabelledImages& train,
    const LabelledImages& test,
    const SupervisedOptions& options,
    const std::stop_token& stop,
    const std::function<void(double)>& progress,
    const std::function<void(const std::string&)>& tell) {
  BARLOW_CHECK(options.epochs > 0 && options.classes > 0 && !train.indices.empty())
      << "nothing to learn";
  Supervised supervised(model, options);
  SupervisedResult result;
  if (const auto kept = options.progress.find()) {
    result.top1 = supervised.restore(*kept);
    tell(fmt::format("goes on after epoch {} of {}", result.top1.size(), options.epochs));
  }
  std::optional<Representations> judged;
  for (int epoch = static_cast<int>(result.top1.size()); epoch < options.epochs; ++epoch) {
    const bool isDone = supervised.epoch(train, epoch, stop, [&](double share) {
      progress((epoch + share * 0.95) / options.epochs);
    });
    if (!isDone) {
      return std::nullopt;
    }
    requireRead(supervised.trained(), train, "learn from");
    if (!judged || supervised.isTuned()) {
      judged = represent(model.network, *test.dataset, test.indices, supervised.data(), stop);
      if (!judged) {
        return std::nullopt;
      }
      requireRead(static_cast<std::int64_t>(judged->labels.size()), test, "judge by");
    }
    result.head = supervised.head();
    requireFinite(judged->features, fmt::format("The features after epoch {}", epoch + 1));
    requireFinite(result.head.weight,
                  fmt::format("The classifier's weights after epoch {}", epoch + 1));
    result.ranked = rankedByHead(result.head, judged->features);
    result.top1.push_back(accuracyOf(result.ranked, judged->labels).top1);
    if (epoch + 1 < options.epochs) {
      options.progress.keep(supervised.state(result.top1));
    }
    progress((epoch + 1.0) / options.epochs);
    tell(fmt::format(
        "epoch {} of {}: top-1 {:.2f} %", epoch + 1, options.epochs, 100 * result.top1.back()));
  }
  result.trained = supervised.trained();
  result.labels = judged->labels;
  return result;
}

}  // namespace barlow
