#include "core/training/step_dump.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

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

NamedTensors gradientsOf(const TwinNetwork& network) {
  NamedTensors gradients;
  for (const auto& [name, parameter] : network->namedParameters()) {
    gradients.emplace_back(name, parameter.grad());
  }
  return copyOf(gradients);
}

Json plansOf(const StepDump::Result& result) {
  Json plans = Json::array();
  for (std::size_t i = 0; i < result.batch.indices.size(); ++i) {
    for (const char* view : {"a", "b"}) {
      Json entry;
      entry["image"] = result.imageName(result.batch.indices[i]);
      entry["view"] = view;
      const auto& plan = view[0] == 'a' ? result.batch.plansA[i] : result.batch.plansB[i];
      entry.update(Json::parse(toJson(plan)));
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
  }
  json["weight_decay"] = optim.weightDecay;
  return json;
}

Json stepOf(const Optimizer& optimizer, const StepDump::Result& result) {
  Json json;
  json["step"] = result.step;
  json["loss"] = result.terms.loss.item<double>();
  json["on_diagonal"] = result.terms.onDiagonal.item<double>();
  json["off_diagonal"] = result.terms.offDiagonal.item<double>();
  json["lambda"] = result.lambda;
  json["precision"] = result.precision;
  json["optimizer"] = optimizerOf(result.optim);
  json["groups"] = Json::array();
  for (const ParameterGroup& group : optimizer.groups()) {
    json["groups"].push_back({{"learning_rate", group.learningRate},
                              {"weight_decay", group.weightDecay},
                              {"trust_ratio", group.usesTrustRatio},
                              {"parameters", group.parameters}});
  }
  return json;
}

}  // namespace

StepDump::StepDump(const TwinNetwork& network, const Optimizer& optimizer)
    : before_(copyOf(namedState(network))), optimizerBefore_(copyOf(optimizer.state())) {}

void StepDump::write(const fs::path& folder,
                     const TwinNetwork& network,
                     const Optimizer& optimizer,
                     const Result& result) const {
  fs::path part = folder;
  part += ".part";
  std::error_code error;
  fs::remove_all(part, error);
  makeFolder(part);
  writeNpy(part / "view_a.npy", result.batch.viewA.to(torch::kCPU).contiguous());
  writeNpy(part / "view_b.npy", result.batch.viewB.to(torch::kCPU).contiguous());
  writeNpy(part / "indices.npy", torch::tensor(result.batch.indices, torch::kInt64));
  // Names of files may hold bytes that are no UTF-8: they are replaced rather than refused.
  writeFileAtomically(part / "plans.json", jsonText(plansOf(result), 1) + "\n");
  writeNpy(part / "z_a.npy", result.zA.detach().to(torch::kCPU, torch::kFloat32));
  writeNpy(part / "z_b.npy", result.zB.detach().to(torch::kCPU, torch::kFloat32));
  writeSafetensors(part / "before.safetensors", before_);
  writeSafetensors(part / "optimizer_before.safetensors", optimizerBefore_);
  writeSafetensors(part / "gradients.safetensors", gradientsOf(network));
  writeSafetensors(part / "after.safetensors", copyOf(namedState(network)));
  writeFileAtomically(part / "step.json", jsonText(stepOf(optimizer, result), 2) + "\n");
  fs::remove_all(folder, error);
  fs::rename(part, folder, error);
  if (error) {
    throw Exception(fmt::format(
        "{} cannot be renamed to {}: {}.", part.string(), folder.string(), error.message()));
  }
}

}  // namespace barlow
