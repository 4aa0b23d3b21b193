#include "core/models/initialize.h"

#include "core/models/nn.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace barlow {

namespace nn = torch::nn;

void initializeModules(const nn::Module& root, std::int64_t seed) {
  torch::NoGradGuard noGrad;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(static_cast<std::uint64_t>(seed));
  for (const auto& module : root.modules()) {
    if (auto* convolution = module->as<nn::Conv2d>()) {
      // kaiming_normal_(mode="fan_out", nonlinearity="relu")
      torch::Tensor& weight = convolution->weight;
      const auto fanOut = static_cast<double>(weight.size(0) * weight.size(2) * weight.size(3));
      weight.normal_(0.0, std::sqrt(2.0 / fanOut), generator);
    } else if (auto* linear = module->as<nn::Linear>()) {
      // kaiming_uniform_(a=sqrt(5)): +- 1 / sqrt(inputs)
      const double bound = 1.0 / std::sqrt(static_cast<double>(linear->weight.size(1)));
      linear->weight.uniform_(-bound, bound, generator);
      if (linear->bias.defined()) {
        linear->bias.uniform_(-bound, bound, generator);
      }
    } else if (auto* norm = module->as<nn::BatchNorm2d>()) {
      norm->reset_parameters();
    } else if (auto* headNorm = module->as<nn::BatchNorm1d>()) {
      headNorm->reset_parameters();
    }
  }
}

}  // namespace barlow
