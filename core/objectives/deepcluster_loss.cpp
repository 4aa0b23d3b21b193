#include "core/objectives/deepcluster_loss.h"

#include "core/objectives/embedding_rows.h"
#include "core/objectives/softmax_products.h"

namespace barlow {

using torch::Tensor;

Tensor deepClusterLoss(const std::vector<Tensor>& views,
                       const std::vector<Tensor>& centroids,
                       const Tensor& targets,
                       double temperature) {
  checkEmbeddings(views);
  const Tensor z = unitRows(torch::cat(views));  // [V N, D]
  Tensor loss = torch::zeros({}, z.options());
  for (std::size_t head = 0; head < centroids.size(); ++head) {
    const Tensor target = targets.select(0, static_cast<std::int64_t>(head))
                              .repeat({static_cast<std::int64_t>(views.size())});
    const Tensor counts = (target >= 0).to(z.scalar_type());
    const Tensor own = centroids[head].index_select(0, target.clamp_min(0));  // [V N, D]
    const Tensor each =
        productTerms(z, centroids[head], temperature).logSum - (z * own).sum(1) / temperature;
    // Multiplied, not left out: what is not finite stays so, and nothing is asked of the device.
    loss = loss + (each * counts).sum() / counts.sum().clamp_min(1);
  }
  return loss / static_cast<double>(centroids.size());
}

}  // namespace barlow
