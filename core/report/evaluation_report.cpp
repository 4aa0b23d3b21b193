#include "core/report/evaluation_report.h"

#include "core/base/atomic_file.h"
#include "core/base/json_text.h"
#include "core/base/text.h"
#include "core/report/json_numbers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;
constexpr std::uint64_t kMaxReportBytes = 1ull << 28;  // a confusion matrix of 5,000 classes

// Names in the file and fields, once for both directions.
template <class Protocol, class Visitor>
void describe(Protocol& protocol, Visitor&& visit) requires requires {
  protocol.vote;
}
{
  visit("k", protocol.k);
  visit("temperature", protocol.temperature);
  visit("metric", protocol.metric);
  visit("vote", protocol.vote);
}
template <class Protocol, class Visitor>
void describe(Protocol& protocol, Visitor&& visit) requires requires {
  protocol.optimizer;
}
{
  visit("preset", protocol.preset);
  visit("optimizer", protocol.optimizer);
  visit("augmentation", protocol.augmentation);
  visit("schedule", protocol.schedule);
  visit("epochs", protocol.epochs);
  visit("batch_size", protocol.batchSize);
  visit("learning_rate", protocol.learningRate);
  visit("momentum", protocol.momentum);
  visit("weight_decay", protocol.weightDecay);
  visit("labels", protocol.labels);
  visit("reported", protocol.reported);
}
template <class Protocol, class Visitor>
void describe(Protocol& protocol, Visitor&& visit) requires requires {
  protocol.backboneLearningRate;
}
{
  visit("preset", protocol.preset);
  visit("augmentation", protocol.augmentation);
  visit("schedule", protocol.schedule);
  visit("epochs", protocol.epochs);
  visit("batch_size", protocol.batchSize);
  visit("backbone_learning_rate", protocol.backboneLearningRate);
  visit("classifier_learning_rate", protocol.classifierLearningRate);
  visit("momentum", protocol.momentum);
  visit("weight_decay", protocol.weightDecay);
  visit("labels", protocol.labels);
  visit("reported", protocol.reported);
}
template <class Protocol, class Visitor>
void describe(Protocol& protocol, Visitor&& visit) requires requires {
  protocol.recipe;
}
{
  visit("images", protocol.images);
  visit("views", protocol.views);
  visit("recipe", protocol.recipe);
}
template <class Protocol, class Visitor>
void describe(Protocol& protocol, Visitor&& visit) requires requires {
  protocol.upsampling;
}
{
  visit("view", protocol.view);
  visit("upsampling", protocol.upsampling);
  visit("features", protocol.features);
  visit("augmentation", protocol.augmentation);
  visit("optimizer", protocol.solver);
  visit("schedule", protocol.schedule);
  visit("epochs", protocol.epochs);
  visit("batch_size", protocol.batchSize);
  visit("learning_rate", protocol.learningRate);
  visit("weight_decay", protocol.weightDecay);
  visit("classes", protocol.classes);
  visit("map_width", protocol.mapWidth);
  visit("map_height", protocol.mapHeight);
}
template <class Model, class Visitor>
void describe(Model& model, Visitor&& visit) requires requires {
  model.weights;
}
{
  visit("path", model.path);
  visit("checkpoint", model.checkpoint);
  visit("step", model.step);
  visit("epoch", model.epoch);
  visit("weights", model.weights);
  visit("part", model.part);
  visit("features", model.features);
  visit("image_size", model.imageSize);
}
template <class Data, class Visitor>
void describe(Data& data, Visitor&& visit) requires requires {
  data.isTransfer;
}
{
  visit("source", data.source);
  visit("fingerprint", data.fingerprint);
  visit("bank", data.bankSplit);
  visit("bank_size", data.bankSize);
  visit("split", data.split);
  visit("queries", data.queries);
  visit("transfer", data.isTransfer);
}

