#include "core/studio/matrix_files.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/collapse.h"
#include "core/files/embedding_file.h"
#include "core/matrix/correlate.h"
#include "core/matrix/duplicates.h"
#include "core/matrix/matrix_kinds.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/recording/embedding_snapshots.h"
#include "core/runs/run_folder.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// Shares of a job's progress.
constexpr double kCorrelated = 0.6;  // of a picture
constexpr double kMeasured = 0.3;    // of everything: the statistics
constexpr ProgressShare kHealthA{kMeasured, 0.65};
constexpr ProgressShare kHealthB{0.65, 1};
constexpr std::size_t kMostDuplicates = 1000;

torch::Tensor viewOf(const Matrix& z) {
  // Read only: the tensor shares memory that nobody may change.
  return torch::from_blob(const_cast<float*>(z.values()), {z.rows(), z.columns()});
}

void requireSides(const std::string& name, const torch::Tensor& z, std::int64_t rows) {
  if (z.size(1) < 1 || z.size(1) > kMaxMatrixSide || z.size(0) < rows) {
    throw Exception(fmt::format("{} is [{}, {}]; it takes {} rows or more and 1 to {} columns.",
                                name,
                                z.size(0),
                                z.size(1),
                                rows,
                                kMaxMatrixSide));
  }
}

EmbeddingBatch pairOf(const torch::Tensor& zA,
                      const torch::Tensor& zB,
                      const std::string& name,
                      double lambda) {
  ObjectiveParams objective;
  objective.barlowTwins.lambda = lambda;
  return *embeddingBatchOf(zA, zB, {}, objective, name, -1);
}

// Embeddings [N, D], and what messages call them.
struct View {
  torch::Tensor z;
  std::string name;
};

// In double, about the mean: a file of doubles may hold less than a float can tell apart.
torch::Tensor exactStandard(const torch::Tensor& z) {
  const torch::Tensor exact = z.to(torch::kFloat64);
  return standardize(exact - exact.mean(0, /*keepdim=*/true));
}

EmbeddingBatch pairOfViews(const View& a, const View& b, const std::string& name, double lambda) {
  torch::NoGradGuard noGrad;
  requireSides(a.name, a.z, 2);
  requireSides(b.name, b.z, 2);
  if (a.z.size(0) != b.z.size(0)) {
    throw Exception(
        fmt::format("{} has {} rows and {} has {}; row i of both must be the same image.",
                    a.name,
                    a.z.size(0),
                    b.name,
                    b.z.size(0)));
  }
  EmbeddingBatch pair = pairOf(a.z, b.z, name, lambda);
  if (a.z.scalar_type() == torch::kFloat64 || b.z.scalar_type() == torch::kFloat64) {
    pair.exactStandard = std::make_shared<const EmbeddingBatch>(
        pairOf(exactStandard(a.z), exactStandard(b.z), name, lambda));
  }
  return pair;
}

// Nothing after a stop. Embeddings that are not finite have a variance per dimension at most.
std::optional<ViewHealth> healthOf(const Matrix& z,
                                   const Matrix& standard,
                                   Standardization how,
                                   const JobControl& control,
                                   ProgressShare share) {
  ViewHealth health;
  const std::vector<double> variances = columnVariances(z);
  health.variances.assign(variances.begin(), variances.end());
  const torch::Tensor tensor = viewOf(z);
  if (!std::all_of(variances.begin(), variances.end(), [](double v) { return std::isfinite(v); })) {
    return health;
  }
  health.dead = deadDimensions(variances);
  const torch::Tensor spectrum = normalizedSpectrum(tensor);
  const CollapseNumbers numbers = collapseNumbers(tensor, spectrum);
  health.effectiveRank = numbers.effectiveRank;
  health.embeddingStd = numbers.embeddingStd;
  const torch::Tensor shares = spectrum.to(torch::kFloat32).contiguous();
  health.spectrum.assign(shares.const_data_ptr<float>(),
                         shares.const_data_ptr<float>() + shares.numel());
  auto duplicates =
      findDuplicates(standard, how, kDuplicateCorrelation, kMostDuplicates, control, share);
  if (!duplicates) {
    return std::nullopt;
  }
  health.duplicates = std::move(duplicates->strongest);
  health.duplicateCount = duplicates->count;
  return health;
}

}  // namespace

EmbeddingBatch readEmbeddings(const fs::path& a, const fs::path& b, double lambda) {
  const torch::Tensor zA = readEmbeddingFile(a);
  const torch::Tensor zB = readEmbeddingFile(b);
  return pairOfViews({zA, a.string()},
                     {zB, b.string()},
                     fmt::format("{}, {}", a.filename().string(), b.filename().string()),
                     lambda);
}

EmbeddingBatch readEmbeddings(const fs::path& both, double lambda) {
  const EmbeddingViews views = readEmbeddingViews(both);
  return pairOfViews({views.a, fmt::format("The first view in {}", both.string())},
                     {views.b, fmt::format("the second view in {}", both.string())},
                     both.filename().string(),
                     lambda);
}

