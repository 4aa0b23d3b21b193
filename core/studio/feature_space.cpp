#include "core/studio/feature_space.h"

#include "core/base/error.h"
#include "core/base/stopped.h"
#include "core/base/text.h"
#include "core/dataset/open_dataset.h"
#include "core/device/compute_device.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/knn_probe.h"
#include "core/evaluation/logistic_regression.h"
#include "core/evaluation/subject.h"
#include "core/files/tensor_files.h"
#include "core/image/decode.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace barlow {
namespace {

using torch::Tensor;

// Nothing of it is held out where the data have no classes; there is the bank alone then.
std::shared_ptr<FeatureSpace> openSpace(const EvaluationRequest& request,
                                        const JobControl& control,
                                        const std::function<void(const std::string&)>& tell) {
  const auto opened = openSubject(request, control.stop);
  const Subject& subject = *opened;
  auto space = std::make_shared<FeatureSpace>();
  space->images = DatasetBrowser::of(subject.data());
  space->classes = space->images->classNames();
  space->model = subject.describedModel();
  space->data = subject.describedData();
  space->features = space->model.features;
  const bool hasQueries = subject.data().heldOut != nullptr;
  const auto all = static_cast<double>(space->images->size());
  double before = 0;
  for (const bool areQueries : {false, true}) {
    if (areQueries && !hasQueries) {
      break;
    }
    const Dataset& images = areQueries ? subject.queries() : subject.bank();
    if (tell) {
      tell(fmt::format("features of {}", counted(images.size(), "image")));
    }
    const double share = static_cast<double>(images.size()) / all;
    const auto found = subject.features(areQueries, control.stop, [&](double done) {
      if (control.progress) {
        control.progress(before + share * done);
      }
    });
    if (!found) {
      return nullptr;
    }
    before += share;
    const std::int64_t offset = areQueries ? space->images->trainSize() : 0;
    for (std::size_t i = 0; i < found->indices.size(); ++i) {
      space->samples.push_back(offset + found->indices[i]);
      space->labels.push_back(static_cast<int>(found->labels[i]));
    }
    const Tensor values = found->features.to(torch::kCPU, torch::kFloat32).contiguous();
    space->values.insert(space->values.end(),
                         values.const_data_ptr<float>(),
                         values.const_data_ptr<float>() + values.numel());
    if (!areQueries) {
      space->bank = static_cast<std::int64_t>(found->indices.size());
    }
  }
  space->data.bankSize = space->bank;
  space->data.queries = space->size() - space->bank;
  return space;
}

// A picture from outside.
class OneImage final : public Dataset {
 public:
  OneImage(RgbImage image, std::string name) : image_(std::move(image)), name_(std::move(name)) {}
  std::int64_t size() const override { return 1; }
  Result<RgbImage> image(std::int64_t) const override { return image_; }
  int label(std::int64_t) const override { return -1; }
  std::string name(std::int64_t) const override { return name_; }
  const std::vector<std::string>& classNames() const override { return none_; }

 private:
  RgbImage image_;
  std::string name_;
  std::vector<std::string> none_;
};

Tensor rowsOf(const FeatureSpace& space, std::int64_t first, std::int64_t last) {
  return torch::from_blob(const_cast<float*>(space.row(first)),  // only read
                          {last - first, space.features},
                          torch::kFloat32);
}

Tensor rankedByHeadOf(const StoredEvaluation& evaluation, const Tensor& queries) {
  const auto file = evaluation.file.parent_path() / evaluation.report.head;
  LinearHead head;
  for (const auto& [name, tensor] : readSafetensors(file)) {
    (name == "fc.weight" ? head.weight : head.bias) = tensor.to(torch::kFloat32);
  }
  if (!head.weight.defined() || !head.bias.defined() || head.weight.dim() != 2 ||
      head.weight.size(1) != queries.size(1) || head.bias.numel() != head.weight.size(0)) {
    throw Exception(
        fmt::format("{} holds no classifier of these features; evaluate again.", file.string()));
  }
  return rankedByHead(head, queries);
}

}  // namespace

std::shared_ptr<const FeatureSpace> openFeatureSpace(
    const EvaluationRequest& request,
    const JobControl& control,
    const std::function<void(const std::string&)>& tell) {
  const JobThreads threads(control.yields, request.threads);
  try {
    return openSpace(request, control, tell);
  } catch (const Stopped&) {
    return nullptr;
  }
}

