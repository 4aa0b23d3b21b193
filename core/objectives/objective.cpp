#include "core/objectives/objective.h"

#include <cmath>
#include <numbers>

namespace barlow {

void Objective::to(const torch::Device& device) {
  torch::NoGradGuard noGrad;
  for (const ObjectiveParameter& parameter : parameters_) {
    parameter.tensor.set_data(parameter.tensor.to(device));
  }
  for (const auto& [name, buffer] : buffers_) {
    buffer.set_data(buffer.to(device));
  }
}

void Objective::addHead(const std::string& prefix, const MlpHead& head, ParameterRole role) {
  for (const auto& [name, tensor] : head.namedParameters()) {
    addParameter(prefix + name, tensor, role);
  }
  for (const auto& [name, tensor] : head.namedBuffers()) {
    addBuffer(prefix + name, tensor);
  }
}

double cosineMomentum(double first, double last, const StepPosition& at) {
  const double turn =
      std::numbers::pi * static_cast<double>(at.step) / static_cast<double>(at.totalSteps);
  return last - (last - first) * (1 + std::cos(turn)) / 2;
}

}  // namespace barlow
