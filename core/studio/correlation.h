#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace barlow {

/// Two embeddings in files, from any model: NPY (float32, float64) or safetensors holding one [N,
/// D] tensor.
struct CorrelationRequest {
  std::filesystem::path a;
  std::filesystem::path b;
  double lambda = 0.0051;
  std::optional<std::filesystem::path> matrixFile;   // C as NPY, float32 [D, D]
  std::optional<std::filesystem::path> pictureFile;  // C as PNG (Peak)
};

struct CorrelationReport {
  std::int64_t n = 0;
  std::int64_t d = 0;
  double lambda = 0;
  double loss = 0;
  double onDiagonal = 0;
  double offDiagonal = 0;
  double floor = 0;
  double meanDiagonal = 0;
  double rmsOffDiagonal = 0;
  double effectiveRankA = 0;
  double effectiveRankB = 0;
  std::int64_t deadA = 0;
  std::int64_t deadB = 0;
};

/// The cross-correlation matrix and the loss of two embeddings, as the training computes them (in
/// double when the files are). Throws Exception: unreadable file, shapes that differ, N or D below
/// 2, values that are not finite.
CorrelationReport correlate(const CorrelationRequest& request);

/// The object that `barlow correlate --json` prints.
std::string toJson(const CorrelationReport& report);

}  // namespace barlow