std::vector<float> featuresOfFile(const EvaluationRequest& request,
                                  const std::filesystem::path& file) {
  if (const std::string refusal = whyNoPicture(file.string()); !refusal.empty()) {
    throw Exception(refusal);
  }
  const OneTorchThread alone;
  const TrainedModel model = openTrainedModel(request.model, resolveDevice(request.device).device);
  Result<RgbImage> image = readImage(file, model.config.data.exif);
  if (!image) {
    throw Exception(fmt::format("{} cannot be read: {}.", file.string(), image.error().message));
  }
  const OneImage one(std::move(*image), file.string());
  const auto found =
      represent(model.network,
                one,
                {0},
                {.data = model.config.data, .isProjected = request.part == ModelPart::Projector},
                {});
  const Tensor values = found->features.to(torch::kCPU, torch::kFloat32).contiguous();
  return {values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel()};
}

std::vector<NearRow> nearestInBank(const FeatureSpace& space,
                                   const float* feature,
                                   int count,
                                   std::int64_t self) {
  const auto lengthOf = [&](const float* row) {
    double square = 0;
    for (std::int64_t i = 0; i < space.features; ++i) {
      square += static_cast<double>(row[i]) * static_cast<double>(row[i]);
    }
    return std::max(std::sqrt(square), 1e-12);
  };
  const double own = lengthOf(feature);
  std::vector<NearRow> rows;
  for (std::int64_t row = 0; row < space.bank; ++row) {
    if (row == self) {
      continue;
    }
    const float* other = space.row(row);
    double product = 0;
    double square = 0;
    for (std::int64_t i = 0; i < space.features; ++i) {
      const auto value = static_cast<double>(other[i]);
      product += static_cast<double>(feature[i]) * value;
      square += value * value;
    }
    rows.push_back({row, static_cast<float>(product / (own * std::max(std::sqrt(square), 1e-12)))});
  }
  const auto most =
      std::min<std::size_t>(rows.size(), static_cast<std::size_t>(std::max(0, count)));
  std::partial_sort(rows.begin(),
                    rows.begin() + static_cast<std::ptrdiff_t>(most),
                    rows.end(),
                    [](const NearRow& a, const NearRow& b) {
                      return a.similarity != b.similarity ? a.similarity > b.similarity
                                                          : a.row < b.row;
                    });
  rows.resize(most);
  return rows;
}

std::optional<std::vector<int>> predictionsOf(const FeatureSpace& space,
                                              const StoredEvaluation& evaluation,
                                              const JobControl& control) {
  torch::NoGradGuard noGrad;
  const EvaluationReport& report = evaluation.report;
  const std::int64_t queries = space.size() - space.bank;
  if (queries == 0 || space.bank == 0 || report.data.queries != queries ||
      report.data.split != space.data.split || report.model.weights != space.model.weights) {
    return std::nullopt;
  }
  std::optional<OneTorchThread> alone;
  if (control.yields) {
    alone.emplace();
  }
  const Tensor judged = rowsOf(space, space.bank, space.size());
  Tensor ranked;
  if (const auto* knn = std::get_if<KnnProtocol>(&report.protocol)) {
    Representations bank;
    bank.features = rowsOf(space, 0, space.bank);
    bank.labels.assign(space.labels.begin(),
                       space.labels.begin() + static_cast<std::ptrdiff_t>(space.bank));
    ranked = classifyByNeighbours(bank,
                                  judged,
                                  static_cast<int>(space.classes.size()),
                                  {.k = knn->k,
                                   .temperature = knn->temperature,
                                   .isEuclidean = knn->metric == "euclidean",
                                   .isPlain = knn->vote == "plain"},
                                  control.stop,
                                  control.progress);
  } else if (std::holds_alternative<LinearProtocol>(report.protocol) && !report.head.empty()) {
    ranked = rankedByHeadOf(evaluation, judged);
  }
  if (!ranked.defined()) {
    return std::nullopt;
  }
  const Tensor first = ranked.select(1, 0).to(torch::kInt64).contiguous();
  const auto* guess = first.const_data_ptr<std::int64_t>();
  return std::vector<int>(guess, guess + first.numel());
}

}  // namespace barlow
