#include "core/objectives/nt_xent_loss.h"

#include "core/base/check.h"
#include "core/objectives/embedding_rows.h"

#include <cmath>
#include <limits>

namespace barlow {

using torch::Tensor;

ContrastTerms ntXentLoss(const std::vector<Tensor>& views, double temperature) {
  checkEmbeddings(views);
  const auto count = static_cast<std::int64_t>(views.size());
  BARLOW_CHECK(count >= 2) << "one view has no positives";
  const std::int64_t n = views[0].size(0);
  const Tensor z = unitRows(torch::cat(views));  // [V N, D]
  const ProductTerms negatives = productTerms(z, z, temperature, n);
  // Each image's views with each other, [N, V, V], without themselves.
  const Tensor ofImage = z.view({count, n, -1}).transpose(0, 1);
  const Tensor cosines = torch::bmm(ofImage, ofImage.transpose(1, 2));
  const Tensor own = torch::eye(count, z.options().dtype(torch::kBool));
  const Tensor positives = (cosines / temperature)
                               .masked_fill(own, -std::numeric_limits<double>::infinity())
                               .logsumexp(2)  // [N, V]
                               .t()
                               .reshape({-1});
  const Tensor loss = (torch::logaddexp(negatives.logSum, positives) - positives).mean();

  torch::NoGradGuard noGrad;
  const Tensor nearest = cosines.masked_fill(own, -2).amax(2).t().reshape({-1}) / temperature;
  const Tensor others = cosines.sum({1, 2}) - cosines.diagonal(0, 1, 2).sum(1);
  return {.loss = loss,
          .accuracy = shareOfWins(nearest, negatives),
          .similarity = others.mean() / static_cast<double>(count * (count - 1))};
}

}  // namespace barlow
