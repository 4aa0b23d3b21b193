#include "core/training/step_tuning.h"

#include "core/models/twin_network.h"
#include "core/training/choice_store.h"
#include "core/training/estimate.h"
#include "core/training/twin_step.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

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

std::optional<StepChoice> choiceOf(const std::string& precision, const std::string& format) {
  const auto p = fromText<Precision>(precision);
  const auto f = fromText<MemoryFormat>(format);
  if (!p || !f || *p == Precision::Auto || *f == MemoryFormat::Auto) {
    return std::nullopt;
  }
  return StepChoice{*p, *f};
}

}  // namespace

StepChoice fastestChoice(const RunConfig& config, const StepTimer& time) {
  const std::array<StepChoice, 3> candidates = {{{Precision::Fp32, MemoryFormat::ChannelsLast},
                                                 {Precision::Fp32, MemoryFormat::Contiguous},
                                                 {Precision::Bf16, MemoryFormat::ChannelsLast}}};
  std::vector<StepChoice> open;
  std::copy_if(candidates.begin(),
               candidates.end(),
               std::back_inserter(open),
               [&](const StepChoice& choice) { return fits(config, choice); });
  if (open.empty()) {  // bf16 in contiguous layout: asked for, so given
    return {Precision::Bf16, MemoryFormat::Contiguous};
  }
  StepChoice best = open.front();
  if (open.size() == 1) {
    return best;
  }
  double fastest = time(best, std::numeric_limits<double>::infinity());
  double bar = kGain * fastest;
  for (std::size_t i = 1; i < open.size(); ++i) {
    const double seconds = time(open[i], fastest);
    if (seconds < bar) {
      best = open[i];
      fastest = seconds;
      bar = seconds;
    }
  }
  return best;
}

StepTimer makeStepTimer(const RunConfig& config, const torch::Device& device) {
  return [config, device](const StepChoice& choice, double limit) {
    using Clock = std::chrono::steady_clock;
    const auto format = choice.memoryFormat == MemoryFormat::ChannelsLast
                            ? torch::MemoryFormat::ChannelsLast
                            : torch::MemoryFormat::Contiguous;
    TwinNetwork network(config.model);
    initializeWeights(network, 0);
    network->to(device);
    network->train();
    setMemoryFormat(network, format);
    const std::int64_t batch = std::clamp<std::int64_t>(
        static_cast<std::int64_t>(kMeasuredWork / workPerPair(config)), 4, config.run.batchSize);
    const std::int64_t side = config.data.imageSize;
    auto generator = at::make_generator<at::CPUGeneratorImpl>(1);
    const torch::Tensor view =
        torch::randn({batch, 3, side, side}, generator).to(device).contiguous(format);
    TwinStep step(
        network,
        {.objective = config.objective,
         .precision = choice.precision == Precision::Bf16 ? torch::kBFloat16 : torch::kFloat32});
    double fastest = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 4; ++i) {  // the first warms up, and shows what is hopeless
      const auto start = Clock::now();
      const auto output = step.forward(view, view.flip(0));
      step.backward();
      // Reading a number waits for the device.
      static_cast<void>(network->parameters().front().grad().sum().item<float>());
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      if (seconds > 4 * limit) {
        return std::numeric_limits<double>::infinity();
      }
      fastest = i == 0 ? fastest : std::min(fastest, seconds);
    }
    return fastest;
  };
}

StepChoice resolveStepChoice(const RunConfig& config,
                             const torch::Device& device,
                             int threads,
                             const RunRecord* resumed,
                             const std::filesystem::path& cacheFile,
                             const std::function<void(const std::string& text)>& tell) {
  if (resumed != nullptr) {
    // Runs from before there was a choice say fp32 only.
    const std::string format =
        resumed->memoryFormat.empty() ? "channels_last" : resumed->memoryFormat;
    if (const auto kept = choiceOf(resumed->precision, format)) {
      return *kept;
    }
  }
  const StepTimer unmeasured = [](const StepChoice&, double) { return 1.0; };
  if (workPerPair(config) * config.run.batchSize < kSmallWork) {
    return fastestChoice(config, unmeasured);
  }
  const std::string key = stepKey(config, device, threads);
  MeasuredChoice known = knownChoice(cacheFile, key);
  if (const auto choice = choiceOf(known["precision"], known["memory_format"]);
      choice && fits(config, *choice)) {
    return *choice;
  }
  if (config.run.precision == Precision::Auto || config.run.memoryFormat == MemoryFormat::Auto) {
    tell("measuring once which precision and layout are fastest here");
  }
  const StepChoice choice = fastestChoice(config, makeStepTimer(config, device));
  keepChoice(cacheFile,
             key,
             {{"precision", std::string(toText(choice.precision))},
              {"memory_format", std::string(toText(choice.memoryFormat))}});
  return choice;
}

}  // namespace barlow
