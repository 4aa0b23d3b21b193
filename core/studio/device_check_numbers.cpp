#include "core/objectives/barlow_twins_loss.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// Distance from the double-precision numbers in relation to their length. NaN stays NaN.
double relativeError(const Tensor& found, const Tensor& exact) {
  const Tensor difference = found.detach().to(torch::kCPU, torch::kFloat64) - exact;
  return (difference.norm() / exact.norm()).item<double>();
}

bool isWithin(double error, double tolerance) { return error <= tolerance; }  // false for NaN

struct LossAndGradients {
  Tensor loss;
  Tensor gradientA;  // [N, D]
  Tensor gradientB;
};

LossAndGradients differentiate(const Tensor& a, const Tensor& b, LossForm form) {
  const Tensor zA = a.detach().clone().requires_grad_();
  const Tensor zB = b.detach().clone().requires_grad_();
  const Tensor loss = barlowTwinsLoss(zA, zB, BarlowTwinsParams{}.lambda, form).loss;
  loss.backward();
  return {.loss = loss.detach(), .gradientA = zA.grad(), .gradientB = zB.grad()};
}

std::vector<std::string> precisions(const DeviceCheckSetting& setting) {
  return setting.isCuda() ? std::vector<std::string>{"fp32", "tf32", "bf16"}
                          : std::vector<std::string>{"fp32", "bf16"};
}

constexpr std::int64_t kBatch = 256;
constexpr std::int64_t kDimensions = 512;
// Single precision rounds to 6e-8; sums of some hundred terms lose two digits of it, the small
// difference between two of them another.
constexpr double kObjectiveTolerance = 1e-4;

}  // namespace

// From given embeddings: the loss is in single precision whatever the network's, so that bf16 only
// rounds what it is given.
DeviceCheckResult checkObjective(DeviceCheckSetting& setting) {
  const torch::Device device(setting.device);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(2);
  const Tensor common = torch::randn({kBatch, kDimensions}, generator);
  const Tensor a = 0.9 * common + 0.45 * torch::randn({kBatch, kDimensions}, generator);
  const Tensor b = 0.9 * common + 0.45 * torch::randn({kBatch, kDimensions}, generator);
  DeviceCheckResult result;
  double worst = 0;
  bool isPassed = true;
  for (const std::string precision : {"fp32", "bf16"}) {
    const torch::ScalarType type = precision == "bf16" ? torch::kBFloat16 : torch::kFloat32;
    const Tensor zA = a.to(type).to(torch::kFloat32);
    const Tensor zB = b.to(type).to(torch::kFloat32);
    const LossAndGradients exact =
        differentiate(zA.to(torch::kFloat64), zB.to(torch::kFloat64), LossForm::Direct);
    for (const LossForm form : {LossForm::Direct, LossForm::Gram}) {
      const LossAndGradients found = differentiate(zA.to(device), zB.to(device), form);
      const std::string name = fmt::format("{}_{}", precision, toText(form));
      const double loss = relativeError(found.loss, exact.loss);
      const double gradient = std::max(relativeError(found.gradientA, exact.gradientA),
                                       relativeError(found.gradientB, exact.gradientB));
      result.figures.push_back({name + "_loss_error", loss});
      result.figures.push_back({name + "_gradient_error", gradient});
      isPassed = isPassed && isWithin(loss, kObjectiveTolerance) &&
                 isWithin(gradient, kObjectiveTolerance);
      worst = std::max({worst, loss, gradient});
    }
  }
  result.figures.push_back({"tolerance", kObjectiveTolerance});
  setPassed(result,
            isPassed,
            fmt::format("direct and Gram form differ from double precision by at most {:.1e} "
                        "({:.0e} allowed)",
                        worst,
                        kObjectiveTolerance));
  return result;
}

