#pragma once

#include <cstdint>
#include <limits>

namespace barlow {

/// What a number says about a network, by one rule for the cards of Train and the numbers of
/// Inspect. None: there is nothing to judge by.
enum class Verdict { None, Good, Fair, Poor };

/// The largest correlation, or share, that there is, with what rounding adds.
inline constexpr double kOneWithRounding = 1.001;

/// Where a number is good and where it is poor; which of the two is larger says which way is up.
/// NaN: there is nothing to judge by.
struct GoodRange {
  double good = std::numeric_limits<double>::quiet_NaN();
  double poor = std::numeric_limits<double>::quiet_NaN();
  // What can be. Outside, or not finite, it is wrong whatever it says.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  double reference = std::numeric_limits<double>::quiet_NaN();  // what hints compare it with
};
/// Also where both have NaN in the same place.
bool operator==(const GoodRange& left, const GoodRange& right);

/// Whether a number of this kind can have this value.
bool canBe(const GoodRange& range, double value);
/// What cannot be is poor.
Verdict judge(const GoodRange& range, double value);

/// Good from 0.8, poor below 0.5. For the mean of C_ii, and for the least of them.
GoodRange diagonalRange();
Verdict judgeDiagonal(double value);

/// Against the noise of `samples` images, 1/sqrt(N): good up to twice, poor above four times.
GoodRange offDiagonalRange(std::int64_t samples);
Verdict judgeOffDiagonal(double rms, std::int64_t samples);

/// Of the min(N - 1, D) directions that are possible: good from two fifths of them, poor below a
/// tenth. `samples` 0: unknown.
Verdict judgeRank(double rank, std::int64_t samples, std::int64_t dimensions);

/// What is above the floor, per dimension: a network that knows nothing is near 1. Good up to 0.2,
/// poor above 0.6.
GoodRange lossRange(double floor, std::int64_t dimensions);
Verdict judgeLoss(double loss, double floor, std::int64_t dimensions);

/// Of the way from the untrained network's accuracy to 1: good from half, poor up to a tenth.
Verdict judgeAccuracy(double accuracy, double untrained);

/// A network whose views do not agree has learned nothing, however little its dimensions have in
/// common: nothing about it is better than fair while the mean diagonal is poor.
Verdict judgedWith(double meanDiagonal, Verdict verdict);

}  // namespace barlow
