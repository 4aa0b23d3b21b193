#include "core/studio/weight_view.h"

#include "core/augment/augment.h"
#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/feature_extractor.h"
#include "core/evaluation/subject.h"
#include "core/files/array_file.h"
#include "core/models/state_names.h"
#include "core/recording/embedding_snapshots.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/matrix_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr double kProjected = 0.8;  // of the progress of a picture: the network
constexpr int kLargeSide = 64;      // pixels; a network of larger images takes long for each

WeightFacts factsOf(const TrainedModel& model) {
  return {.network = networkText(model.config.model),
          .hasProjector = model.hasProjector,
          .config = model.config,
          .notes = model.notes};
}

std::shared_ptr<const EmbeddingBatch> projected(const Subject& subject,
                                                const fs::path& file,
                                                const JobControl& control) {
  const torch::NoGradGuard noGrad;
  const TrainedModel& model = subject.model();
  const AugmentParams& augment = model.config.augment;
  const int side = model.config.data.imageSize;
  const std::vector<std::int64_t> indices =
      spreadIndices(subject.bank().size(), imagesForMatrix(factsOf(model)));
  const FeatureExtractor extract(model.network, {.data = model.config.data, .isProjected = true});
  EvaluationLoader loader(
      {.dataset = &subject.bank(),
       .indices = indices,
       .side = side,
       .views = 2,
       .makeView =
           [&](const RgbImage& image, std::int64_t index, int view) {
             const ViewKey key{.seed = 0,
                               .epoch = 0,
                               .sample = index,
                               .view = viewAt(static_cast<std::size_t>(view))};
             return makeView(image, augment, key, side);
           },
       .batchSize = 16,
       .workers = evaluationWorkers(model.network->parameters().front().device())});
  std::vector<torch::Tensor> parts;
  std::vector<std::int64_t> samples;
  std::size_t done = 0;
  while (const auto batch = loader.next(control.stop)) {
    const auto count = static_cast<std::int64_t>(batch->indices.size());
    if (count > 0) {
      parts.push_back(extract(*batch, 2).to(torch::kCPU).view({count, 2, extract.features()}));
    }
    samples.insert(samples.end(), batch->indices.begin(), batch->indices.end());
    done += batch->indices.size() + batch->problems.size();
    if (control.progress) {
      control.progress(static_cast<double>(done) / static_cast<double>(indices.size()));
    }
  }
  if (control.stop.stop_requested()) {
    return nullptr;
  }
  if (samples.size() < 2) {
    throw Exception(
        fmt::format("Fewer than two images of {} can be read; there is no matrix of "
                    "so few.",
                    subject.describedData().source));
  }
  const torch::Tensor z = torch::cat(parts);  // [n, 2, D]
  return embeddingBatchOf(z.select(1, 0).contiguous(),
                          z.select(1, 1).contiguous(),
                          std::move(samples),
                          ObjectiveParams{},
                          file.filename().string(),
                          -1);
}

}  // namespace

bool isWeightFile(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    return false;
  }
  const std::string ending = lowerCase(path.extension().string());
  if (ending == ".pth" || ending == ".pt" || ending == ".ckpt" || ending == ".tar") {
    return true;
  }
  if (ending != ".safetensors") {
    return false;
  }
  try {
    // Kernels have four dimensions, and no embeddings have BatchNorm's statistics.
    const auto file = openSafetensors(path);
    return std::any_of(file->entries().begin(), file->entries().end(), [](const ArrayEntry& entry) {
      return entry.shape.size() == 4 || entry.name.ends_with("running_mean");
    });
  } catch (const Exception&) {
    return false;  // whoever opens it as embeddings says what is wrong
  }
}

WeightFacts describeWeights(const fs::path& file) {
  return factsOf(openTrainedModel(file, torch::kCPU));
}

std::int64_t imagesForMatrix(const WeightFacts& facts) {
  return facts.config.data.imageSize > kLargeSide ? 256 : 1024;
}

std::shared_ptr<const Inspection> pictureOfWeights(const fs::path& file,
                                                   const std::string& source,
                                                   MatrixKind kind,
                                                   const JobControl& control) {
  const JobThreads threads(control.yields, 0);
  try {
    const Subject subject({.model = file,
                           .source = recognizedSource(source),
                           .isProjected = true,
                           .imageCache = userCacheFolder() / "images"},
                          resolveDevice(control.yields ? "cpu" : "auto").device,
                          control.stop);
    auto embeddings = projected(subject, file, part(control, {0, kProjected}));
    return embeddings ? pictureOf(std::move(embeddings), kind, part(control, {kProjected, 1}))
                      : nullptr;
  } catch (const Stopped&) {
    return nullptr;
  }
}

}  // namespace barlow
