#include "core/planning/step_tuning.h"

#include "core/device/accelerator.h"
#include "core/device/compute_device.h"
#include "core/params/config_io.h"
#include "core/planning/choice_store.h"
#include "core/planning/estimate.h"
#include "core/step/errors.h"
#include "core/step/training_step.h"
#include "core/step/work_timer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace barlow {
namespace {

constexpr double kGain = 0.9;        // of the plain choice's time: less is not worth other digits
constexpr double kSmallWork = 1e10;  // multiply-adds of a step: a tenth of a second
constexpr double kMeasuredWork = 2e10;  // of the steps that are timed

double workPerPair(const RunConfig& config) {
  return networkCost(config.model, config.data.imageSize).multiplyAdds * 6;
}

std::string stepKey(const RunConfig& config, const torch::Device& device, int threads) {
  std::string projector;
  for (const int width : config.model.projector) {
    projector += fmt::format("-{}", width);
  }
  return fmt::format(
      "{}|{} {} {}{}|{} px|batch {}|{} {}",
      machineKey(device, threads),
      toText(config.model.backbone),
      toText(config.model.stem),
      config.model.width,
      projector,
      config.data.imageSize,
      config.run.microBatchSize > 0 ? config.run.microBatchSize : config.run.batchSize,
      toText(config.run.precision),
      toText(config.run.memoryFormat));
}

bool fits(const RunConfig& config, const StepChoice& choice) {
  return (config.run.precision == Precision::Auto || config.run.precision == choice.precision) &&
         (config.run.memoryFormat == MemoryFormat::Auto ||
          config.run.memoryFormat == choice.memoryFormat);
}

// A CPU has no TF32: what is asked for there runs in fp32.
Precision knownTo(const torch::Device& device, Precision precision) {
  return device.is_cpu() && precision == Precision::Tf32 ? Precision::Fp32 : precision;
}

// The CPU's batch takes a fraction of a second. On an accelerator the answer depends on it: small
// ones wait for their launches, where precision gains nothing. It is not quite the run's, as
// cuDNN's plans stay for a size, and the run shall look for its own.
std::int64_t measuredBatch(const RunConfig& config, const torch::Device& device) {
  if (device.is_cpu()) {
    return std::clamp<std::int64_t>(
        static_cast<std::int64_t>(kMeasuredWork / workPerPair(config)), 4, config.run.batchSize);
  }
  const std::int64_t batch =
      config.run.microBatchSize > 0 ? config.run.microBatchSize : config.run.batchSize;
  return batch > 16 ? batch - 8 : batch + 8;
}

// Seconds that one pair of views takes in a step without the optimiser's part.
double secondsPerPair(const RunConfig& config,
                      const torch::Device& device,
                      const StepChoice& choice,
                      std::int64_t batch,
                      double limit,
                      const std::stop_token& stop) {
  constexpr int kRepetitions = 3;
  const auto format = choice.memoryFormat == MemoryFormat::ChannelsLast
                          ? torch::MemoryFormat::ChannelsLast
                          : torch::MemoryFormat::Contiguous;
  RunConfig measured = config;
  measured.run.batchSize = static_cast<int>(batch);
  // What is chosen is the network's. Another objective may want more images than these few.
  measured.objective.name = ObjectiveName::BarlowTwins;
  Learner learner(measured, objectiveSizes(measured, batch), device, format);
  const std::int64_t side = config.data.imageSize;
  auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
  const torch::Tensor viewA =
      torch::randn({batch, 3, side, side}, generator).to(device).contiguous(format);
  const torch::Tensor viewB = viewA.flip(0).contiguous(format);
  const torch::Tensor samples = torch::arange(batch, torch::kInt64).to(device);
  TrainingStep step(
      learner,
      {.precision = choice.precision == Precision::Bf16 ? torch::kBFloat16 : torch::kFloat32,
       .isTf32 = choice.precision == Precision::Tf32});
  const auto work = [&] {
    if (stop.stop_requested()) {
      throw PreparingStopped();  // what was not measured to the end is not kept
    }
    step.forward({viewA, viewB}, samples, {});
    step.backward();
  };
  return fastestTime(device, work, kRepetitions, limit * static_cast<double>(batch)) /
         static_cast<double>(batch);
}

// While it lives cuDNN takes the plans that its rules propose. To time all plans, as a run does
// with its own, takes up to 15 s for each choice, and they would differ little in this comparison.
class PlansByRule {
 public:
  PlansByRule() : wasTimed_(at::globalContext().benchmarkCuDNN()) {
    at::globalContext().setBenchmarkCuDNN(false);
  }
  ~PlansByRule() { at::globalContext().setBenchmarkCuDNN(wasTimed_); }
  PlansByRule(const PlansByRule&) = delete;
  PlansByRule& operator=(const PlansByRule&) = delete;

