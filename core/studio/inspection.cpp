#include "core/studio/inspection.h"

#include "core/base/check.h"
#include "core/base/error.h"
#include "core/evaluation/collapse.h"
#include "core/files/embedding_file.h"
#include "core/files/tensor_files.h"
#include "core/matrix/correlate.h"
#include "core/runs/run_folder.h"
#include "core/training/kept_embeddings.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <mutex>

namespace barlow {
namespace {

namespace fs = std::filesystem;

// Shares of the whole job's progress.
constexpr ProgressShare kFactsA{0.6, 0.8};
constexpr ProgressShare kFactsB{0.8, 1};

torch::Tensor viewOf(const Matrix& z) {
  // Read only: the tensor shares memory that nobody may change.
  return torch::from_blob(const_cast<float*>(z.values()), {z.rows(), z.columns()});
}

void requireSides(const fs::path& path, const torch::Tensor& z, std::int64_t rows) {
  if (z.size(1) < 1 || z.size(1) > kMaxMatrixSide || z.size(0) < rows) {
    throw Exception(fmt::format("{} is [{}, {}]; it takes {} rows or more and 1 to {} columns.",
                                path.string(),
                                z.size(0),
                                z.size(1),
                                rows,
                                kMaxMatrixSide));
  }
}

EmbeddingPair pairOf(const torch::Tensor& zA,
                     const torch::Tensor& zB,
                     const std::string& name,
                     double lambda) {
  ObjectiveParams objective;
  objective.lambda = lambda;
  return *embeddingPairOf(zA, zB, {}, objective, name, -1);
}

// Pairs of dimensions of one view that say the same. Null bands after a stop.
bool findDuplicates(const Matrix& z,
                    const JobControl& control,
                    ProgressShare share,
                    ViewFacts& facts) {
  constexpr std::size_t kMost = 1000;
  std::mutex mutex;  // guards facts
  const Matrix standard = standardized(z);
  const bool isDone = visitCorrelation(
      standard,
      standard,
      [&](std::int64_t first, std::int64_t rows, const float* values, int) {
        std::vector<RankedCell> found;
        for (std::int64_t i = 0; i < rows; ++i) {
          const float* row = values + i * z.columns();
          for (std::int64_t j = first + i + 1; j < z.columns(); ++j) {
            if (std::abs(row[j]) >= kDuplicateCorrelation) {
              found.push_back({{first + i, j}, row[j]});
            }
          }
        }
        const std::lock_guard lock(mutex);
        facts.duplicateCount += static_cast<std::int64_t>(found.size());
        facts.duplicates.insert(facts.duplicates.end(), found.begin(), found.end());
      },
      control,
      share);
  std::sort(facts.duplicates.begin(),
            facts.duplicates.end(),
            [](const RankedCell& x, const RankedCell& y) {
              const float left = std::abs(x.value);
              const float right = std::abs(y.value);
              return left != right ? left > right : x.cell < y.cell;
            });
  facts.duplicates.resize(std::min(facts.duplicates.size(), kMost));
  return isDone;
}

// Nothing after a stop. Embeddings that are not finite have a variance per dimension at most.
std::optional<ViewFacts> factsOf(const Matrix& z, const JobControl& control, ProgressShare share) {
  ViewFacts facts;
  const std::vector<double> variances = columnVariances(z);
  facts.variances.assign(variances.begin(), variances.end());
  const torch::Tensor tensor = viewOf(z);
  if (!std::all_of(variances.begin(), variances.end(), [](double v) { return std::isfinite(v); })) {
    return facts;
  }
  facts.dead = deadDimensions(variances);
  const torch::Tensor spectrum = normalizedSpectrum(tensor);
  const CollapseNumbers numbers = collapseNumbers(tensor, spectrum);
  facts.effectiveRank = numbers.effectiveRank;
  facts.embeddingStd = numbers.embeddingStd;
  const torch::Tensor shares = spectrum.to(torch::kFloat32).contiguous();
  facts.spectrum.assign(shares.const_data_ptr<float>(),
                        shares.const_data_ptr<float>() + shares.numel());
  if (!findDuplicates(z, control, share, facts)) {
    return std::nullopt;
  }
  return facts;
}

// A control whose progress is one part of the whole.
JobControl part(const JobControl& control, ProgressShare share) {
  JobControl own = control;
  if (control.progress) {
    own.progress = [progress = control.progress, share](double done) {
      progress(share.from + (share.to - share.from) * done);
    };
  }
  return own;
}

}  // namespace

EmbeddingPair readEmbeddings(const fs::path& a, const fs::path& b, double lambda) {
  const torch::Tensor zA = readEmbeddingFile(a);
  const torch::Tensor zB = readEmbeddingFile(b);
  requireSides(a, zA, 2);
  requireSides(b, zB, 2);
  if (zA.size(0) != zB.size(0)) {
    throw Exception(
        fmt::format("{} has {} rows and {} has {}; row i of both must be the same image.",
                    a.string(),
                    zA.size(0),
                    b.string(),
                    zB.size(0)));
  }
  return pairOf(
      zA, zB, fmt::format("{}, {}", a.filename().string(), b.filename().string()), lambda);
}

EmbeddingPair readEmbeddings(const fs::path& both, double lambda) {
  NamedTensors found;
  for (auto& item : readSafetensors(both)) {
    if (item.second.dim() == 2 && item.second.is_floating_point()) {
      found.push_back(std::move(item));
    }
  }
  const auto named = [&](const char* name) {
    return std::find_if(
        found.begin(), found.end(), [&](const auto& item) { return item.first == name; });
  };
  if (named("z_a") != found.end() && named("z_b") != found.end()) {
    found = {*named("z_a"), *named("z_b")};
  }
  if (found.size() != 2 || found[0].second.size(0) != found[1].second.size(0)) {
    throw Exception(fmt::format(
        "{} must hold z_a and z_b, [N, D] each with the same N, or no other tensors of two "
        "dimensions than these two.",
        both.string()));
  }
  requireSides(both, found[0].second, 2);
  requireSides(both, found[1].second, 2);
  return pairOf(found[0].second, found[1].second, both.filename().string(), lambda);
}

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
  requireSides(path, c, 1);
  const Matrix matrix = pairOf(c, c, path.filename().string(), lambda).a;
  MatrixOrigin origin = matrix.origin();
  origin.n = 0;  // a matrix does not tell how many images it was computed from
  return matrix.withOrigin(std::move(origin));
}

