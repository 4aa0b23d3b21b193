#include "core/models/norm_relu.h"

#include "core/base/check.h"
#include "core/device/parallel_for.h"
#include "core/models/norm_kernels.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <optional>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Rows of one unit of work. Units are the same for any number of threads, and so are the sums.
std::int64_t unitRows(std::int64_t channels) {
  return std::max<std::int64_t>(64, (1 << 16) / channels);
}

std::int64_t rowsOf(const Tensor& x) { return x.numel() / x.size(1); }

template <class Work>
void forEachUnit(std::int64_t rows, std::int64_t channels, const Work& work) {
  const std::int64_t size = unitRows(channels);
  const std::int64_t units = (rows + size - 1) / size;
  parallelFor(0, units, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t unit = begin; unit < end; ++unit) {
      work(unit,
           RowRange{.begin = unit * size,
                    .end = std::min(rows, (unit + 1) * size),
                    .channels = channels});
    }
  });
}

// Two sums for every channel, gathered from units in their order.
struct Sums {
  std::vector<double> first;   // [C]
  std::vector<double> second;  // [C]
};

template <class T, class Work>
Sums gather(std::int64_t rows, std::int64_t channels, const Work& work) {
  const std::int64_t size = unitRows(channels);
  const auto units = static_cast<std::size_t>((rows + size - 1) / size);
  const auto width = static_cast<std::size_t>(channels);
  std::vector<double> parts(units * 2 * width, 0.0);
  forEachUnit(rows, channels, [&](std::int64_t unit, const RowRange& range) {
    thread_local std::vector<T> scratch;
    scratch.resize(2 * width);
    double* part = parts.data() + static_cast<std::size_t>(unit) * 2 * width;
    work(range, scratch.data(), part, part + width);
  });
  Sums sums{std::vector<double>(width, 0.0), std::vector<double>(width, 0.0)};
  for (std::size_t unit = 0; unit < units; ++unit) {
    const double* part = parts.data() + unit * 2 * width;
    for (std::size_t c = 0; c < width; ++c) {
      sums.first[c] += part[c];
      sums.second[c] += part[width + c];
    }
  }
  return sums;
}

template <class T>
const T* dataOf(const Tensor& tensor) {
  return tensor.defined() ? tensor.const_data_ptr<T>() : nullptr;
}

// Per-channel statistics of a batch.
struct Statistics {
  Tensor mean;              // [C]
  Tensor inverseDeviation;  // [C] 1 / sqrt(biased variance + eps)
  Tensor variance;          // [C] biased
};

template <class T>
Statistics measure(const Tensor& x, double eps) {
  const std::int64_t rows = rowsOf(x);
  const std::int64_t channels = x.size(1);
  const T* values = x.const_data_ptr<T>();
  // Around the first pixel's values, so that a mean far from zero cancels nothing.
  const std::vector<T> origin(values, values + channels);
  const Sums sums = gather<T>(
      rows, channels, [&](const RowRange& range, T* scratch, double* first, double* second) {
        addMoments<T>(values, origin.data(), range, scratch, first, second);
      });
  Statistics result{.mean = torch::empty({channels}, x.options()),
                    .inverseDeviation = torch::empty({channels}, x.options()),
                    .variance = torch::empty({channels}, x.options())};
  T* mean = result.mean.mutable_data_ptr<T>();
  T* inverse = result.inverseDeviation.mutable_data_ptr<T>();
  T* variance = result.variance.mutable_data_ptr<T>();
  for (std::size_t c = 0; c < origin.size(); ++c) {
    const double shift = sums.first[c] / static_cast<double>(rows);
    const double spread = std::max(0.0, sums.second[c] / static_cast<double>(rows) - shift * shift);
    mean[c] = static_cast<T>(static_cast<double>(origin[c]) + shift);
    variance[c] = static_cast<T>(spread);
    inverse[c] = static_cast<T>(1.0 / std::sqrt(spread + eps));
  }
  return result;
}

