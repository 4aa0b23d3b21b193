#pragma once

#include "core/torch.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace barlow {

/// A file that make_golden.py wrote: readGolden(BARLOW_TEST_SOURCE_DATA, "loss.json").
inline nlohmann::json readGolden(const std::filesystem::path& testData, const std::string& name) {
  std::ifstream file(testData / "golden" / name);
  return nlohmann::json::parse(file);
}

/// Numbers of a golden file as a double tensor of the given shape.
inline torch::Tensor tensorOf(const nlohmann::json& numbers, at::IntArrayRef shape) {
  return torch::tensor(numbers.get<std::vector<double>>(), torch::kFloat64).reshape(shape);
}

/// sin(phase + pace i) over the elements in row-major order, in double; as `wave` in
/// make_golden.py.
inline torch::Tensor wave(at::IntArrayRef shape, double phase, double pace = 0.7) {
  const std::int64_t count = c10::multiply_integers(shape);
  return torch::sin(phase + pace * torch::arange(count, torch::kFloat64)).reshape(shape);
}

/// The largest |actual - expected|; a tensor that is not finite gives infinity, so that it fails
/// every tolerance.
inline double largestDifference(const torch::Tensor& actual, const torch::Tensor& expected) {
  const torch::Tensor difference =
      (actual.detach().to(torch::kFloat64) - expected.detach().to(torch::kFloat64)).abs();
  return difference.isfinite().all().item<bool>() ? difference.max().item<double>()
                                                  : std::numeric_limits<double>::infinity();
}

}  // namespace barlow
