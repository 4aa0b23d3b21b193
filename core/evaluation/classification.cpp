#include "core/evaluation/classification.h"

#include "core/evaluation/knn_probe.h"

#include <cmath>

namespace barlow {

void fillClassification(EvaluationReport& report,
                        const torch::Tensor& ranked,
                        const std::vector<std::int64_t>& labels,
                        const std::vector<std::string>& classes) {
  constexpr std::size_t kMostClasses = 200;
  const Accuracy accuracy = accuracyOf(ranked, labels);
  report.top1 = accuracy.top1;
  report.top5 = accuracy.top5;
  report.classes = classes;
  const std::size_t count = classes.size();
  std::vector<std::int64_t> all(count, 0);
  std::vector<std::int64_t> hits(count, 0);
  const bool hasMatrix = count <= kMostClasses;
  if (hasMatrix) {
    report.confusion.assign(count, std::vector<std::int64_t>(count, 0));
  } else {
    report.notes.emplace_back("The confusion matrix is left out: there are more than 200 classes.");
  }
  const torch::Tensor first = ranked.select(1, 0).contiguous();
  const auto* guesses = first.const_data_ptr<std::int64_t>();
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    ++all[label];
    hits[label] += guesses[i] == labels[i] ? 1 : 0;
    if (hasMatrix && guesses[i] >= 0) {
      ++report.confusion[label][static_cast<std::size_t>(guesses[i])];
    }
  }
  report.classAccuracy.clear();
  for (std::size_t c = 0; c < count; ++c) {
    report.classAccuracy.push_back(
        all[c] > 0 ? static_cast<double>(hits[c]) / static_cast<double>(all[c]) : std::nan(""));
  }
}

}  // namespace barlow
