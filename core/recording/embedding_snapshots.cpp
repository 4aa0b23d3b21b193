#include "core/recording/embedding_snapshots.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace barlow {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScores = "prototype_scores";

Matrix matrixOf(const torch::Tensor& z, MatrixOrigin origin) {
  const torch::Tensor packed = z.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const auto values = uninitializedFloats(packed.numel());
  std::memcpy(values.get(),
              packed.const_data_ptr<float>(),
              static_cast<std::size_t>(packed.numel()) * sizeof(float));
  return {packed.size(0), packed.size(1), values, std::move(origin)};
}

torch::Tensor tensorOf(const Matrix& z) {
  torch::Tensor tensor = torch::empty({z.rows(), z.columns()});
  std::memcpy(tensor.data_ptr<float>(), z.values(), z.bytes());
  return tensor;
}

}  // namespace

std::shared_ptr<const EmbeddingBatch> embeddingBatchOf(const torch::Tensor& zA,
                                                       const torch::Tensor& zB,
                                                       std::vector<std::int64_t> samples,
                                                       const ObjectiveParams& objective,
                                                       const std::string& name,
                                                       std::int64_t step,
                                                       const torch::Tensor& scores) {
  // Other objectives, and the ablations without it, are seen as Barlow Twins would see them; but no
  // loss is made of their matrix.
  const bool isBarlowTwins = objective.name == ObjectiveName::BarlowTwins;
  const MatrixOrigin origin{.n = zA.size(0),
                            .lambda = isBarlowTwins ? objective.barlowTwins.lambda : 0,
                            .name = name,
                            .step = step};
  const bool isHsic =
      isBarlowTwins && objective.barlowTwins.standardization == Standardization::Hsic;
  return std::make_shared<const EmbeddingBatch>(
      EmbeddingBatch{.a = matrixOf(zA, origin),
                     .b = matrixOf(zB, origin),
                     .samples = std::move(samples),
                     .standardization = isHsic ? Standardization::Hsic : Standardization::BatchNorm,
                     .scores = scores.defined() ? matrixOf(scores, origin) : Matrix(),
                     .temperature = objective.prototypeForm().temperature});
}

void writeSnapshot(const fs::path& runFolder, const EmbeddingBatch& embeddings) {
  NamedTensors tensors = {{"z_a", tensorOf(embeddings.a)},
                          {"z_b", tensorOf(embeddings.b)},
                          {"samples", torch::tensor(embeddings.samples, torch::kInt64)}};
  if (!embeddings.scores.isEmpty()) {
    tensors.emplace_back(kScores, tensorOf(embeddings.scores));
  }
  makeFolder(runFolder / "matrices");
  writeSafetensors(
      runFolder / "matrices" / fmt::format("step-{:08}.safetensors", embeddings.a.origin().step),
      tensors);
}

EmbeddingBatch readSnapshot(const EmbeddingSnapshot& moment,
                            const RunConfig& config,
                            const std::string& name) {
  const NamedTensors tensors = readSafetensors(moment.file);
  const auto find = [&](const char* key) {
    const auto found = std::find_if(
        tensors.begin(), tensors.end(), [&](const auto& item) { return item.first == key; });
    return found == tensors.end() ? torch::Tensor() : found->second;
  };
  const torch::Tensor zA = find("z_a");
  const torch::Tensor zB = find("z_b");
  const torch::Tensor samples = find("samples");
  const auto isEmbedding = [](const torch::Tensor& z) {
    return z.defined() && z.dim() == 2 && z.is_floating_point() && z.size(0) >= 2 && z.size(1) >= 1;
  };
  if (!isEmbedding(zA) || !isEmbedding(zB) || zA.size(0) != zB.size(0)) {
    throw Exception(fmt::format(
        "{} does not hold z_a and z_b, [N, D] each; this moment of the run cannot be shown.",
        moment.file.string()));
  }
  std::vector<std::int64_t> indices;
  if (samples.defined() && samples.dim() == 1 && samples.size(0) == zA.size(0) &&
      samples.scalar_type() == torch::kInt64) {
    const torch::Tensor packed = samples.contiguous();
    indices.assign(packed.const_data_ptr<std::int64_t>(),
                   packed.const_data_ptr<std::int64_t>() + packed.numel());
  }
  // What is of no use is left out: there is the rest to look at.
  torch::Tensor scores = find(kScores);
  if (scores.defined() &&
      !(isEmbedding(scores) && scores.size(0) == zA.size(0) && scores.size(1) <= kMaxMatrixSide)) {
    scores = torch::Tensor();
  }
  return *embeddingBatchOf(zA, zB, std::move(indices), config.objective, name, moment.step, scores);
}

void removeSnapshotsAfter(const fs::path& runFolder, std::int64_t step) {
  for (const EmbeddingSnapshot& moment : listSnapshots(runFolder)) {
    if (moment.step > step) {
      std::error_code ignored;  // it will be overwritten when the run comes there again
      fs::remove(moment.file, ignored);
    }
  }
}

std::int64_t snapshotEvery(const RunConfig& config,
                           std::int64_t lastStep,
                           std::int64_t dimensions) {
  const auto prototypes = static_cast<double>(config.objective.prototypeForm().count);
  const double size = static_cast<double>(config.run.batchSize) *
                      (8.0 * static_cast<double>(dimensions) + 8.0 +
                       (prototypes <= kMaxMatrixSide ? 4.0 * prototypes : 0));  // bytes of a moment
  const double room = 1e6 * config.run.matrixStorageMb / size;
  const auto most =
      static_cast<std::int64_t>(std::min(static_cast<double>(config.run.matrixMoments), room));
  return most < 1 ? 0 : std::max<std::int64_t>(1, (lastStep + most - 1) / most);
}

}  // namespace barlow