template <class T>
Tensor normalizedAs(const Tensor& x,
                    const Tensor& residual,
                    const Statistics& statistics,
                    const Tensor& weight,
                    const Tensor& bias,
                    bool hasRelu) {
  const Tensor y = torch::empty_like(x);
  const std::int64_t channels = x.size(1);
  std::vector<T> scale(static_cast<std::size_t>(channels));
  std::vector<T> shift(scale.size());
  const T* mean = statistics.mean.const_data_ptr<T>();
  const T* inverse = statistics.inverseDeviation.const_data_ptr<T>();
  const T* w = weight.const_data_ptr<T>();
  const T* b = bias.const_data_ptr<T>();
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double factor = static_cast<double>(w[c]) * static_cast<double>(inverse[c]);
    scale[c] = static_cast<T>(factor);
    shift[c] = static_cast<T>(static_cast<double>(b[c]) - static_cast<double>(mean[c]) * factor);
  }
  forEachUnit(rowsOf(x), channels, [&](std::int64_t, const RowRange& range) {
    applyNorm<T>(x.const_data_ptr<T>(),
                 dataOf<T>(residual),
                 scale.data(),
                 shift.data(),
                 hasRelu,
                 range,
                 y.mutable_data_ptr<T>());
  });
  return y;
}

Tensor normalized(const Tensor& x,
                  const Tensor& residual,
                  const Statistics& statistics,
                  const Tensor& weight,
                  const Tensor& bias,
                  bool hasRelu) {
  return x.scalar_type() == torch::kFloat64
             ? normalizedAs<double>(x, residual, statistics, weight, bias, hasRelu)
             : normalizedAs<float>(x, residual, statistics, weight, bias, hasRelu);
}

struct NormGradients {
  Tensor x;
  Tensor weight;
  Tensor bias;
  Tensor residual;  // undefined when not wanted
};

template <class T>
NormGradients normalizeBackward(const Tensor& dy,
                                const Tensor& y,
                                const Tensor& x,
                                const Tensor& mean,
                                const Tensor& inverseDeviation,
                                const Tensor& weight,
                                bool hasResidual) {
  const std::int64_t rows = rowsOf(x);
  const std::int64_t channels = x.size(1);
  NormGradients gradients{.x = torch::empty_like(x),
                          .weight = torch::empty_like(weight),
                          .bias = torch::empty_like(weight)};
  // Without ReLU the slope goes on to the residual as it came.
  T* through = nullptr;
  if (hasResidual && y.defined()) {
    gradients.residual = torch::empty_like(x);
    through = gradients.residual.mutable_data_ptr<T>();
  } else if (hasResidual) {
    gradients.residual = dy;
  }
  const T* slope = dy.const_data_ptr<T>();
  const T* out = dataOf<T>(y);
  const T* in = x.const_data_ptr<T>();
  const T* center = mean.const_data_ptr<T>();
  const Sums sums = gather<T>(
      rows, channels, [&](const RowRange& range, T* scratch, double* first, double* second) {
        addGradientMoments<T>(slope, out, in, center, range, scratch, first, second, through);
      });
  // dx = w s (g - mean(g) - (x - mean) s^2 mean(g (x - mean))), s = 1 / deviation
  std::vector<T> a(static_cast<std::size_t>(channels));
  std::vector<T> b(a.size());
  std::vector<T> d(a.size());
  const T* inverse = inverseDeviation.const_data_ptr<T>();
  const T* w = weight.const_data_ptr<T>();
  T* dWeight = gradients.weight.mutable_data_ptr<T>();
  T* dBias = gradients.bias.mutable_data_ptr<T>();
  const auto count = static_cast<double>(rows);
  for (std::size_t c = 0; c < a.size(); ++c) {
    const auto s = static_cast<double>(inverse[c]);
    const double factor = static_cast<double>(w[c]) * s;
    dBias[c] = static_cast<T>(sums.first[c]);
    dWeight[c] = static_cast<T>(sums.second[c] * s);
    a[c] = static_cast<T>(factor);
    b[c] = static_cast<T>(-factor * s * s * sums.second[c] / count);
    d[c] = static_cast<T>(-factor * sums.first[c] / count);
  }
  T* result = gradients.x.mutable_data_ptr<T>();
  forEachUnit(rows, channels, [&](std::int64_t, const RowRange& range) {
    // Where the slope was written out it is masked already.
    applyNormGradient<T>(through != nullptr ? through : slope,
                         through != nullptr ? nullptr : out,
                         in,
                         center,
                         a.data(),
                         b.data(),
                         d.data(),
                         range,
                         result);
  });
  return gradients;
}

