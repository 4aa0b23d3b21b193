#pragma once

#include "core/report/evaluation_report.h"
#include "core/torch.h"

#include <cstdint>
#include <string>
#include <vector>

namespace barlow {

/// Fills top-1, top-5, accuracy by class and, up to 200 classes, the confusion matrix from the
/// classes that were guessed for every image: [n, best], best first, -1 for none.
void fillClassification(EvaluationReport& report,
                        const torch::Tensor& ranked,
                        const std::vector<std::int64_t>& labels,
                        const std::vector<std::string>& classes);

}  // namespace barlow
