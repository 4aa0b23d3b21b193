#pragma once

#include <optional>
#include <string>
#include <vector>

namespace barlow {

inline constexpr const char* kBarlowTwins = "Barlow Twins";

/// A number that others published, to lay under one's own.
struct PublishedRow {
  std::string data;    // "cifar10", "cifar100", "imagenet", "imagenet100", "imagenette", ...
  std::string probe;   // as EvaluationReport's: knn, linear, finetune
  std::string source;  // "solo-learn"
  std::string model;   // "ResNet-18, 1000 epochs, batch 256"
  std::string protocol;
  double top1 = 0;             // 0 to 1
  std::optional<double> top5;  // 0 to 1
  int epoch = 0;
  std::string difference;  // a sentence: what is not as here
  std::string method = kBarlowTwins;
};

/// All rows, those of one source together, in the order of their epochs.
const std::vector<PublishedRow>& publishedRows();

/// Those of a SPEC ("cifar10:DIR") that a probe can be laid beside; all probes where it is empty.
/// Those of one source, model and protocol stand together, Barlow Twins first.
std::vector<PublishedRow> publishedFor(const std::string& source, const std::string& probe);

}  // namespace barlow
