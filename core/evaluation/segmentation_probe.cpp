#include "core/evaluation/segmentation_probe.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/device_views.h"
#include "core/evaluation/feature_extractor.h"
#include "core/image/resample.h"
#include "core/loader/prefetch_loader.h"
#include "core/optim/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace barlow {
namespace {

using torch::Tensor;

constexpr std::int64_t kMostLogits = 1 << 24;  // at a time: 64 MB, several times over

RgbImage wholeView(const RgbImage& image, int side) {
  return resample(image, {0, 0, image.width, image.height}, side, side, ResampleFilter::Bilinear);
}

class Segmentation {
 public:
  Segmentation(const TrainedModel& model, const SegmentationOptions& options)
      : network_(model.network),
        data_(model.config.data),
        options_(options),
        device_(network_->parameters().front().device()),
        normalize_(device_, data_.mean, data_.std, torch::MemoryFormat::ChannelsLast),
        before_(network_) {
    torch::NoGradGuard noGrad;
    const Tensor one = network_->featureMap(
        torch::zeros({1, 3, data_.imageSize, data_.imageSize}, torch::TensorOptions(device_)));
    features_ = one.size(1);
    height_ = one.size(2);
    width_ = one.size(3);
  }

  // Feature maps and small masks of the training images; false when stopped.
  bool read(const MaskedImages& train,
            const std::stop_token& stop,
            const std::function<void(double)>& progress) {
    requireMemory(train.size());
    const auto side = static_cast<std::int64_t>(data_.imageSize);
    maps_ = torch::empty({train.size(), features_, height_, width_});
    masks_ = torch::empty({train.size(), side, side}, torch::kUInt8);
    std::int64_t done = 0;
    const bool isDone = forEachBatch(train, stop, [&](const Tensor& maps, auto& masks) {
      maps_.narrow(0, done, maps.size(0)).copy_(maps);
      for (const PixelClasses& mask : masks) {
        shrinkMask(mask, data_.imageSize, masks_[done++].template mutable_data_ptr<std::uint8_t>());
      }
      progress(static_cast<double>(done) / static_cast<double>(train.size()));
    });
    if (!isDone) {
      return false;
    }
    maps_ = maps_.narrow(0, 0, done);
    masks_ = masks_.narrow(0, 0, done);
    requireUsable(done, "learn from");
    requireFinite(maps_.sum(), "The network's feature maps");
    nameClasses();
    standardize();
    return true;
  }

  // False when stopped.
  bool learn(const std::stop_token& stop, const std::function<void(double)>& progress) {
    const std::int64_t size = maps_.size(0);
    const std::int64_t steps = (size + options_.batchSize - 1) / options_.batchSize;
    epochs_ = options_.epochs > 0
                  ? options_.epochs
                  : std::max<int>(
                        SegmentationOptions::kLeastEpochs,
                        static_cast<int>((SegmentationOptions::kLeastSteps + steps - 1) / steps));
    // It is a convex problem: any start will do.
    weight_ = torch::zeros({classes_->size(), features_}, device_).requires_grad_();
    bias_ = torch::zeros({classes_->size()}, device_).requires_grad_();
    Optimizer optimizer(
        OptimParams{.name = OptimizerName::AdamW, .weightDecay = options_.weightDecay},
        NamedTensors{{"weight", weight_}, {"bias", bias_}});
    const double all = static_cast<double>(epochs_) * static_cast<double>(steps);
    double taken = 0;
    for (int epoch = 0; epoch < epochs_; ++epoch) {
      const std::vector<std::int64_t> order = epochOrder(size, options_.seed, epoch);
      for (std::int64_t first = 0; first < size; first += options_.batchSize) {
        if (stop.stop_requested()) {
          return false;
        }
        const std::int64_t last = std::min<std::int64_t>(first + options_.batchSize, size);
        optimizer.zeroGrad();
        if (addGradient(torch::tensor(
                std::vector<std::int64_t>(order.begin() + first, order.begin() + last)))) {
          const double rate = options_.learningRate * (1 - taken / all);
          optimizer.setLearningRates({rate, rate, rate, rate});
          optimizer.step();
        }
        progress(++taken / all);
      }
    }
    return true;
  }

