#include "core/objectives/info_nce_loss.h"

#include "core/objectives/embedding_rows.h"

namespace barlow {

using torch::Tensor;

ContrastTerms infoNceLoss(const Tensor& q,
                          const Tensor& k,
                          const Tensor& queue,
                          double temperature) {
  checkEmbeddings({q, k});
  const Tensor z = unitRows(q);
  const Tensor cosines = (z * unitRows(k.detach())).sum(1);
  const Tensor positives = cosines / temperature;
  const ProductTerms negatives = productTerms(z, queue.detach(), temperature);
  return {.loss = (torch::logaddexp(negatives.logSum, positives) - positives).mean(),
          .accuracy = shareOfWins(positives, negatives),
          .similarity = cosines.detach().mean()};
}

}  // namespace barlow