template <class T>
Json asJson(const T& part) {
  Json json = Json::object();
  describe(part, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}
template <class T>
T fromJson(const nlohmann::json& json) {
  T part;
  describe(part, [&](const char* name, auto& value) { json.at(name).get_to(value); });
  return part;
}

EvaluationProtocol protocolFrom(const std::string& kind, const nlohmann::json& json) {
  if (kind == "knn") {
    return fromJson<KnnProtocol>(json);
  }
  if (kind == "linear") {
    return fromJson<LinearProtocol>(json);
  }
  if (kind == "finetune") {
    return fromJson<FineTuneProtocol>(json);
  }
  if (kind == "segmentation") {
    return fromJson<SegmentationProtocol>(json);
  }
  return fromJson<UnlabelledProtocol>(json);
}

Json optionalJson(const std::optional<double>& value) {
  return value ? numberToJson(*value) : Json(nullptr);
}

std::vector<std::string> linesOf(const nlohmann::json& json, const char* name) {
  return json.value(name, std::vector<std::string>{});
}

// NaN is no number of JSON, and equals itself here.
bool areEqual(double left, double right) {
  return left == right || (std::isnan(left) && std::isnan(right));
}

EvaluationReport parsed(const nlohmann::json& json) {
  EvaluationReport report;
  report.probe = json.at("probe");
  report.protocol = protocolFrom(report.probe, json.at("protocol"));
  report.model = fromJson<EvaluatedModel>(json.at("model"));
  report.data = fromJson<EvaluatedData>(json.at("data"));
  report.top1 = numberFromJson(json.at("top1"));
  report.top5 = numberFromJson(json.at("top5"));
  for (const auto& entry : json.at("metrics")) {
    report.metrics.push_back({.key = entry.at("key"),
                              .label = entry.at("label"),
                              .value = numberFromJson(entry.at("value")).value_or(std::nan("")),
                              .sentence = entry.at("sentence")});
  }
  report.classes = linesOf(json, "classes");
  for (const auto& value : json.at("class_accuracy")) {
    report.classAccuracy.push_back(numberFromJson(value).value_or(std::nan("")));
  }
  report.confusion = json.at("confusion").get<std::vector<std::vector<std::int64_t>>>();
  report.notes = linesOf(json, "notes");
  report.head = json.value("head", "");
  report.subset = json.value("subset", "");
  report.seed = json.value("seed", std::int64_t{0});
  report.seconds = json.value("seconds", 0.0);
  report.time = json.value("time", "");
  return report;
}

}  // namespace

bool EvaluationReport::operator==(const EvaluationReport& other) const {
  const auto plain = [](const EvaluationReport& report) {
    return std::tie(report.probe,
                    report.protocol,
                    report.model,
                    report.data,
                    report.top1,
                    report.top5,
                    report.metrics,
                    report.classes,
                    report.confusion,
                    report.notes,
                    report.head,
                    report.subset,
                    report.seed,
                    report.seconds,
                    report.time);
  };
  return plain(*this) == plain(other) && std::equal(classAccuracy.begin(),
                                                    classAccuracy.end(),
                                                    other.classAccuracy.begin(),
                                                    other.classAccuracy.end(),
                                                    areEqual);
}

std::string toJson(const EvaluationReport& report, bool isIndented) {
  Json json;
  json["format"] = kFormat;
  json["probe"] = report.probe;
  json["top1"] = optionalJson(report.top1);
  json["top5"] = optionalJson(report.top5);
  json["protocol"] =
      std::visit([](const auto& protocol) { return asJson(protocol); }, report.protocol);
  if (const auto* knn = std::get_if<KnnProtocol>(&report.protocol)) {
    json["k"] = knn->k;
    json["temperature"] = knn->temperature;
  }
  json["split"] = report.data.split;
  json["checkpoint"] = report.model.checkpoint;
  json["model"] = asJson(report.model);
  json["data"] = asJson(report.data);
  json["metrics"] = Json::array();
  for (const EvaluationMetric& metric : report.metrics) {
    json["metrics"].push_back({{"key", metric.key},
                               {"label", metric.label},
                               {"value", numberToJson(metric.value)},
                               {"sentence", metric.sentence}});
  }
  json["notes"] = report.notes;
  json["head"] = report.head;
  json["subset"] = report.subset;
  json["seed"] = report.seed;
  json["seconds"] = report.seconds;
  json["time"] = report.time;
  json["classes"] = report.classes;
  json["class_accuracy"] = Json::array();
  for (const double accuracy : report.classAccuracy) {
    json["class_accuracy"].push_back(numberToJson(accuracy));
  }
  json["confusion"] = report.confusion;
  return jsonText(json, isIndented ? 1 : -1);
}

