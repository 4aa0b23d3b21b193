#pragma once

#include "core/torch.h"

#include <cstdint>

namespace barlow {

struct ProductTerms {
  torch::Tensor logSum;   // [N] log sum over k of exp(a_n . b_k / temperature), with gradient
  torch::Tensor largest;  // [N] the largest a_n . b_k / temperature, detached
};

/// A loss that tells an image's other view from other images.
struct ContrastTerms {
  torch::Tensor loss;      // scalar with gradient
  torch::Tensor accuracy;  // scalar: share of rows to which a positive is nearer than all negatives
  torch::Tensor similarity;  // scalar: mean cosine with the positives
};

/// What a softmax over products needs of them, for a [N, D] and b [K, D], with one N x K matrix in
/// all: it is made, and turned into the softmax where it is. With `period` the pairs with n = k
/// (mod period) are left out: rows of the same image. Gradients for a and b; can be taken once.
ProductTerms productTerms(const torch::Tensor& a,
                          const torch::Tensor& b,
                          double temperature,
                          std::int64_t period = 0);

/// Share of the rows whose `positive` [N] (divided by the temperature as well) is above the largest
/// product, by more than rounding: equal embeddings do not count as told apart.
torch::Tensor shareOfWins(const torch::Tensor& positive, const ProductTerms& negatives);

}  // namespace barlow