fs::path fileOf(const fs::path& path) { return arrayPathOf(path).file; }

Matrix readMatrix(const fs::path& path, double lambda) {
  const torch::Tensor c = readEmbeddingFile(path);
  if (c.size(0) > kMaxMatrixSide) {
    throw Exception(
        fmt::format("{} is [{}, {}]; a matrix has at most {} rows. For embeddings give "
                    "two files, one per view.",
                    path.string(),
                    c.size(0),
                    c.size(1),
                    kMaxMatrixSide));
  }
  requireSides(path.string(), c, 1);
  const Matrix matrix = pairOf(c, c, path.filename().string(), lambda).a;
  MatrixOrigin origin = matrix.origin();
  origin.n = 0;  // a matrix does not tell how many images it was computed from
  return matrix.withOrigin(std::move(origin));
}

std::shared_ptr<const Inspection> pictureOf(std::shared_ptr<const EmbeddingBatch> embeddings,
                                            MatrixKind kind,
                                            const JobControl& control) {
  auto standard = std::make_shared<const EmbeddingBatch>(standardized(*embeddings));
  auto c = kind == MatrixKind::CrossCorrelation
               ? crossCorrelation(standard->a, standard->b, control, {0, kCorrelated})
               : matrixOf(*embeddings, kind, control, {0, kCorrelated});
  const auto bare = c ? pictureOf(std::move(*c), part(control, {kCorrelated, 1})) : nullptr;
  if (!bare) {
    return nullptr;
  }
  auto inspection = std::make_shared<Inspection>(*bare);
  inspection->embeddings = std::move(embeddings);
  inspection->standard = std::move(standard);
  return inspection;
}

std::shared_ptr<const Inspection> pictureOf(Matrix matrix, const JobControl& control) {
  auto inspection = std::make_shared<Inspection>();
  inspection->pyramid = MatrixPyramid::build(std::move(matrix), control);
  return inspection->pyramid ? inspection : nullptr;
}

std::shared_ptr<const Inspection> pictureOf(const std::vector<fs::path>& files,
                                            MatrixKind kind,
                                            const JobControl& control) {
  BARLOW_CHECK(files.size() == 1 || files.size() == 2) << files.size() << " files";
  const fs::path& first = files.front();
  if (files.size() == 2) {
    return pictureOf(
        std::make_shared<const EmbeddingBatch>(readEmbeddings(first, files.back())), kind, control);
  }
  if (holdsSeveralEmbeddings(first)) {
    return pictureOf(std::make_shared<const EmbeddingBatch>(readEmbeddings(first)), kind, control);
  }
  return pictureOf(readMatrix(first), control);
}

std::shared_ptr<const Inspection> withStatistics(
    const std::shared_ptr<const Inspection>& inspection, const JobControl& control) {
  if (inspection->statistics) {
    return inspection;
  }
  auto more = std::make_shared<Inspection>(*inspection);
  more->statistics = computeStatistics(inspection->matrix(), {.topCount = 10'000}, control);
  return more->statistics ? more : nullptr;
}

bool completesLate(const Inspection& inspection) {
  constexpr std::int64_t kSlowSide = 1024;  // of the matrix whose eigenvalues are wanted
  const auto isSlow = [](const Matrix& z) { return std::min(z.rows(), z.columns()) > kSlowSide; };
  return inspection.embeddings &&
         (isSlow(inspection.embeddings->a) || isSlow(inspection.embeddings->b));
}

std::shared_ptr<const Inspection> completed(const std::shared_ptr<const Inspection>& inspection,
                                            const JobControl& control) {
  torch::NoGradGuard noGrad;
  const auto measured = withStatistics(inspection, part(control, {0, kMeasured}));
  if (!measured || measured->isComplete()) {
    return measured;
  }
  std::optional<OneTorchThread> alone;
  if (control.threads == 1) {
    alone.emplace();
  }
  const EmbeddingBatch& z = *measured->embeddings;
  const EmbeddingBatch& standard = *measured->standard;
  auto a = healthOf(z.a, standard.a, z.standardization, control, kHealthA);
  auto b = a ? healthOf(z.b, standard.b, z.standardization, control, kHealthB) : std::nullopt;
  if (!b) {
    return nullptr;
  }
  auto whole = std::make_shared<Inspection>(*measured);
  whole->health =
      std::make_shared<const EmbeddingHealth>(EmbeddingHealth{std::move(*a), std::move(*b)});
  return whole;
}

std::shared_ptr<const EmbeddingBatch> readSnapshot(const fs::path& runFolder,
                                                   const EmbeddingSnapshot& moment) {
  const RunConfig config = readRunConfig(runFolder);
  return std::make_shared<const EmbeddingBatch>(readSnapshot(
      moment, config, config.run.name.empty() ? runFolder.filename().string() : config.run.name));
}

}  // namespace barlow
