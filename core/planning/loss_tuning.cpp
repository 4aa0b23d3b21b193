#include "core/planning/loss_tuning.h"

#include "core/device/compute_device.h"
#include "core/objectives/barlow_twins_loss.h"
#include "core/planning/choice_store.h"
#include "core/step/work_timer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace barlow {
namespace {

constexpr double kGain = 0.9;       // of the usual form's time: less is not worth other digits
constexpr double kSmallWork = 5e8;  // operations of a loss: some milliseconds of a step
constexpr int kRepetitions = 4;

// Whether the sizes leave open which form is faster: the direct one makes 6 N D^2 operations, the
// Gram form 8 N^2 D, but not at the same speed.
bool isOpen(double n, double d) {
  const double direct = 6 * n * d * d;
  const double gram = 8 * n * n * d;
  return std::min(direct, gram) > kSmallWork && direct < 3 * gram && gram < 3 * direct;
}

}  // namespace

LossTimer makeLossTimer(const RunConfig& config, const torch::Device& device) {
  return [config, device](LossForm form) {
    BarlowTwinsParams objective = config.objective.barlowTwins;
    objective.form = form;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
    const torch::Tensor z =
        torch::randn({config.run.batchSize, config.model.projector.back()}, generator).to(device);
    const torch::Tensor zA = z.detach().requires_grad_();
    const torch::Tensor zB = z.flip(0).requires_grad_();
    return fastestTime(
        device,
        [&] { barlowTwinsLoss(zA, zB, objective).loss.backward(); },
        kRepetitions,
        std::numeric_limits<double>::infinity());
  };
}

LossForm fasterForm(LossForm usual, const LossTimer& time) {
  const LossForm other = usual == LossForm::Gram ? LossForm::Direct : LossForm::Gram;
  const double bar = kGain * time(usual);
  return time(other) < bar ? other : usual;
}

LossForm resolveLossForm(const RunConfig& config,
                         const torch::Device& device,
                         int threads,
                         const RunRecord* resumed,
                         const std::filesystem::path& cacheFile) {
  const LossForm asked = config.objective.barlowTwins.form;
  const std::int64_t n = config.run.batchSize;
  const std::int64_t d = config.model.projector.back();
  if (asked != LossForm::Auto) {
    return asked;
  }
  const LossForm usual = chosenForm(LossForm::Auto, n, d);
  if (config.objective.name != ObjectiveName::BarlowTwins) {
    return usual;  // another loss has no forms
  }
  if (resumed != nullptr) {
    // Runs from before it was measured took the usual one.
    const auto kept = fromText<LossForm>(resumed->lossForm);
    return kept && *kept != LossForm::Auto ? *kept : usual;
  }
  if (!isOpen(static_cast<double>(n), static_cast<double>(d))) {
    return usual;
  }
  const std::string key = fmt::format("{}|loss of {} x {}|{}",
                                      machineKey(device, threads),
                                      n,
                                      d,
                                      toText(config.objective.barlowTwins.standardization));
  const auto known = fromText<LossForm>(knownChoice(cacheFile, key)["form"]);
  if (known && *known != LossForm::Auto) {
    return *known;
  }
  const LossForm form = fasterForm(usual, makeLossTimer(config, device));
  releaseDeviceMemory(device);
  keepChoice(cacheFile, key, {{"form", std::string(toText(form))}});
  return form;
}

}  // namespace barlow
