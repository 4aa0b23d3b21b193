#pragma once

#include "core/matrix/matrix.h"
#include "core/params/objective_params.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace barlow {

/// A batch of embeddings of two views. Row n of both is the same image.
struct EmbeddingBatch {
  Matrix a;                           // [N, Da] view A, not standardised
  Matrix b;                           // [N, Db] view B; Db may differ from Da
  std::vector<std::int64_t> samples;  // [N] indices in the data set; empty where unknown
  Standardization standardization = Standardization::BatchNorm;  // how C was made of them
  // Both standardised from more digits than floats have; null: a and b are all there is.
  std::shared_ptr<const EmbeddingBatch> exactStandard = nullptr;
  Matrix scores = {};      // [N, K] cosines of view A with prototypes; empty: there are none
  double temperature = 1;  // that the softmax over them is taken at
  std::uint64_t bytes() const {
    return a.bytes() + b.bytes() + scores.bytes() + samples.size() * 8;
  }
};

}  // namespace barlow