 private:
  bool wasTimed_;
};

std::optional<StepChoice> choiceOf(const std::string& precision, const std::string& format) {
  const auto p = fromText<Precision>(precision);
  const auto f = fromText<MemoryFormat>(format);
  if (!p || !f || *p == Precision::Auto || *f == MemoryFormat::Auto) {
    return std::nullopt;
  }
  return StepChoice{*p, *f};
}

}  // namespace

StepChoice fastestChoice(const RunConfig& config, torch::DeviceType device, const StepTimer& time) {
  const std::array<StepChoice, 4> candidates = {{{Precision::Fp32, MemoryFormat::ChannelsLast},
                                                 {Precision::Fp32, MemoryFormat::Contiguous},
                                                 {Precision::Tf32, MemoryFormat::ChannelsLast},
                                                 {Precision::Bf16, MemoryFormat::ChannelsLast}}};
  std::vector<StepChoice> open;
  std::copy_if(candidates.begin(),
               candidates.end(),
               std::back_inserter(open),
               [&](const StepChoice& choice) {
                 return fits(config, choice) &&
                        (choice.precision != Precision::Tf32 || device != torch::kCPU);
               });
  if (open.empty()) {  // contiguous with tf32 or bf16: asked for, so given
    return {config.run.precision, config.run.memoryFormat};
  }
  StepChoice best = open.front();
  if (open.size() == 1) {
    return best;
  }
  double fastest = time(best, std::numeric_limits<double>::infinity());
  for (std::size_t i = 1; i < open.size(); ++i) {
    const double seconds = time(open[i], fastest);
    if (seconds < kGain * fastest) {
      best = open[i];
      fastest = seconds;
    }
  }
  return best;
}

StepTimer makeStepTimer(const RunConfig& config,
                        const torch::Device& device,
                        const std::stop_token& stop) {
  return [config, device, stop](const StepChoice& choice, double limit) {
    const PlansByRule byRule;
    for (std::int64_t batch = measuredBatch(config, device); batch >= 2; batch /= 2) {
      std::optional<double> seconds;
      try {
        seconds = secondsPerPair(config, device, choice, batch, limit, stop);
      } catch (const c10::Error&) {
        if (!isOutOfMemory(std::current_exception())) {
          throw;
        }
        // Half of it may fit; what this try took is freed by now.
      }
      releaseDeviceMemory(device);
      if (seconds) {
        return *seconds;
      }
    }
    return std::numeric_limits<double>::infinity();
  };
}

StepChoice resolveStepChoice(const RunConfig& wanted,
                             const torch::Device& device,
                             int threads,
                             const RunRecord* resumed,
                             const std::filesystem::path& cacheFile,
                             const std::function<void(const std::string& text)>& tell,
                             const std::stop_token& stop) {
  RunConfig config = wanted;
  config.run.precision = knownTo(device, wanted.run.precision);
  if (resumed != nullptr) {
    // Runs from before there was a choice say fp32 only.
    const std::string format =
        resumed->memoryFormat.empty() ? "channels_last" : resumed->memoryFormat;
    if (const auto kept = choiceOf(resumed->precision, format)) {
      return {knownTo(device, kept->precision), kept->memoryFormat};
    }
  }
  const StepTimer unmeasured = [](const StepChoice&, double) { return 1.0; };
  if (workPerPair(config) * config.run.batchSize < kSmallWork) {
    return fastestChoice(config, device.type(), unmeasured);
  }
  const std::string key = stepKey(config, device, threads);
  MeasuredChoice known = knownChoice(cacheFile, key);
  if (const auto choice = choiceOf(known["precision"], known["memory_format"]);
      choice && fits(config, *choice)) {
    return *choice;
  }
  const bool isOpen =
      config.run.precision == Precision::Auto || config.run.memoryFormat == MemoryFormat::Auto;
  if (isOpen) {
    tell(fmt::format("measuring once which precision and layout are fastest on {}: {}",
                     device.is_cpu() ? "this processor" : acceleratorName(device),
                     device.is_cpu() ? "fp32 and bf16" : "fp32, tf32 and bf16"));
  }
  const StepChoice choice =
      fastestChoice(config, device.type(), makeStepTimer(config, device, stop));
  keepChoice(cacheFile,
             key,
             {{"precision", std::string(toText(choice.precision))},
              {"memory_format", std::string(toText(choice.memoryFormat))}});
  if (isOpen) {
    tell(fmt::format("steps run in {}, {}", toText(choice.precision), toText(choice.memoryFormat)));
  }
  return choice;
}

}  // namespace barlow
