#pragma once

#include <cstdint>

namespace barlow {

/// Loops over arrays behind the orders, for every kind of vector.

/// The smallest row[k] + penalty[k].
float smallestPenalized(const float* row, const float* penalty, std::int64_t count);
/// out[k] = the weighted mean of a[k] and b[k], never outside the two.
void mixRows(const float* a, float wa, const float* b, float wb, std::int64_t count, float* out);
/// Sum of a[k] b[k] in double.
double dotProduct(const float* a, const double* b, std::int64_t count);

}  // namespace barlow
