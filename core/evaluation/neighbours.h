#pragma once

#include "core/evaluation/half_bank.h"
#include "core/evaluation/within_reach.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <vector>

namespace barlow {

/// The k largest numbers of a row that comes in pieces, each with its place; of equal ones the
/// first places. Nothing but comparisons with the smallest of them happens to most numbers.
class LargestOf {
 public:
  explicit LargestOf(std::size_t k);
  /// values[i] has the place first + i; pieces come in the order of their places. No NaN.
  void add(const float* values, std::int64_t count, std::int64_t first);
  /// Largest first.
  const std::vector<Candidate>& sorted();

 private:
  void shrink();

  std::size_t k_;
  float least_;  // what a number must exceed
  std::vector<Candidate> kept_;
};

struct NeighbourOptions {
  int k = 200;
  bool isEuclidean = false;  // else cosine
};

/// The nearest rows of a bank [B, F] for every query [Q, F], nearest first.
struct Neighbours {
  torch::Tensor similarity;  // [Q, k] float32 on the CPU: cosine, or minus the distance
  torch::Tensor index;       // [Q, k] int64 on the CPU, rows of the bank
};

/// Looks for them in one bank, block by block of queries where these are many. Beside what is given
/// it takes some 40 MB, and on a small bank or another device a copy of the bank.
class NeighbourFinder {
 public:
  NeighbourFinder(const torch::Tensor& bank, const NeighbourOptions& options);

  /// `progress`: 0 to 1, on this thread. Undefined tensors when stopped.
  Neighbours find(const torch::Tensor& queries,
                  const std::stop_token& stop = {},
                  const std::function<void(double)>& progress = {}) const;

 private:
  torch::Tensor bank_;
  torch::Tensor prepared_;  // of a bank that is not taken in tiles
  NeighbourOptions options_;
  std::optional<HalfBank> half_;
};

/// Of all queries together.
Neighbours findNeighbours(const torch::Tensor& bank,
                          const torch::Tensor& queries,
                          const NeighbourOptions& options,
                          const std::stop_token& stop = {},
                          const std::function<void(double)>& progress = {});

}  // namespace barlow