class FusedNorm : public torch::autograd::Function<FusedNorm> {
 public:
  static Tensor forward(AutogradContext* context,
                        const Tensor& x,
                        const Tensor& weight,
                        const Tensor& bias,
                        const std::optional<Tensor>& added,
                        const Statistics& statistics,
                        bool hasRelu) {
    const Tensor residual = added.value_or(Tensor());
    const Tensor y = normalized(x, residual, statistics, weight, bias, hasRelu);
    context->save_for_backward(
        {x, hasRelu ? y : Tensor(), statistics.mean, statistics.inverseDeviation, weight});
    context->saved_data["hasResidual"] = residual.defined();
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list slopes) {
    BARLOW_CHECK(!torch::GradMode::is_enabled()) << "only first derivatives";
    const auto saved = context->get_saved_variables();
    const Tensor& x = saved[0];
    const Tensor slope = slopes[0].contiguous(torch::MemoryFormat::ChannelsLast);
    const bool hasResidual = context->saved_data["hasResidual"].toBool();
    const NormGradients gradients =
        x.scalar_type() == torch::kFloat64
            ? normalizeBackward<double>(
                  slope, saved[1], x, saved[2], saved[3], saved[4], hasResidual)
            : normalizeBackward<float>(
                  slope, saved[1], x, saved[2], saved[3], saved[4], hasResidual);
    return {gradients.x, gradients.weight, gradients.bias, gradients.residual, Tensor(), Tensor()};
  }
};

bool isOurs(const torch::nn::BatchNorm2d& norm, const Tensor& x, const Tensor& residual) {
  const auto fits = [&](const Tensor& tensor) {
    return tensor.is_cpu() && tensor.scalar_type() == norm->weight.scalar_type() &&
           tensor.is_contiguous(torch::MemoryFormat::ChannelsLast);
  };
  const bool isPlain = norm->weight.defined() && norm->running_mean.defined() &&
                       norm->options.momentum().has_value() &&
                       (norm->weight.scalar_type() == torch::kFloat32 ||
                        norm->weight.scalar_type() == torch::kFloat64);
  const bool isFree = norm->is_training() || !torch::GradMode::is_enabled();
  return isFree && isPlain && x.dim() == 4 && x.numel() > x.size(1) && fits(x) &&
         (!residual.defined() || (fits(residual) && residual.sizes() == x.sizes()));
}

void updateRunning(torch::nn::BatchNorm2d& norm, const Statistics& statistics, std::int64_t rows) {
  torch::NoGradGuard noGrad;
  const double momentum = *norm->options.momentum();
  const auto count = static_cast<double>(rows);
  norm->running_mean.lerp_(statistics.mean, momentum);
  norm->running_var.lerp_(statistics.variance * (count / (count - 1)), momentum);
  norm->num_batches_tracked.add_(1);
}

}  // namespace

Tensor normalize(torch::nn::BatchNorm2d& norm,
                 const Tensor& x,
                 bool hasRelu,
                 const Tensor& residual) {
  if (!isOurs(norm, x, residual)) {
    Tensor y = norm->forward(x);
    if (residual.defined()) {
      y = y.add_(residual);
    }
    return hasRelu ? y.relu_() : y;
  }
  if (!norm->is_training()) {
    const Statistics running{.mean = norm->running_mean,
                             .inverseDeviation = (norm->running_var + norm->options.eps()).rsqrt(),
                             .variance = norm->running_var};
    return normalized(x, residual, running, norm->weight, norm->bias, hasRelu);
  }
  Statistics statistics;
  {
    torch::NoGradGuard noGrad;
    statistics = x.scalar_type() == torch::kFloat64 ? measure<double>(x, norm->options.eps())
                                                    : measure<float>(x, norm->options.eps());
  }
  updateRunning(norm, statistics, rowsOf(x));
  // An undefined tensor is no input of an autograd function; an empty option is.
  const auto added = residual.defined() ? std::optional(residual) : std::nullopt;
  return FusedNorm::apply(x, norm->weight, norm->bias, added, statistics, hasRelu);
}

}  // namespace barlow
