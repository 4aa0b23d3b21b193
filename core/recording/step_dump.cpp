#include "core/recording/step_dump.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/tensor_files.h"
#include "core/params/config_io.h"
#include "core/report/json_numbers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

NamedTensors copyOf(const NamedTensors& tensors) {
  torch::NoGradGuard noGrad;
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) {
    copies.emplace_back(name, tensor.detach().to(torch::kCPU, tensor.scalar_type(), false, true));
  }
  return copies;
}

// A parameter that rested has none.
NamedTensors gradientsOf(const Learner& learner) {
  NamedTensors gradients;
  for (const auto& [name, parameter] : learner.parameters()) {
    if (parameter.grad().defined()) {
      gradients.emplace_back(name, parameter.grad());
    }
  }
  return copyOf(gradients);
}

// "view_a" of the first of two, "view_2" of the third of many.
std::string nameOf(const char* what, std::size_t index, std::size_t count) {
  return count == 2 ? fmt::format("{}_{}", what, index == 0 ? 'a' : 'b')
                    : fmt::format("{}_{}", what, index);
}

Json plansOf(const StepDump::Result& result) {
  Json plans = Json::array();
  const std::size_t views = result.batch.views.size();
  for (std::size_t i = 0; i < result.batch.indices.size(); ++i) {
    for (std::size_t view = 0; view < views; ++view) {
      Json entry;
      entry["image"] = result.imageName(result.batch.indices[i]);
      entry["view"] = view == 0 ? "a" : view == 1 ? "b" : std::to_string(view);
      entry.update(Json::parse(toJson(result.batch.views[view].plans[i])));
      plans.push_back(std::move(entry));
    }
  }
  return plans;
}

Json optimizerOf(const OptimParams& optim) {
  Json json;
  json["name"] = toText(optim.name);
  if (optim.name == OptimizerName::Lars || optim.name == OptimizerName::Sgd) {
    json["momentum"] = optim.momentum;
  }
  if (optim.name == OptimizerName::Lars) {
    json["eta"] = optim.larsEta;
    json["clip"] = optim.larsClip;
  }
  json["clip_norm"] = optim.clipNorm;
  json["weight_decay"] = optim.weightDecay;
  return json;
}

// The objective's settings, its terms, and how much of the momentum network stays.
void describeObjective(const Learner& learner, const StepDump::Result& result, Json& json) {
  const torch::Tensor numbers = result.output.numbers.to(torch::kCPU, torch::kFloat64).contiguous();
  const auto values = learner.objective->values(
      {numbers.const_data_ptr<double>(), static_cast<std::size_t>(numbers.numel())});
  const auto columns =
      schemaOf(result.config.objective, objectiveSizes(result.config, /*images=*/0)).terms;
  Json terms = Json::object();
  for (std::size_t i = 0; i < std::min(values.size(), columns.size()); ++i) {
    terms[columns[i].key] = numberToJson(values[i]);
  }
  for (const char* key : {"on_diagonal", "off_diagonal"}) {  // where they always stood
    if (terms.contains(key)) {
      json[key] = terms[key];
    }
  }
  if (result.config.objective.name == ObjectiveName::BarlowTwins) {
    json["lambda"] = result.config.objective.barlowTwins.lambda;
  }
  json["objective"] = Json::parse(objectiveJson(result.config));
  json["objective"]["momentum"] =
      learner.momentum ? Json(learner.objective->momentumAt(result.output.inputs.at)) : Json();
  json["terms"] = terms;
}

Json stepOf(const Learner& learner, const StepDump::Result& result) {
  Json json;
  json["step"] = result.step;
  json["epoch"] = result.output.inputs.at.epoch();
  json["micro_batch_size"] = result.config.run.microBatchSize;
  json["loss"] = result.output.loss.item<double>();
  describeObjective(learner, result, json);
  json["precision"] = result.precision;
  json["optimizer"] = optimizerOf(result.config.optim);
  json["groups"] = Json::array();
  for (const ParameterGroup& group : learner.optimizer->groups()) {
    json["groups"].push_back({{"learning_rate", group.learningRate},
                              {"weight_decay", group.weightDecay},
                              {"trust_ratio", group.usesTrustRatio},
                              {"parameters", group.parameters}});
  }
  return json;
}

void writeRows(const fs::path& folder, const char* what, const std::vector<torch::Tensor>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    writeNpy(folder / (nameOf(what, i, rows.size()) + ".npy"),
             rows[i].detach().to(torch::kCPU, torch::kFloat32).contiguous());
  }
}

}  // namespace

StepDump::StepDump(const Learner& learner)
    : before_(copyOf(learner.state())), optimizerBefore_(copyOf(learner.optimizer->state())) {}

void StepDump::write(const fs::path& folder, const Learner& learner, const Result& result) const {
  fs::path part = folder;
  part += ".part";
  std::error_code error;
  fs::remove_all(part, error);
  makeFolder(part);
  const std::vector<torch::Tensor> views = result.batch.pixels();
  if (views.size() == 2) {
    writeRows(part, "view", views);
  }
  for (std::size_t i = 0; i < views.size(); ++i) {
    writeNpy(part / fmt::format("view_{}.npy", i), views[i].to(torch::kCPU).contiguous());
  }
  writeNpy(part / "indices.npy", torch::tensor(result.batch.indices, torch::kInt64));
  // Names of files may hold bytes that are no UTF-8: they are replaced rather than refused.
  writeFileAtomically(part / "plans.json", jsonText(plansOf(result), 1) + "\n");
  writeRows(part, "z", result.output.inputs.online);
  writeRows(part, "target", result.output.inputs.target);
  for (const auto& [name, tensor] : learner.objective->drawn(result.output.inputs)) {
    writeNpy(part / fmt::format("drawn_{}.npy", name), tensor.to(torch::kCPU));
  }
  writeSafetensors(part / "before.safetensors", before_);
  writeSafetensors(part / "optimizer_before.safetensors", optimizerBefore_);
  writeSafetensors(part / "gradients.safetensors", gradientsOf(learner));
  writeSafetensors(part / "after.safetensors", copyOf(learner.state()));
  writeFileAtomically(part / "step.json", jsonText(stepOf(learner, result), 2) + "\n");
  fs::remove_all(folder, error);
  fs::rename(part, folder, error);
  if (error) {
    throw Exception(fmt::format(
        "{} cannot be renamed to {}: {}.", part.string(), folder.string(), error.message()));
  }
}

}  // namespace barlow
