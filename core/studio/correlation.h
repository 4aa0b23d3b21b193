#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// Two embeddings [N, D] in files, from any model: .npy, .npz or .safetensors, FILE:NAME where a
/// file holds several arrays.
struct CorrelationRequest {
  std::filesystem::path a;
  std::optional<std::filesystem::path> b;  // without: `a` holds both views
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
  std::vector<std::string> notes;  // what a person should know to read these numbers
};

/// The cross-correlation matrix and the loss of two embeddings, as the training computes them but
/// in double, whatever the files hold. Throws Exception: unreadable file, shapes that differ, N or
/// D below 2, values that are not finite.
CorrelationReport correlate(const CorrelationRequest& request);

/// The object that `barlow correlate --json` prints.
std::string toJson(const CorrelationReport& report);

}  // namespace barlow
