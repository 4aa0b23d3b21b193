#pragma once

#include <cstdint>

namespace barlow {

/// Loops of BatchNorm (+ residual) (+ ReLU) over rows of `channels` values: a batch in
/// channels-last order is [N H W, C]. Plain pointers, no allocation, any thread; the caller divides
/// the rows. Made for float and double. Vectors as wide as the processor has them, chosen when the
/// program starts.

/// The part of a batch that one call works on.
struct RowRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t channels = 0;
};

/// Adds to sum[c] and squares[c] the values minus origin[c] and their squares. Short runs are
/// summed in T, the runs in double: as exact as two passes. `scratch`: 2 x channels.
template <class T>
void addMoments(
    const T* x, const T* origin, const RowRange& rows, T* scratch, double* sum, double* squares);

/// y = x * scale + shift (+ residual, unless null), and no less than 0 with `hasRelu`.
template <class T>
void applyNorm(const T* x,
               const T* residual,
               const T* scale,
               const T* shift,
               bool hasRelu,
               const RowRange& rows,
               T* y);

/// With g = dy where y > 0 (everywhere without ReLU: y null): adds to sum[c] the g, to product[c]
/// g (x - mean[c]); writes g to `through` unless that is null. `scratch`: 2 x channels.
template <class T>
void addGradientMoments(const T* dy,
                        const T* y,
                        const T* x,
                        const T* mean,
                        const RowRange& rows,
                        T* scratch,
                        double* sum,
                        double* product,
                        T* through);

/// dx = g a[c] + (x - mean[c]) b[c] + d[c], with g as above.
template <class T>
void applyNormGradient(const T* dy,
                       const T* y,
                       const T* x,
                       const T* mean,
                       const T* a,
                       const T* b,
                       const T* d,
                       const RowRange& rows,
                       T* dx);

}  // namespace barlow