  // False when stopped.
  bool judge(const MaskedImages& judged,
             const std::stop_token& stop,
             const std::function<void(double)>& progress) {
    torch::NoGradGuard noGrad;
    const auto count = static_cast<std::size_t>(classes_->size());
    result_.confusion.assign(count, std::vector<std::int64_t>(count, 0));
    std::array<std::int64_t, 256> unknown{};
    const bool isDone = forEachBatch(judged, stop, [&](const Tensor& maps, auto& masks) {
      const Tensor scaled = (maps - mean_.view({1, -1, 1, 1})) / deviation_.view({1, -1, 1, 1});
      const Tensor all =
          torch::einsum("nfhw,cf->nchw", {scaled.to(device_), weight_}) + bias_.view({1, -1, 1, 1});
      for (std::size_t i = 0; i < masks.size(); ++i) {
        countPixels(all[static_cast<std::int64_t>(i)], masks[i], unknown);
      }
      result_.judged += static_cast<std::int64_t>(masks.size());
      progress(static_cast<double>(result_.judged) / static_cast<double>(judged.size()));
    });
    if (!isDone) {
      return false;
    }
    requireUsable(result_.judged, "judge by");
    noteUnknown(unknown);
    const auto rows = result_.confusion;
    if (std::all_of(rows.begin(), rows.end(), [](const auto& row) {
          return std::all_of(row.begin(), row.end(), [](std::int64_t each) { return each == 0; });
        })) {
      throw Exception(
          "No pixel of the masks to judge by is of a class that was learnt (255 stands for no "
          "class).");
    }
    before_.require();
    return true;
  }

  SegmentationResult result() {
    result_.classes = classes_->values;
    result_.epochs = epochs_;
    result_.trained = maps_.size(0);
    result_.mapHeight = height_;
    result_.mapWidth = width_;
    return std::move(result_);
  }

 private:
  void requireMemory(std::int64_t images) const {
    const std::uint64_t room =
        options_.mostBytes > 0 ? options_.mostBytes : availableMemoryBytes() / 2;
    const auto bytes = static_cast<std::uint64_t>(images * features_ * height_ * width_) * 4;
    if (room > 0 && bytes > room) {
      throw Exception(fmt::format(
          "The feature maps ({} x {} x {}) of {} training images take {} of memory, and there is "
          "room for {}; name a folder with fewer images.",
          features_,
          height_,
          width_,
          images,
          formatBytes(bytes),
          formatBytes(room)));
    }
  }

  // use(maps on the CPU, their masks) for batch after batch; false when stopped.
  template <class Use>
  bool forEachBatch(const MaskedImages& images, const std::stop_token& stop, Use&& use) {
    torch::NoGradGuard noGrad;
    const MaskReader pairs(images);
    const int side = data_.imageSize;
    EvaluationLoader loader({.dataset = &pairs,
                             .indices = allIndices(pairs),
                             .side = side,
                             .makeView = [side](const RgbImage& image,
                                                std::int64_t,
                                                int) { return wholeView(image, side); },
                             .batchSize = 64,
                             .workers = evaluationWorkers(device_)});
    problems_.clear();
    while (auto batch = loader.next(stop)) {
      problems_.insert(problems_.end(), batch->problems.begin(), batch->problems.end());
      if (batch->indices.empty()) {
        continue;
      }
      const Tensor levels =
          torch::from_blob(batch->levels.data(),
                           {static_cast<std::int64_t>(batch->indices.size()), side, side, 3},
                           torch::kUInt8);
      std::vector<PixelClasses> masks;
      for (const std::int64_t index : batch->indices) {
        masks.push_back(pairs.take(index));
      }
      use(network_->featureMap(normalize_(levels.to(device_)))
              .to(torch::kCPU, torch::kFloat32)
              .contiguous(),
          masks);
    }
    return !stop.stop_requested();
  }

