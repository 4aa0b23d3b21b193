#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace barlow {

/// How a number came about, one struct per kind of probe. Two numbers may stand in one column only
/// where these are equal.

/// The k nearest training images vote.
struct KnnProtocol {
  int k = 0;                      // as used: never more than the bank
  double temperature = 0;         // of weighted votes by cosine
  std::string metric = "cosine";  // or "euclidean"
  std::string vote = "weighted";  // or "plain": every neighbour counts one
  bool operator==(const KnnProtocol&) const = default;
};

/// A linear classifier on frozen features.
struct LinearProtocol {
  std::string preset;        // lbfgs, official, solo, lightly
  std::string optimizer;     // "lbfgs", "sgd"
  std::string augmentation;  // "none" (features once), "crop-flip" (features of every epoch anew)
  std::string schedule;      // "cosine", "steps"; empty for lbfgs
  int epochs = 0;            // lbfgs: iterations
  int batchSize = 0;         // 0: all at once
  double learningRate = 0;   // as used, not per 256
  double momentum = 0;
  double weightDecay = 0;  // lbfgs: the strength of L2, 1 / (C N)
  std::string labels = "100%";
  std::string reported = "last";  // of the epochs; "best" is in the metrics
  bool operator==(const LinearProtocol&) const = default;
};

/// The whole network learns from few labels.
struct FineTuneProtocol {
  std::string preset = "official";
  std::string augmentation = "crop-flip";
  std::string schedule = "cosine";
  int epochs = 0;
  int batchSize = 0;
  double backboneLearningRate = 0;
  double classifierLearningRate = 0;
  double momentum = 0;
  double weightDecay = 0;
  std::string labels = "1%";
  std::string reported = "last";
  bool operator==(const FineTuneProtocol&) const = default;
};

/// What can be said without labels, from views that the run's own augmentation makes.
struct UnlabelledProtocol {
  std::int64_t images = 0;
  int views = 0;  // of each image
  std::string recipe;
  bool operator==(const UnlabelledProtocol&) const = default;
};

/// A class for every pixel from frozen feature maps by a linear layer; masks with 255 for pixels
/// that have none.
struct SegmentationProtocol {
  std::string view = "whole, square";   // of the pictures, at the model's size
  std::string upsampling = "bilinear";  // of the logits: to the view to learn, to the mask to judge
  std::string features = "standardised";
  std::string augmentation = "none";
  std::string solver = "adamw";
  std::string schedule = "linear, every step";
  int epochs = 0;
  int batchSize = 0;
  double learningRate = 0;
  double weightDecay = 0;
  std::int64_t classes = 0;
  std::int64_t mapWidth = 0;
  std::int64_t mapHeight = 0;
  bool operator==(const SegmentationProtocol&) const = default;
};

using EvaluationProtocol = std::variant<KnnProtocol,
                                        LinearProtocol,
                                        FineTuneProtocol,
                                        UnlabelledProtocol,
                                        SegmentationProtocol>;

/// A number beside top-1 and top-5, with a sentence on how it is read.
struct EvaluationMetric {
  std::string key;    // "effective_rank"
  std::string label;  // "Effective rank"
  double value = 0;
  std::string sentence;
  bool operator==(const EvaluationMetric&) const = default;
};

/// Which images: bank (or training images of the classifier) and those that were judged.
struct EvaluatedData {
  std::string source;  // a SPEC
  std::string fingerprint;
  std::string bankSplit = "train";
  std::int64_t bankSize = 0;
  std::string split = "test";
  std::int64_t queries = 0;
  bool isTransfer = false;  // other data than the run was trained on
  bool operator==(const EvaluatedData&) const = default;
};

/// Whose features.
struct EvaluatedModel {
  std::string path;        // what was asked for: a run, a checkpoint, a file
  std::string checkpoint;  // its folder's name (step-00000123), or the file's
  std::int64_t step = 0;
  std::int64_t epoch = 0;         // completed
  std::string weights;            // SHA-256 of the file that they came from
  std::string part = "backbone";  // or "projector"
  std::int64_t features = 0;
  int imageSize = 0;
  bool operator==(const EvaluatedModel&) const = default;
};

/// One answer with everything that it depends on. RUN/evaluations/NAME.json holds one.
struct EvaluationReport {
  std::string probe;  // knn, linear, finetune, unlabelled, segmentation
  EvaluationProtocol protocol;
  EvaluatedModel model;
  EvaluatedData data;
  std::optional<double> top1;  // 0 to 1; absent without labels
  std::optional<double> top5;
  std::vector<EvaluationMetric> metrics;
  std::vector<std::string> classes;
  std::vector<double> classAccuracy;                 // of the queries of each class; NaN: none
  std::vector<std::vector<std::int64_t>> confusion;  // [class][predicted] counts
  std::vector<std::string> notes;                    // what a person should know to read this
  // Files beside the report, or empty.
  std::string head;    // the classifier: fc.weight, fc.bias (safetensors)
  std::string subset;  // the names of the labelled images that were learnt from
  std::int64_t seed = 0;
  double seconds = 0;
  std::string time;  // UTC, when it was done
  bool operator==(const EvaluationReport&) const;
};

/// One JSON object on one line, or indented as the file is. Its top level has what scripts rely on:
/// probe, top1, top5, protocol, k and temperature (kNN), split, checkpoint.
std::string toJson(const EvaluationReport& report, bool isIndented = false);
/// Of toJson(). Throws Exception naming `origin` for anything else, and where a newer program wrote
/// it.
EvaluationReport evaluationReportFromJson(const std::string& text, const std::string& origin);

/// The protocol in words that fit into a line: "kNN, k 200, T 0.1, cosine, weighted".
std::string toText(const EvaluationProtocol& protocol);

/// The first name that no file in `folder` has: knn-step-00000123, knn-step-00000123-2, ...
std::string freeEvaluationName(const std::filesystem::path& folder, const EvaluationReport& report);
/// Writes NAME.json, whole or not at all. Throws Exception naming the path.
void writeEvaluation(const std::filesystem::path& file, const EvaluationReport& report);

/// A file of writeEvaluation().
struct StoredEvaluation {
  std::filesystem::path file;
  EvaluationReport report;
};
/// All of a folder that can be read, oldest first; what cannot is in `problems`. Empty where there
/// is no folder.
struct StoredEvaluations {
  std::vector<StoredEvaluation> evaluations;
  std::vector<ErrorInfo> problems;
};
StoredEvaluations readEvaluations(const std::filesystem::path& folder);

}  // namespace barlow
