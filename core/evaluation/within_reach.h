#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace barlow {

/// A row by its similarity.
using Candidate = std::pair<float, std::int32_t>;
/// Of two the nearer one, of equally near ones the first. A function object, which sorts inline.
constexpr auto isNearer = [](const Candidate& left, const Candidate& right) {
  return left.first > right.first || (left.first == right.first && left.second < right.second);
};

/// Rows whose rough similarity, a bfloat16, may belong to one of the k largest: none of those is
/// left out, as no rough value is further from its own than what add() is told, and 2^-9 of itself,
/// as bfloat16 rounds it. One thread.
class WithinReach {
 public:
  explicit WithinReach(std::size_t k);

  static constexpr std::int32_t kMostAtOnce = 1024;  // with some hundred queries, within a cache
  /// At most kMostAtOnce bfloat16 as their bits, in the order of rows, which begin at `first`.
  void add(const std::uint16_t* values, std::int32_t count, std::int64_t first, float error);
  /// To be called when all were added: no more than can be among the k largest. False where there
  /// are too many of them, or, of NaN, too few.
  bool finish();
  /// In the order of rows.
  std::vector<Candidate>& kept() { return kept_; }

 private:
  void shrink();
  float kthLargest() const;
  void setLeast(float least);

  std::size_t k_;
  std::size_t most_;
  float error_ = 0;
  float least_ = -std::numeric_limits<float>::infinity();
  std::int16_t leastBits_ = 0;  // of the bfloat16 just below it
  std::size_t wanted_;          // of these it is time to sort some out
  bool isLost_ = false;
  std::vector<Candidate> kept_;
};

}  // namespace barlow
