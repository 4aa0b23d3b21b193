#pragma once

#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <vector>

namespace barlow {

/// Whether this processor multiplies bfloat16 in about a third of the time that floats take.
bool hasFastHalfProducts();

/// Nearest rows by cosine with half of the work: products in half precision sort out who cannot be
/// among them, and the rest is computed in single precision. The answer is that of single precision
/// throughout. CPU.
class HalfBank {
 public:
  /// [B, F] float32, kept. Nothing of its size is made of it.
  explicit HalfBank(const torch::Tensor& bank);

  /// So many queries that all of the bank's work on them is worth while and their candidates are
  /// small beside it.
  static constexpr std::int64_t kQueries = 2048;
  /// Some of which are answered or not as a whole.
  struct Part {
    std::int64_t first = 0;
    std::int64_t count = 0;
  };

  /// The k <= B nearest of every query [Q, F], nearest first, into similarity [Q, k] float32 and
  /// index [Q, k] int64, on all threads. Returns the parts that are not answered, as too many rows
  /// stay in question, which is so where rows hardly differ. Nothing counts when stopped.
  /// `progress`: 0 to 1, on this thread.
  std::vector<Part> find(const torch::Tensor& queries,
                         std::int64_t k,
                         const torch::Tensor& similarity,
                         const torch::Tensor& index,
                         const std::stop_token& stop,
                         const std::function<void(double)>& progress) const;

 private:
  torch::Tensor bank_;
  torch::Tensor norms_;   // [B]
  torch::Tensor center_;  // [F], mean of the unit vectors
};

}  // namespace barlow