std::shared_ptr<const Inspection> inspectEmbeddings(std::shared_ptr<const EmbeddingPair> embeddings,
                                                    const JobControl& control,
                                                    InspectionDepth depth) {
  torch::NoGradGuard noGrad;
  const bool isPicture = depth == InspectionDepth::Picture;
  const ProgressShare correlate{0, isPicture ? 0.6 : 0.35};
  const ProgressShare matrix{correlate.to, isPicture ? 1 : kFactsA.from};
  auto c = correlationOf(*embeddings, control, correlate);
  const auto bare = c ? inspectMatrix(std::move(*c), part(control, matrix), depth) : nullptr;
  if (!bare) {
    return nullptr;
  }
  auto inspection = std::make_shared<Inspection>(*bare);
  if (!isPicture) {
    auto a = factsOf(embeddings->a, control, kFactsA);
    auto b = a ? factsOf(embeddings->b, control, kFactsB) : std::nullopt;
    if (!b) {
      return nullptr;
    }
    inspection->facts =
        std::make_shared<const EmbeddingFacts>(EmbeddingFacts{std::move(*a), std::move(*b)});
  }
  inspection->embeddings = std::move(embeddings);
  return inspection;
}

std::shared_ptr<const Inspection> inspectMatrix(Matrix matrix,
                                                const JobControl& control,
                                                InspectionDepth depth) {
  const bool isPicture = depth == InspectionDepth::Picture;
  auto inspection = std::make_shared<Inspection>();
  inspection->pyramid =
      MatrixPyramid::build(std::move(matrix), part(control, {0, isPicture ? 1 : 0.5}));
  if (!inspection->pyramid) {
    return nullptr;
  }
  if (!isPicture) {
    inspection->statistics =
        computeStatistics(inspection->matrix(), {.topCount = 10'000}, part(control, {0.5, 1}));
    if (!inspection->statistics) {
      return nullptr;
    }
  }
  return inspection;
}

std::shared_ptr<const Inspection> inspectFiles(const std::vector<fs::path>& files,
                                               const JobControl& control) {
  BARLOW_CHECK(files.size() == 1 || files.size() == 2) << files.size() << " files";
  const fs::path& first = files.front();
  if (files.size() == 2) {
    return inspectEmbeddings(
        std::make_shared<const EmbeddingPair>(readEmbeddings(first, files.back())), control);
  }
  if (first.extension() == ".safetensors") {
    return inspectEmbeddings(std::make_shared<const EmbeddingPair>(readEmbeddings(first)), control);
  }
  return inspectMatrix(readMatrix(first), control);
}

std::vector<KeptMoment> listMoments(const fs::path& runFolder) { return listKept(runFolder); }

std::shared_ptr<const EmbeddingPair> readMoment(const fs::path& runFolder,
                                                const KeptMoment& moment) {
  const RunConfig config = readRunConfig(runFolder);
  return std::make_shared<const EmbeddingPair>(readKept(
      moment, config, config.run.name.empty() ? runFolder.filename().string() : config.run.name));
}

}  // namespace barlow