namespace {

struct NetworkNumbers {
  Tensor loss;
  Tensor embeddings;  // [2 N, D]
  Tensor gradient;    // of all parameters, one after the other
};

Tensor gradientOf(Encoder& network) {
  std::vector<Tensor> parts;
  for (const Tensor& parameter : network->parameters()) {
    parts.push_back(parameter.grad().to(torch::kCPU, torch::kFloat64).flatten());
  }
  return torch::cat(parts);
}

// A processor without bf16 of its own takes half a minute for the larger one.
ModelParams probeModel(bool isSmall) {
  ModelParams model;
  model.width = isSmall ? 8 : 16;
  model.projector = isSmall ? std::vector{128, 128} : std::vector{256, 256, 256};
  return model;
}

NetworkNumbers exactNumbers(const ModelParams& model, const ProbeViews& views) {
  Encoder network(model);
  initializeWeights(network, 0);
  network->to(torch::kFloat64);
  network->train();
  const Tensor zA = network->forward(views.a.to(torch::kFloat64));
  const Tensor zB = network->forward(views.b.to(torch::kFloat64));
  const Tensor loss = barlowTwinsLoss(zA, zB, BarlowTwinsParams{}).loss;
  loss.backward();
  return {.loss = loss.detach(),
          .embeddings = torch::cat({zA, zB}).detach(),
          .gradient = gradientOf(network)};
}

NetworkNumbers numbersOn(const torch::Device& device,
                         const ModelParams& model,
                         const ProbeViews& views,
                         const std::string& precision) {
  ProbeStep probe({.model = model, .objective = {}, .optim = {}, .precision = precision},
                  device,
                  views.a.size(0));
  const auto output = probe.gradients(views.a.to(device), views.b.to(device));
  return {.loss = output.loss,
          .embeddings = torch::cat(output.inputs.online),
          .gradient = gradientOf(probe.network())};
}

// A gradient passes twenty normalisations, each of which enlarges what was rounded before.
struct Tolerance {
  double forward;   // loss and embeddings
  double gradient;  // of the weights
};
Tolerance toleranceOf(const std::string& precision) {
  return precision == "fp32"   ? Tolerance{1e-4, 1e-3}
         : precision == "tf32" ? Tolerance{2e-2, 1e-1}
                               : Tolerance{1e-1, 5e-1};
}

}  // namespace

DeviceCheckResult checkNetwork(DeviceCheckSetting& setting) {
  const torch::Device device(setting.device);
  const bool isSmall = setting.isCpu() || setting.isQuick;
  const ModelParams model = probeModel(isSmall);
  const ProbeViews views =
      probeViews(isSmall ? 32 : 64, 32, torch::kCPU, torch::MemoryFormat::ChannelsLast);
  const NetworkNumbers exact = exactNumbers(model, views);
  DeviceCheckResult result;
  bool isPassed = true;
  std::string text;
  for (const std::string& precision : precisions(setting)) {
    const NetworkNumbers found = numbersOn(device, model, views, precision);
    const double loss = relativeError(found.loss, exact.loss);
    const double embeddings = relativeError(found.embeddings, exact.embeddings);
    const double gradient = relativeError(found.gradient, exact.gradient);
    const Tolerance tolerance = toleranceOf(precision);
    result.figures.push_back({precision + "_loss_error", loss});
    result.figures.push_back({precision + "_embedding_error", embeddings});
    result.figures.push_back({precision + "_gradient_error", gradient});
    result.figures.push_back({precision + "_forward_tolerance", tolerance.forward});
    result.figures.push_back({precision + "_gradient_tolerance", tolerance.gradient});
    isPassed = isPassed && isWithin(loss, tolerance.forward) &&
               isWithin(embeddings, tolerance.forward) && isWithin(gradient, tolerance.gradient);
    text += fmt::format("{}{} {:.1e}", text.empty() ? "" : ", ", precision, gradient);
  }
  setPassed(result, isPassed, "a ResNet-18's gradient differs from double precision by " + text);
  return result;
}

}  // namespace barlow