  void requireUsable(std::int64_t count, const char* purpose) {
    if (count == 0) {
      throw Exception(
          fmt::format("There is nothing to {}: none of the {} pictures can be used; the "
                      "first is {}: {}.",
                      purpose,
                      problems_.size(),
                      problems_.front().path,
                      problems_.front().reason));
    }
    if (!problems_.empty()) {
      result_.notes.push_back(fmt::format("{} of the pictures to {} are left out, such as {}: {}.",
                                          problems_.size(),
                                          purpose,
                                          problems_.front().path,
                                          problems_.front().reason));
    }
  }

  // The classes that the training masks have, and their masks in these.
  void nameClasses() {
    std::array<std::int64_t, 256> counts{};
    auto* values = masks_.mutable_data_ptr<std::uint8_t>();
    const std::int64_t size = masks_.numel();
    for (std::int64_t i = 0; i < size; ++i) {
      ++counts[values[i]];
    }
    classes_.emplace(counts);
    if (classes_->size() == 0) {
      throw Exception(
          "All pixels of the training masks are 255, which stands for no class: there is nothing "
          "to "
          "learn from.");
    }
    if (classes_->size() == 1) {
      throw Exception(fmt::format(
          "All pixels of the training masks that have a class are of class {}: there is nothing to "
          "tell apart.{}",
          classes_->values.front(),
          counts[kNoClass] > 0 ? " 255 stands for no class; save what is meant by it as another "
                                 "number below 255."
                               : ""));
    }
    for (std::int64_t i = 0; i < size; ++i) {
      values[i] = classes_->place[values[i]];
    }
  }

  void standardize() {
    mean_ = torch::zeros({features_});
    deviation_ = torch::zeros({features_});
    const auto count = static_cast<double>(maps_.size(0) * height_ * width_);
    Tensor sum = torch::zeros({features_}, torch::kFloat64);
    Tensor squares = torch::zeros({features_}, torch::kFloat64);
    for (std::int64_t i = 0; i < maps_.size(0); ++i) {
      const Tensor map = maps_[i].to(torch::kFloat64);
      sum += map.sum({1, 2});
      squares += map.square().sum({1, 2});
    }
    const Tensor mean = sum / count;
    mean_ = mean.to(torch::kFloat32);
    deviation_ =
        (squares / count - mean.square()).clamp_min(0).add(1e-5).sqrt().to(torch::kFloat32);
    maps_.sub_(mean_.view({1, -1, 1, 1})).div_(deviation_.view({1, -1, 1, 1}));
  }

  // Of the mean cross-entropy of all pixels that have a class, in parts that fit into memory. False
  // where there are none.
  bool addGradient(const Tensor& rows) {
    const auto side = static_cast<std::int64_t>(data_.imageSize);
    const Tensor masks = masks_.index_select(0, rows).to(torch::kInt64).to(device_);
    const auto known = masks.ne(kNoClass).sum().item<std::int64_t>();
    if (known == 0) {
      return false;
    }
    const Tensor up = upsampling(height_, side).to(device_);
    const Tensor across = upsampling(width_, side).t().to(device_);
    const std::int64_t part =
        std::max<std::int64_t>(1, kMostLogits / (classes_->size() * side * side));
    for (std::int64_t first = 0; first < rows.numel(); first += part) {
      const std::int64_t count = std::min(part, rows.numel() - first);
      const Tensor maps = maps_.index_select(0, rows.narrow(0, first, count)).to(device_);
      const Tensor small =
          torch::einsum("nfhw,cf->nchw", {maps, weight_}) + bias_.view({1, -1, 1, 1});
      const Tensor logits = up.matmul(small).matmul(across);
      const Tensor loss =
          at::cross_entropy_loss(
              logits, masks.narrow(0, first, count), {}, at::Reduction::Sum, kNoClass) /
          static_cast<double>(known);
      loss.backward();
    }
    return true;
  }

