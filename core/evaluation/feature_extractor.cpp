#include "core/evaluation/feature_extractor.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/device/compute_device.h"
#include "core/device/device_views.h"
#include "core/image/resize.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace barlow {

using torch::Tensor;

namespace {

// A processor is a fifth faster where what one layer leaves is still in its cache for the next
// (ResNet-18 at 32 px, ResNet-50 at 224 px).
std::int64_t imagesInCache(int side) {
  return std::clamp<std::int64_t>((1 << 17) / (std::int64_t{side} * side), 4, 64);
}

}  // namespace

FrozenState::FrozenState(const Encoder& network) : now_(namedState(network)) {
  torch::NoGradGuard noGrad;
  for (const auto& [name, tensor] : now_) {
    before_.emplace_back(name, tensor.clone());
  }
}

void FrozenState::require() const {
  torch::NoGradGuard noGrad;
  for (std::size_t i = 0; i < now_.size(); ++i) {
    const Tensor& before = before_[i].second;
    const Tensor& now = now_[i].second;
    BARLOW_CHECK(torch::equal(before, now) || torch::allclose(before, now, 0, 0, true))
        << now_[i].first << " moved in a network that is frozen";
  }
}

struct FeatureExtractor::Impl {
  Encoder network;
  Options options;
  bool wasTraining;
  torch::Device device;
  DeviceNormalize normalize;
  FrozenState before;

  Impl(const Encoder& given, const Options& asked)
      : network(given),
        options(asked),
        wasTraining(given->isTraining()),
        device(given->parameters().front().device()),
        normalize(device, asked.data.mean, asked.data.std, torch::MemoryFormat::ChannelsLast),
        before(given) {
    network->train(false);
  }
  ~Impl() { network->train(wasTraining); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

FeatureExtractor::FeatureExtractor(const Encoder& network, const Options& options)
    : impl_(std::make_unique<Impl>(network, options)) {}
FeatureExtractor::~FeatureExtractor() = default;

std::int64_t FeatureExtractor::features() const {
  return impl_->options.isProjected ? impl_->network->dimensions() : impl_->network->features();
}

Tensor FeatureExtractor::operator()(const EvaluationLoader::Batch& batch, int views) const {
  torch::NoGradGuard noGrad;
  const auto rows = static_cast<std::int64_t>(batch.indices.size()) * views;
  const int side = impl_->options.data.imageSize;
  if (rows == 0) {
    return torch::empty({0, features()}, impl_->device);
  }
  // Read only: nothing writes through it.
  const Tensor levels = torch::from_blob(
      const_cast<std::uint8_t*>(batch.levels.data()), {rows, side, side, 3}, torch::kUInt8);
  const std::int64_t most = impl_->device.is_cpu() ? imagesInCache(side) : rows;
  std::vector<Tensor> parts;
  for (const Tensor& some : levels.split(most)) {
    const Tensor pixels = impl_->normalize(some.to(impl_->device));
    parts.push_back(impl_->network->represent(pixels));
  }
  const Tensor represented = torch::cat(parts);
  const Tensor out =
      impl_->options.isProjected ? impl_->network->project(represented) : represented;
  return out.to(torch::kFloat32);
}

void FeatureExtractor::requireUnmoved() const { impl_->before.require(); }

int evaluationWorkers(const torch::Device& device) { return mostLoaderWorkers(device); }

std::vector<std::int64_t> spreadIndices(std::int64_t size, std::int64_t most) {
  const std::int64_t count = std::min(size, most);
  std::vector<std::int64_t> indices;
  for (std::int64_t i = 0; i < count; ++i) {
    indices.push_back(i * size / count);
  }
  return indices;
}

std::vector<std::int64_t> allIndices(const Dataset& dataset) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(dataset.size()));
  std::iota(indices.begin(), indices.end(), 0);
  return indices;
}

void requireFinite(const Tensor& values, const std::string& what) {
  if (!torch::isfinite(values).all().item<bool>()) {
    throw Exception(
        fmt::format("{} are not finite (NaN or infinity): the network has diverged; take an "
                    "earlier checkpoint.",
                    what));
  }
}

std::optional<Representations> represent(const Encoder& network,
                                         const Dataset& dataset,
                                         const std::vector<std::int64_t>& indices,
                                         const FeatureExtractor::Options& options,
                                         const std::stop_token& stop,
                                         const std::function<void(std::int64_t done)>& progress) {
  torch::NoGradGuard noGrad;
  const FeatureExtractor extract(network, options);
  const torch::Device device = network->parameters().front().device();
  constexpr std::int64_t kMostOnDevice = 1 << 26;  // floats: 256 MB, several times over in the end
  const auto size = static_cast<std::int64_t>(indices.size());
  const bool isLarge = size * extract.features() > kMostOnDevice;
  Representations result;
  const Tensor all =
      torch::empty({size, extract.features()}, isLarge ? torch::Device(torch::kCPU) : device);
  const int side = options.data.imageSize;
  EvaluationLoader loader({.dataset = &dataset,
                           .indices = indices,
                           .side = side,
                           .makeView = [side](const RgbImage& image,
                                              std::int64_t,
                                              int) { return evaluationView(image, side); },
                           .workers = evaluationWorkers(device)});
  std::int64_t done = 0;
  while (auto batch = loader.next(stop)) {
    const auto first = static_cast<std::int64_t>(result.indices.size());
    const auto count = static_cast<std::int64_t>(batch->indices.size());
    all.narrow(0, first, count).copy_(extract(*batch));
    for (const std::int64_t index : batch->indices) {
      result.labels.push_back(dataset.label(index));
    }
    result.indices.insert(result.indices.end(), batch->indices.begin(), batch->indices.end());
    done += count + static_cast<std::int64_t>(batch->problems.size());
    result.problems.insert(result.problems.end(), batch->problems.begin(), batch->problems.end());
    if (progress) {
      progress(done);
    }
  }
  if (stop.stop_requested()) {
    return std::nullopt;
  }
  extract.requireUnmoved();
  result.features = all.narrow(0, 0, static_cast<std::int64_t>(result.indices.size()));
  return result;
}

}  // namespace barlow
