#pragma once

#include "core/torch.h"

#include <cstdint>
#include <stop_token>
#include <utility>

namespace barlow {

/// Of two rows with their similarity: the nearer one, of equally near ones the first. A function
/// object, which sorts inline.
constexpr auto isNearer = [](const std::pair<float, std::int32_t>& left,
                             const std::pair<float, std::int32_t>& right) {
  return left.first > right.first || (left.first == right.first && left.second < right.second);
};

/// Whether this processor multiplies bfloat16 in about a third of the time that floats take.
bool hasFastHalfProducts();

/// Nearest rows by cosine with half of the work: products in half precision sort out who cannot be
/// among them, and the rest is computed in single precision. The answer is that of single precision
/// throughout. CPU.
class HalfBank {
 public:
  /// [B, F] float32, kept; a copy in half precision is made of it.
  explicit HalfBank(const torch::Tensor& bank);

  /// The k <= B nearest of every query [Q, F], nearest first, into similarity [Q, k] float32 and
  /// index [Q, k] int64. False where too many stay in question, as with rows that hardly differ, or
  /// when stopped. By several threads at once.
  bool find(const torch::Tensor& queries,
            std::int64_t k,
            const torch::Tensor& similarity,
            const torch::Tensor& index,
            const std::stop_token& stop) const;

 private:
  torch::Tensor bank_;
  torch::Tensor norms_;  // [B]
  torch::Tensor half_;   // [B, F] bfloat16, unit vectors
  float rounding_ = 0;   // the largest length that rounding adds to a unit vector of the bank
};

}  // namespace barlow
