#pragma once

#include "core/objectives/softmax_products.h"
#include "core/torch.h"

#include <vector>

namespace barlow {

/// SimCLR's NT-Xent (arXiv 2002.05709, Eq. 1), by log-sum-exp. `views` are V >= 2 times [N, D], of
/// any length. For each of the V N rows, -log of the sum of exp(cosine / temperature) over the
/// image's other views, divided by that over all other rows; the mean over rows. With more than two
/// views the positives' exponentials are summed inside the logarithm (solo-learn). Throws Exception
/// for N < 2.
ContrastTerms ntXentLoss(const std::vector<torch::Tensor>& views, double temperature);

}  // namespace barlow
