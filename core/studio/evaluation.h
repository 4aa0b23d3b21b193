#pragma once

#include "core/base/job_control.h"
#include "core/params/param_info.h"
#include "core/report/evaluation_report.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

enum class ProbeKind { Knn, Linear, FineTune, Unlabelled, Segmentation };
template <>
inline constexpr std::array<EnumName<ProbeKind>, 5> kEnumNames<ProbeKind> = {{
    {ProbeKind::Knn, "knn", "Nearest neighbours"},
    {ProbeKind::Linear, "linear", "Linear classifier"},
    {ProbeKind::FineTune, "finetune", "Fine-tuning with few labels"},
    {ProbeKind::Unlabelled, "unlabelled", "Without labels"},
    {ProbeKind::Segmentation, "segmentation", "Linear segmentation"},
}};

/// Whose settings a linear probe follows.
enum class LinearPreset { Lbfgs, Official, Solo, Lightly };
template <>
inline constexpr std::array<EnumName<LinearPreset>, 4> kEnumNames<LinearPreset> = {{
    {LinearPreset::Lbfgs, "lbfgs", "In seconds (features once, L-BFGS)"},
    {LinearPreset::Official, "official", "The paper's code (100 epochs)"},
    {LinearPreset::Solo, "solo", "solo-learn (100 epochs)"},
    {LinearPreset::Lightly, "lightly", "lightly (90 epochs)"},
}};

enum class ModelPart { Backbone, Projector };
template <>
inline constexpr std::array<EnumName<ModelPart>, 2> kEnumNames<ModelPart> = {{
    {ModelPart::Backbone, "backbone", "Backbone (what is kept)"},
    {ModelPart::Projector, "projector", "Projector (what the loss sees)"},
}};

enum class KnnMetric { Cosine, Euclidean };
template <>
inline constexpr std::array<EnumName<KnnMetric>, 2> kEnumNames<KnnMetric> = {{
    {KnnMetric::Cosine, "cosine", "Cosine"},
    {KnnMetric::Euclidean, "euclidean", "Euclidean"},
}};

enum class KnnVote { Weighted, Plain };
template <>
inline constexpr std::array<EnumName<KnnVote>, 2> kEnumNames<KnnVote> = {{
    {KnnVote::Weighted, "weighted", "Weighted"},
    {KnnVote::Plain, "plain", "Plain"},
}};

/// What is asked for. A plain value.
struct EvaluationRequest {
  std::filesystem::path model;  // a run (its newest sound checkpoint) or a checkpoint's folder
  ProbeKind probe = ProbeKind::Knn;
  std::string data;   // a SPEC; empty: the run's own; segmentation: a folder with images and masks
  std::string split;  // that is judged: train, test or validation; empty: what is held out
  ModelPart part = ModelPart::Backbone;
  int k = 200;  // kNN
  double temperature = 0.1;
  KnnMetric metric = KnnMetric::Cosine;
  KnnVote vote = KnnVote::Weighted;
  LinearPreset preset = LinearPreset::Lbfgs;
  double labels = 1;  // share of the training labels that linear and finetune see
  int epochs = 0;     // of linear, finetune and segmentation; 0: the preset's
  int images = 0;     // without labels: how many are looked at; 0: 2000
  std::string device = "auto";
  int threads = 0;  // 0: as OMP_NUM_THREADS says, else all cores
  std::int64_t seed = 0;
  bool isKept = true;  // the report is written into the run, as are its features
};

/// Blocks; call it on a worker. `control` gives progress (0 to 1) and stop; `tell` is called on the
/// same thread with a line on what is being done. Nothing after a stop, and then nothing is
/// written. Throws Exception (what, where, what to do): no checkpoint, no labels, other classes in
/// the two splits, too few images, a disk that is full.
std::optional<EvaluationReport> evaluate(
    const EvaluationRequest& request,
    const JobControl& control = {},
    const std::function<void(const std::string& line)>& tell = {});

/// What was evaluated of a run, or of a file of weights, so far, oldest first. A run has it in its
/// folder; of a file it is kept in the user's data folder, by what the file holds.
StoredEvaluations listEvaluations(const std::filesystem::path& model);

/// A checkpoint of a run, newest first; whether it is sound is seen when it is opened. A file of
/// weights is the only one of its own.
struct StoredCheckpoint {
  std::filesystem::path folder;
  std::int64_t step = 0;
  std::int64_t epoch = 0;  // completed
};
std::vector<StoredCheckpoint> listCheckpoints(const std::filesystem::path& model);

}  // namespace barlow
