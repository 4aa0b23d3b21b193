#pragma once

#include "core/matrix/matrix.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace barlow {

/// Which images make C_ij what it is: C_ij = sum_n A_ni B_nj / N, one term per sample. Embeddings
/// are matrices [N, D], standardised per dimension. Terms and activations that are NaN are left
/// out.

struct TopSample {
  std::int64_t sample = 0;  // row of the embeddings
  float a = 0;              // A_ni
  float b = 0;              // B_nj
  float product = 0;        // its part in N C_ij
  bool operator==(const TopSample&) const = default;
};

enum class TopEnd {
  Largest,   // what pulls C_ij up: the reason of a positive one
  Smallest,  // what pulls it down
};

/// At most `count` samples from the end of the list on, equal products in the order of the samples.
/// Throws CheckFailure when the numbers of rows differ, or for a pair outside the embeddings.
std::vector<TopSample> topSamples(const Matrix& a,
                                  const Matrix& b,
                                  CellIndex pair,
                                  std::size_t count,
                                  TopEnd end = TopEnd::Largest);

struct Activation {
  std::int64_t sample = 0;
  float value = 0;
  bool operator==(const Activation&) const = default;
};
struct ActivationEnds {
  std::vector<Activation> most;   // from the largest down
  std::vector<Activation> least;  // from the smallest up
};
/// The samples that one dimension (column of z) answers to most and least, at most `count` each.
/// Throws CheckFailure for a dimension outside z.
ActivationEnds activationEnds(const Matrix& z, std::int64_t dimension, std::size_t count);

}  // namespace barlow
