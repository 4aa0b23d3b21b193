#pragma once

#include "core/matrix/embedding_batch.h"
#include "core/params/run_config.h"
#include "core/runs/embedding_snapshot.h"
#include "core/torch.h"

#include <cstdint>
#include <filesystem>
#include <vector>

/// The moments of a run that can be looked at again: RUN/matrices/step-00000123.safetensors with
/// z_a and z_b (float32 [N, D], as the projector gave them), samples (int64 [N], indices in the
/// data set) and, where the method has prototypes, prototype_scores (float32 [N, K], cosines of
/// view A with them). The full matrix follows from them, in a fraction of its size where D is above
/// N.
namespace barlow {

/// Copies to the CPU: values that may leave the training thread. `name` and `step` go into the
/// origin of the matrix. `scores` [N, K]: of prototypes; undefined: there are none.
std::shared_ptr<const EmbeddingBatch> embeddingBatchOf(const torch::Tensor& zA,
                                                       const torch::Tensor& zB,
                                                       std::vector<std::int64_t> samples,
                                                       const ObjectiveParams& objective,
                                                       const std::string& name,
                                                       std::int64_t step,
                                                       const torch::Tensor& scores = {});

/// Writes one moment, atomically. Throws Exception.
void writeSnapshot(const std::filesystem::path& runFolder, const EmbeddingBatch& embeddings);

/// Throws Exception (damaged, not of this shape). Lambda and name come from the run's
/// configuration.
EmbeddingBatch readSnapshot(const EmbeddingSnapshot& moment,
                            const RunConfig& config,
                            const std::string& name);
/// What was kept after `step` goes, as a resumed run will come there again.
void removeSnapshotsAfter(const std::filesystem::path& runFolder, std::int64_t step);

/// Steps between two kept moments: about run.matrix_moments of them over `lastStep` steps, and no
/// more than run.matrix_storage_mb in all. 0: none are kept (but the last). Depends on its
/// arguments alone, so that a resumed run keeps the same ones.
std::int64_t snapshotEvery(const RunConfig& config, std::int64_t lastStep, std::int64_t dimensions);

}  // namespace barlow
