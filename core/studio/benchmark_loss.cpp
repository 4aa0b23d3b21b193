#include "core/base/system.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/studio/benchmark_parts.h"
#include "core/torch.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <array>

namespace barlow {
namespace {

using torch::Tensor;

Tensor noise(torch::IntArrayRef shape) {
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  return torch::randn(shape, generator);
}

// main.py's formulation in one process: the whole matrix, differentiated by autograd.
Tensor referenceLoss(const Tensor& zA, const Tensor& zB, double lambda) {
  const std::int64_t d = zA.size(1);
  const Tensor c = torch::mm(standardize(zA).t(), standardize(zB)) / zA.size(0);
  const Tensor off = c.flatten().slice(0, 0, d * d - 1).view({d - 1, d + 1}).slice(1, 1);
  return (torch::diagonal(c) - 1).pow(2).sum() + lambda * off.pow(2).sum();
}

struct Size {
  std::int64_t n;
  std::int64_t d;
};

constexpr std::array<Size, 7> kSizes = {
    {{128, 2048}, {128, 8192}, {256, 512}, {256, 2048}, {256, 8192}, {1024, 1024}, {1024, 2048}}};

void emitLoss(const BenchmarkSetting& setting, const Size& size, const std::string& method) {
  const double lambda = BarlowTwinsParams{}.lambda;
  const Tensor zA = noise({size.n, size.d}).requires_grad_();
  const Tensor zB = (0.8 * zA.detach() + 0.6 * zA.detach().roll(1, 0)).requires_grad_();
  const LossForm form = method == "direct" ? LossForm::Direct
                        : method == "gram" ? LossForm::Gram
                                           : LossForm::Auto;
  const auto work = [&] {
    zA.mutable_grad().reset();
    zB.mutable_grad().reset();
    (method == "reference" ? referenceLoss(zA, zB, lambda)
                           : barlowTwinsLoss(zA, zB, lambda, form).loss)
        .backward();
  };
  const std::uint64_t before = residentBytes();
  resetPeakResidentBytes();
  work();  // the first warm-up: its memory is what is reported
  const std::uint64_t peak = peakResidentBytes();
  const double extra = peak > before ? static_cast<double>(peak - before) / (1 << 20) : 0;
  const Timing timing = timed(setting.repetitions(25, 3), setting.stop, work);
  setting.emit(fmt::format(
      R"({{"bench":"loss","n":{},"d":{},"method":"{}","form":"{}","ms_median":{:.3f},"ms_min":{:.3f},"reps":{},"threads":{},"extra_mb":{:.1f}}})",
      size.n,
      size.d,
      method,
      method == "reference" ? "direct" : toText(chosenForm(form, size.n, size.d)),
      timing.median,
      timing.minimum,
      timing.repetitions,
      setting.threads,
      extra));
}

}  // namespace

void benchmarkLoss(const BenchmarkSetting& setting) {
  for (const Size& size : kSizes) {
    for (const char* method : {"reference", "direct", "gram", "auto"}) {
      if (setting.stop.stop_requested()) {
        return;
      }
      emitLoss(setting, size, method);
    }
  }
}

}  // namespace barlow
