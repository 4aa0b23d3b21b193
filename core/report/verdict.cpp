#include "core/report/verdict.h"

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

bool isSame(double left, double right) {
  return left == right || (std::isnan(left) && std::isnan(right));
}

}  // namespace

bool operator==(const GoodRange& left, const GoodRange& right) {
  return isSame(left.good, right.good) && isSame(left.poor, right.poor) &&
         isSame(left.least, right.least) && isSame(left.most, right.most) &&
         isSame(left.reference, right.reference);
}

bool canBe(const GoodRange& range, double value) {
  return std::isfinite(value) && value >= range.least && value <= range.most;
}

Verdict judge(const GoodRange& range, double value) {
  if (!canBe(range, value)) {
    return Verdict::Poor;
  }
  if (std::isnan(range.good) || std::isnan(range.poor)) {
    return Verdict::None;
  }
  const bool isUp = range.good > range.poor;
  if (isUp ? value >= range.good : value <= range.good) {
    return Verdict::Good;
  }
  return (isUp ? value < range.poor : value > range.poor) ? Verdict::Poor : Verdict::Fair;
}

GoodRange diagonalRange() {
  return {.good = 0.8, .poor = 0.5, .least = -kOneWithRounding, .most = kOneWithRounding};
}

Verdict judgeDiagonal(double value) { return judge(diagonalRange(), value); }

GoodRange offDiagonalRange(std::int64_t samples) {
  GoodRange range{.least = 0, .most = kOneWithRounding};
  if (samples > 0) {
    const double noise = 1 / std::sqrt(static_cast<double>(samples));
    range.good = 2 * noise;
    range.poor = 4 * noise;
    range.reference = noise;
  }
  return range;
}

Verdict judgeOffDiagonal(double rms, std::int64_t samples) {
  return judge(offDiagonalRange(samples), rms);
}

Verdict judgeRank(double rank, std::int64_t samples, std::int64_t dimensions) {
  const std::int64_t possible = samples > 1 ? std::min(samples - 1, dimensions) : dimensions;
  const auto most = static_cast<double>(std::max<std::int64_t>(1, possible));
  return judge(
      {.good = 0.4 * most, .poor = 0.1 * most, .least = 0, .most = kOneWithRounding * most}, rank);
}

GoodRange lossRange(double floor, std::int64_t dimensions) {
  GoodRange range{.least = 0};
  if (dimensions > 0) {
    range.good = floor + 0.2 * static_cast<double>(dimensions);
    range.poor = floor + 0.6 * static_cast<double>(dimensions);
    range.reference = floor;
  }
  return range;
}

Verdict judgeLoss(double loss, double floor, std::int64_t dimensions) {
  return judge(lossRange(floor, dimensions), loss);
}

// The middle of the way counts as good, the tenth of it as poor.
Verdict judgeAccuracy(double accuracy, double untrained) {
  if (!canBe({.least = 0, .most = 1}, accuracy)) {
    return Verdict::Poor;
  }
  const double way = (accuracy - untrained) / std::max(1e-9, 1 - untrained);
  return way >= 0.5 ? Verdict::Good : way <= 0.1 ? Verdict::Poor : Verdict::Fair;
}

Verdict judgedWith(double meanDiagonal, Verdict verdict) {
  const bool hasLearned = judgeDiagonal(meanDiagonal) != Verdict::Poor;
  return verdict == Verdict::Good && !hasLearned ? Verdict::Fair : verdict;
}

}  // namespace barlow
