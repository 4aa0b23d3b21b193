#pragma once

#include "core/base/job_control.h"
#include "core/matrix/inspection.h"
#include "core/runs/embedding_snapshot.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

/// What the inspector opens, and how it becomes what the inspector shows. Everything here blocks:
/// call it on a worker. Failures are Exceptions (what, which path, what to do).
namespace barlow {

/// Embeddings [N, D] of two views from any model: .npy, .npz or .safetensors, FILE:NAME where a
/// file holds several arrays. N must agree, the widths need not. NaN and infinities are let in:
/// they are to be seen. Lambda is for the numbers only.
EmbeddingBatch readEmbeddings(const std::filesystem::path& a,
                              const std::filesystem::path& b,
                              double lambda = 0.0051);
/// One .npz or .safetensors file with both: z_a and z_b, or the only two of two dimensions.
EmbeddingBatch readEmbeddings(const std::filesystem::path& both, double lambda = 0.0051);
/// A finished matrix, at most kMaxMatrixSide a side.
Matrix readMatrix(const std::filesystem::path& path, double lambda = 0.0051);

/// The file of a path that may be FILE:NAME.
std::filesystem::path fileOf(const std::filesystem::path& path);

/// A matrix of two views' embeddings as it can be drawn: it and its pyramid. Null after a stop.
/// Takes twice the matrix' memory. Throws Exception where there is none of this kind (whyNot()).
std::shared_ptr<const Inspection> pictureOf(std::shared_ptr<const EmbeddingBatch> embeddings,
                                            MatrixKind kind,
                                            const JobControl& control = {});
/// The cross-correlation.
inline std::shared_ptr<const Inspection> pictureOf(std::shared_ptr<const EmbeddingBatch> embeddings,
                                                   const JobControl& control = {}) {
  return pictureOf(std::move(embeddings), MatrixKind::CrossCorrelation, control);
}
/// The same of a matrix alone.
std::shared_ptr<const Inspection> pictureOf(Matrix matrix, const JobControl& control = {});
/// What a person opens: two embeddings, one file with both, or one matrix, which is what it is,
/// whatever the kind.
std::shared_ptr<const Inspection> pictureOf(const std::vector<std::filesystem::path>& files,
                                            MatrixKind kind,
                                            const JobControl& control = {});
inline std::shared_ptr<const Inspection> pictureOf(const std::vector<std::filesystem::path>& files,
                                                   const JobControl& control = {}) {
  return pictureOf(files, MatrixKind::CrossCorrelation, control);
}

/// The same matrix with its statistics, which come soon. Null after a stop.
std::shared_ptr<const Inspection> withStatistics(
    const std::shared_ptr<const Inspection>& inspection, const JobControl& control = {});
/// Whether the health of the embeddings takes seconds or more: better show the statistics first.
bool completesLate(const Inspection& inspection);
/// The same with everything; for embeddings of thousands of images and dimensions the spectra take
/// minutes, and a stop waits for the one at hand. With one thread in the control LibTorch takes no
/// more either.
std::shared_ptr<const Inspection> completed(const std::shared_ptr<const Inspection>& inspection,
                                            const JobControl& control = {});

std::shared_ptr<const EmbeddingBatch> readSnapshot(const std::filesystem::path& runFolder,
                                                   const EmbeddingSnapshot& moment);

}  // namespace barlow