EvaluationReport evaluationReportFromJson(const std::string& text, const std::string& origin) {
  try {
    const nlohmann::json json = parseJson(text);
    if (json.at("format").get<int>() > kFormat) {
      throw Exception(fmt::format("{} was written by a newer program; use that one.", origin));
    }
    return parsed(json);
  } catch (const nlohmann::json::exception& error) {
    throw Exception(fmt::format("{} is damaged: it is no report of an evaluation.", origin),
                    error.what());
  }
}

std::string toText(const EvaluationProtocol& protocol) {
  struct Words {
    std::string operator()(const KnnProtocol& knn) const {
      const bool isWeighted = knn.vote == "weighted";
      return fmt::format("kNN, k {}, {}{}",
                         knn.k,
                         knn.metric,
                         !isWeighted              ? ", plain vote"
                         : knn.metric == "cosine" ? fmt::format(", T {}", knn.temperature)
                                                  : ", weighted by distance");
    }
    std::string operator()(const LinearProtocol& linear) const {
      return fmt::format("linear, {}, {} of the labels, {} {}",
                         linear.preset,
                         linear.labels,
                         linear.epochs,
                         linear.optimizer == "lbfgs" ? "iterations" : "epochs");
    }
    std::string operator()(const FineTuneProtocol& tuned) const {
      return fmt::format(
          "fine-tuned, {} of the labels, {}", tuned.labels, counted(tuned.epochs, "epoch"));
    }
    std::string operator()(const UnlabelledProtocol& unlabelled) const {
      return fmt::format("without labels, {}, {} of each",
                         counted(unlabelled.images, "image"),
                         counted(unlabelled.views, "view"));
    }
    std::string operator()(const SegmentationProtocol& segmented) const {
      return fmt::format("linear segmentation, {} classes from {} x {} places, {} epochs",
                         segmented.classes,
                         segmented.mapWidth,
                         segmented.mapHeight,
                         segmented.epochs);
    }
  };
  return std::visit(Words{}, protocol);
}

std::string freeEvaluationName(const fs::path& folder, const EvaluationReport& report) {
  const std::string name = report.probe + "-" + report.model.checkpoint;
  std::string free = name;
  std::error_code ignored;  // a name that cannot be looked at is tried, and fails with a reason
  for (int i = 2; fs::exists(fs::symlink_status(folder / (free + ".json"), ignored)); ++i) {
    free = fmt::format("{}-{}", name, i);
  }
  return free;
}

void writeEvaluation(const fs::path& file, const EvaluationReport& report) {
  writeFileAtomically(file, toJson(report, true) + "\n");
}

StoredEvaluations readEvaluations(const fs::path& folder) {
  StoredEvaluations all;
  std::error_code ignored;  // no folder, no evaluations
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() != ".json") {
      continue;
    }
    try {
      all.evaluations.push_back(
          {entry.path(),
           evaluationReportFromJson(readFileText(entry.path(), kMaxReportBytes),
                                    entry.path().string())});
    } catch (const Exception& error) {
      all.problems.push_back(error.info());
    }
  }
  std::sort(all.evaluations.begin(),
            all.evaluations.end(),
            [](const StoredEvaluation& left, const StoredEvaluation& right) {
              return std::tie(left.report.time, left.file) <
                     std::tie(right.report.time, right.file);
            });
  return all;
}

}  // namespace barlow
