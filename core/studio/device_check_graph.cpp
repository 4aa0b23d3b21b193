#include "core/device/compute_device.h"
#include "core/step/probe_step.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"

#include <fmt/format.h>

#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// Some steps of a network: what each gave, and the weights at the end.
struct Trace {
  Tensor losses;   // [steps] on the CPU
  Tensor weights;  // [all of them] on the CPU
  bool isRecorded = false;
  std::string problem;
};

// Other views for every step, in the same order in memory, which results follow.
Tensor rolled(const Tensor& views, int step) {
  return views.roll(step, 0).contiguous(torch::MemoryFormat::ChannelsLast);
}

constexpr int kSteps = StepGraph::kWarmUp + 9;
constexpr std::int64_t kBatch = 128;

Trace trace(const DeviceCheckSetting& setting, const std::string& precision, bool isRecorded) {
  const torch::Device device(setting.device);
  ModelParams model;
  model.projector = {512, 512, 512};
  ProbeStep probe({.model = model,
                   .objective = {},
                   .optim = {},
                   .precision = precision,
                   .isRecorded = isRecorded},
                  device,
                  kBatch);
  const ProbeViews views = probeViews(kBatch, 32, device, torch::MemoryFormat::ChannelsLast);
  std::vector<Tensor> losses;
  for (int i = 0; i < kSteps && !setting.stop.stop_requested(); ++i) {
    const double rate = 0.02 * (1 + i % 5);
    const auto output = probe.step(rolled(views.a, i), rolled(views.b, i), rate);
    losses.push_back(output.loss.clone());  // a recorded step writes over it
  }
  Trace result{.isRecorded = probe.isRecorded(), .problem = probe.problem()};
  std::vector<Tensor> weights;
  for (const Tensor& parameter : probe.network()->parameters()) {
    weights.push_back(parameter.detach().flatten());
  }
  result.losses = torch::stack(losses).cpu();
  result.weights = torch::cat(weights).cpu();
  return result;
}

std::int64_t unequal(const Tensor& a, const Tensor& b) {
  return (a != b).sum().item<std::int64_t>();
}

std::int64_t firstUnequalStep(const Trace& a, const Trace& b) {  // 0: none
  const Tensor places = (a.losses != b.losses).nonzero();
  return places.numel() > 0 ? places[0].item<std::int64_t>() + 1 : 0;
}

struct Compared {
  bool isEqual = false;
  std::string problem;  // where it is not
};

// Also compared: the plain steps with themselves, which tells where a difference comes from.
Compared compare(const DeviceCheckSetting& setting,
                 const std::string& precision,
                 DeviceCheckResult& result) {
  const Trace plain = trace(setting, precision, /*isRecorded=*/false);
  const Trace again = trace(setting, precision, /*isRecorded=*/false);
  const Trace recorded = trace(setting, precision, /*isRecorded=*/true);
  if (!recorded.isRecorded) {
    return {.problem =
                fmt::format("{}: the step could not be recorded: {}", precision, recorded.problem)};
  }
  const std::int64_t different = unequal(plain.weights, recorded.weights);
  const std::int64_t step = firstUnequalStep(plain, recorded);
  const auto add = [&](const char* name, auto value) {
    result.figures.push_back({precision + name, value});
  };
  add("_unequal_weights", different);
  add("_first_unequal_step", step);
  add("_greatest_difference", (plain.weights - recorded.weights).abs().max().item<double>());
  add("_unequal_when_repeated", unequal(plain.weights, again.weights));
  if (different == 0 && step == 0) {
    return {.isEqual = true};
  }
  return {.problem =
              fmt::format("{}: {} of {} weights differ after {} steps, the loss from step {}",
                          precision,
                          different,
                          plain.weights.numel(),
                          kSteps,
                          step)};
}

}  // namespace

DeviceCheckResult checkRecordedStep(DeviceCheckSetting& setting) {
  const torch::Device device(setting.device);
  if (!makeGraphRecorder(device)) {
    return skippedCheck(setting.isCuda() ? "this program was built without CUDA's headers, so that "
                                           "run.step_graph does nothing"
                                         : "steps are recorded on a CUDA device only");
  }
  setArithmetic(device, true);
  DeviceCheckResult result{.figures = {{"steps", std::int64_t{kSteps}},
                                       {"replayed", std::int64_t{kSteps - StepGraph::kWarmUp}}}};
  std::string problems;
  for (const char* precision : {"fp32", "bf16"}) {
    const Compared compared = compare(setting, precision, result);
    if (setting.stop.stop_requested()) {
      return result;
    }
    if (!compared.isEqual) {
      problems += (problems.empty() ? "" : "; ") + compared.problem;
    }
  }
  setPassed(result,
            problems.empty(),
            problems.empty() ? "recorded steps give the bytes of steps that are launched one by one"
                             : problems);
  return result;
}

}  // namespace barlow
