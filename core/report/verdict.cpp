#include "core/report/verdict.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

// NaN is in no range.
Verdict judge(bool canBe, bool isGood, bool isPoor) {
  return !canBe ? Verdict::Poor : isGood ? Verdict::Good : isPoor ? Verdict::Poor : Verdict::Fair;
}

}  // namespace

Verdict judgeDiagonal(double value) {
  return judge(std::abs(value) <= kOneWithRounding, value >= 0.8, value < 0.5);
}

Verdict judgeOffDiagonal(double rms, std::int64_t samples) {
  const bool canBe = rms >= 0 && rms <= kOneWithRounding;
  if (canBe && samples < 1) {
    return Verdict::None;
  }
  const double ratio = rms * std::sqrt(static_cast<double>(samples));
  return judge(canBe, ratio <= 2, ratio > 4);
}

Verdict judgeRank(double rank, std::int64_t samples, std::int64_t dimensions) {
  const std::int64_t most = samples > 1 ? std::min(samples - 1, dimensions) : dimensions;
  const double share = rank / static_cast<double>(std::max<std::int64_t>(1, most));
  return judge(share >= 0 && share <= kOneWithRounding, share >= 0.4, share < 0.1);
}

Verdict judgeLoss(double loss, double floor, std::int64_t dimensions) {
  const double above = loss - floor;
  const bool canBe = loss >= 0 && std::isfinite(loss);
  if (canBe && dimensions < 1) {
    return Verdict::None;
  }
  const auto perDimension = above / static_cast<double>(dimensions);
  return judge(canBe, perDimension <= 0.2, perDimension > 0.6);
}

Verdict judgeAccuracy(double accuracy, double untrained) {
  const double way = (accuracy - untrained) / std::max(1e-9, 1 - untrained);
  return judge(accuracy >= 0 && accuracy <= 1, way >= 0.5, way <= 0.1);
}

Verdict judgedWith(double meanDiagonal, Verdict verdict) {
  const bool hasLearned = judgeDiagonal(meanDiagonal) != Verdict::Poor;
  return verdict == Verdict::Good && !hasLearned ? Verdict::Fair : verdict;
}

}  // namespace barlow
