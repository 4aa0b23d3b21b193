#include "core/models/norm_kernels.h"

#include "core/base/vector_versions.h"

#include <algorithm>
#include <limits>

namespace barlow {
namespace {

constexpr std::int64_t kRun = 64;  // rows that are summed in T

template <class T>
BARLOW_BODY void momentsBody(const T* __restrict x,
                             const T* __restrict origin,
                             const RowRange& rows,
                             T* __restrict scratch,
                             double* __restrict sum,
                             double* __restrict squares) {
  const std::int64_t channels = rows.channels;
  T* __restrict first = scratch;
  T* __restrict second = scratch + channels;
  for (std::int64_t run = rows.begin; run < rows.end; run += kRun) {
    const std::int64_t end = std::min(run + kRun, rows.end);
    std::fill(scratch, scratch + 2 * channels, T(0));
    std::int64_t row = run;
    for (; row + 4 <= end; row += 4) {  // four at a time: less traffic with the running sums
      const T* __restrict p = x + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const T v0 = p[c] - origin[c];
        const T v1 = p[c + channels] - origin[c];
        const T v2 = p[c + 2 * channels] - origin[c];
        const T v3 = p[c + 3 * channels] - origin[c];
        first[c] += (v0 + v1) + (v2 + v3);
        second[c] += (v0 * v0 + v1 * v1) + (v2 * v2 + v3 * v3);
      }
    }
    for (; row < end; ++row) {
      const T* __restrict p = x + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const T v = p[c] - origin[c];
        first[c] += v;
        second[c] += v * v;
      }
    }
    for (std::int64_t c = 0; c < channels; ++c) {
      sum[c] += static_cast<double>(first[c]);
      squares[c] += static_cast<double>(second[c]);
    }
  }
}

template <class T>
BARLOW_BODY void normBody(const T* __restrict x,
                          const T* __restrict residual,
                          const T* __restrict scale,
                          const T* __restrict shift,
                          bool hasRelu,
                          const RowRange& rows,
                          T* __restrict y) {
  const std::int64_t channels = rows.channels;
  const T floor = hasRelu ? T(0) : std::numeric_limits<T>::lowest();
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* __restrict in = x + row * channels;
    T* __restrict out = y + row * channels;
    if (residual == nullptr) {
      for (std::int64_t c = 0; c < channels; ++c) {
        const T v = in[c] * scale[c] + shift[c];
        out[c] = v < floor ? floor : v;  // keeps a NaN
      }
    } else {
      const T* __restrict other = residual + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const T v = in[c] * scale[c] + shift[c] + other[c];
        out[c] = v < floor ? floor : v;
      }
    }
  }
}

template <class T>
BARLOW_BODY void gradientMomentsBody(const T* __restrict dy,
                                     const T* __restrict y,
                                     const T* __restrict x,
                                     const T* __restrict mean,
                                     const RowRange& rows,
                                     T* __restrict scratch,
                                     double* __restrict sum,
                                     double* __restrict product,
                                     T* __restrict through) {
  const std::int64_t channels = rows.channels;
  T* __restrict first = scratch;
  T* __restrict second = scratch + channels;
  for (std::int64_t run = rows.begin; run < rows.end; run += kRun) {
    const std::int64_t end = std::min(run + kRun, rows.end);
    std::fill(scratch, scratch + 2 * channels, T(0));
    for (std::int64_t row = run; row < end; ++row) {
      const T* __restrict slope = dy + row * channels;
      const T* __restrict in = x + row * channels;
      if (y == nullptr) {
        for (std::int64_t c = 0; c < channels; ++c) {
          first[c] += slope[c];
          second[c] += slope[c] * (in[c] - mean[c]);
        }
        continue;
      }
      const T* __restrict out = y + row * channels;
      if (through == nullptr) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const T s = slope[c];  // read first: a branch around a load is no vector
          const T g = out[c] > T(0) ? s : T(0);
          first[c] += g;
          second[c] += g * (in[c] - mean[c]);
        }
      } else {
        T* __restrict passed = through + row * channels;
        for (std::int64_t c = 0; c < channels; ++c) {
          const T s = slope[c];  // read first: a branch around a load is no vector
          const T g = out[c] > T(0) ? s : T(0);
          passed[c] = g;
          first[c] += g;
          second[c] += g * (in[c] - mean[c]);
        }
      }
    }
    for (std::int64_t c = 0; c < channels; ++c) {
      sum[c] += static_cast<double>(first[c]);
      product[c] += static_cast<double>(second[c]);
    }
  }
}

template <class T>
BARLOW_BODY void normGradientBody(const T* __restrict dy,
                                  const T* __restrict y,
                                  const T* __restrict x,
                                  const T* __restrict mean,
                                  const T* __restrict a,
                                  const T* __restrict b,
                                  const T* __restrict d,
                                  const RowRange& rows,
                                  T* __restrict dx) {
  const std::int64_t channels = rows.channels;
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const T* __restrict slope = dy + row * channels;
    const T* __restrict in = x + row * channels;
    T* __restrict result = dx + row * channels;
    if (y == nullptr) {
      for (std::int64_t c = 0; c < channels; ++c) {
        result[c] = slope[c] * a[c] + (in[c] - mean[c]) * b[c] + d[c];
      }
    } else {
      const T* __restrict out = y + row * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const T s = slope[c];
        const T g = out[c] > T(0) ? s : T(0);
        result[c] = g * a[c] + (in[c] - mean[c]) * b[c] + d[c];
      }
    }
  }
}

}  // namespace

// Versions exist of functions, not of templates.
#define BARLOW_NORM_KERNELS(T)                                                    \
  template <>                                                                     \
  BARLOW_VECTOR_VERSIONS void addMoments<T>(const T* x,                           \
                                            const T* origin,                      \
                                            const RowRange& rows,                 \
                                            T* scratch,                           \
                                            double* sum,                          \
                                            double* squares) {                    \
    momentsBody<T>(x, origin, rows, scratch, sum, squares);                       \
  }                                                                               \
  template <>                                                                     \
  BARLOW_VECTOR_VERSIONS void applyNorm<T>(const T* x,                            \
                                           const T* residual,                     \
                                           const T* scale,                        \
                                           const T* shift,                        \
                                           bool hasRelu,                          \
                                           const RowRange& rows,                  \
                                           T* y) {                                \
    normBody<T>(x, residual, scale, shift, hasRelu, rows, y);                     \
  }                                                                               \
  template <>                                                                     \
  BARLOW_VECTOR_VERSIONS void addGradientMoments<T>(const T* dy,                  \
                                                    const T* y,                   \
                                                    const T* x,                   \
                                                    const T* mean,                \
                                                    const RowRange& rows,         \
                                                    T* scratch,                   \
                                                    double* sum,                  \
                                                    double* product,              \
                                                    T* through) {                 \
    gradientMomentsBody<T>(dy, y, x, mean, rows, scratch, sum, product, through); \
  }                                                                               \
  template <>                                                                     \
  BARLOW_VECTOR_VERSIONS void applyNormGradient<T>(const T* dy,                   \
                                                   const T* y,                    \
                                                   const T* x,                    \
                                                   const T* mean,                 \
                                                   const T* a,                    \
                                                   const T* b,                    \
                                                   const T* d,                    \
                                                   const RowRange& rows,          \
                                                   T* dx) {                       \
    normGradientBody<T>(dy, y, x, mean, a, b, d, rows, dx);                       \
  }

BARLOW_NORM_KERNELS(float)
BARLOW_NORM_KERNELS(double)

}  // namespace barlow
