#include "core/objectives/negative_cosine_loss.h"

#include "core/objectives/embedding_rows.h"

namespace barlow {

using torch::Tensor;

Tensor meanCosine(const Tensor& p, const Tensor& z) {
  checkEmbeddings({p, z});
  return torch::cosine_similarity(
             inLossPrecision(p), inLossPrecision(z.detach()), /*dim=*/1, /*eps=*/1e-8)
      .mean();
}

Tensor byolLoss(const std::vector<Tensor>& predictions, const std::vector<Tensor>& targets) {
  Tensor loss;
  for (std::size_t v = 0; v < targets.size(); ++v) {
    for (std::size_t u = 0; u < predictions.size(); ++u) {
      if (u != v) {
        const Tensor term = 2 - 2 * meanCosine(predictions[u], targets[v]);
        loss = loss.defined() ? loss + term : term;
      }
    }
  }
  return loss;
}

Tensor simsiamLoss(const Tensor& pA, const Tensor& pB, const Tensor& zA, const Tensor& zB) {
  return -(meanCosine(pA, zB) + meanCosine(pB, zA)) / 2;
}

}  // namespace barlow