  // Adds one image's pixels, at the mask's own size, to the confusion.
  void countPixels(const Tensor& small,
                   const PixelClasses& mask,
                   std::array<std::int64_t, 256>& unknown) {
    const Tensor across = upsampling(width_, mask.width).t().to(device_);
    const Tensor up = upsampling(height_, mask.height).to(device_);
    const std::int64_t rows =
        std::max<std::int64_t>(1, kMostLogits / (classes_->size() * mask.width));
    const std::uint8_t* value = mask.values.data();
    for (std::int64_t first = 0; first < mask.height; first += rows) {
      const std::int64_t last = std::min<std::int64_t>(first + rows, mask.height);
      const Tensor guesses = up.slice(0, first, last)
                                 .matmul(small)
                                 .matmul(across)
                                 .argmax(0)
                                 .to(torch::kCPU)
                                 .contiguous();
      const auto* guess = guesses.const_data_ptr<std::int64_t>();
      for (std::int64_t i = 0; i < guesses.numel(); ++i, ++value) {
        const std::uint8_t own = classes_->place[*value];
        if (own != kNoClass) {
          ++result_.confusion[own][static_cast<std::size_t>(guess[i])];
        } else if (*value != kNoClass) {
          ++unknown[*value];
        }
      }
    }
  }

  // Nothing can be learnt about a class that no training mask has.
  void noteUnknown(const std::array<std::int64_t, 256>& unknown) {
    std::string values;
    std::int64_t pixels = 0;
    for (std::size_t value = 0; value < unknown.size(); ++value) {
      if (unknown[value] > 0) {
        values += (values.empty() ? "" : ", ") + std::to_string(value);
        pixels += unknown[value];
      }
    }
    if (pixels > 0) {
      result_.notes.push_back(
          fmt::format("{} not judged, as no training mask has their classes: {}.",
                      counted(pixels, "pixel"),
                      values));
    }
  }

  Encoder network_;
  DataParams data_;
  SegmentationOptions options_;
  torch::Device device_;
  DeviceNormalize normalize_;
  FrozenState before_;
  std::int64_t features_ = 0;
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
  Tensor maps_;       // [n, F, h, w] on the CPU, standardised
  Tensor masks_;      // uint8 [n, side, side], places in classes_
  Tensor mean_;       // [F]
  Tensor deviation_;  // [F]
  Tensor weight_;     // [classes, F]
  Tensor bias_;       // [classes]
  int epochs_ = 0;
  std::optional<ClassTable> classes_;
  std::vector<SampleProblem> problems_;  // of the images read last
  SegmentationResult result_;
};

}  // namespace

Tensor upsampling(std::int64_t from, std::int64_t to) {
  const Tensor weights = torch::zeros({to, from});
  auto values = weights.accessor<float, 2>();
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    const double at = std::max(0.0, (static_cast<double>(i) + 0.5) * scale - 0.5);
    const auto left = std::min(static_cast<std::int64_t>(at), from - 1);
    const std::int64_t right = std::min(left + 1, from - 1);
    const double share = at - static_cast<double>(left);
    values[i][left] += static_cast<float>(1 - share);
    values[i][right] += static_cast<float>(share);
  }
  return weights;
}

std::optional<SegmentationResult> probeSegmentation(
    const TrainedModel& model,
    const MaskedImages& train,
    const MaskedImages& judged,
    const SegmentationOptions& options,
    const std::stop_token& stop,
    const std::function<void(double)>& progress,
    const std::function<void(const std::string&)>& tell) {
  Segmentation probe(model, options);
  const auto stage = [&](double from, double to) {
    return [&progress, from, to](double share) { progress(from + (to - from) * share); };
  };
  tell(fmt::format("feature maps of {}", counted(train.size(), "training image")));
  if (!probe.read(train, stop, stage(0, 0.4))) {
    return std::nullopt;
  }
  tell("a linear layer learns");
  if (!probe.learn(stop, stage(0.4, 0.85))) {
    return std::nullopt;
  }
  tell(fmt::format("feature maps of {} to judge", counted(judged.size(), "image")));
  if (!probe.judge(judged, stop, stage(0.85, 1))) {
    return std::nullopt;
  }
  return probe.result();
}

}  // namespace barlow
