#include "core/files/tensor_files.h"
#include "core/runs/checkpoint_store.h"
#include "core/runs/run_folder.h"
#include "core/step/errors.h"
#include "core/studio/device_check_parts.h"
#include "core/torch.h"
#include "core/training/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

// Checks that train: whole runs of a few steps, in a folder that is thrown away.
namespace barlow {

RunConfig shortRunConfig(const DeviceCheckSetting& setting, int steps) {
  RunConfig config;
  config.data.limit = 1024;
  config.model.backbone = setting.isCpu() ? Backbone::Tiny : Backbone::ResNet18;
  config.model.width = 16;
  config.model.projector = {128, 128};
  config.objective.barlowTwins.form = LossForm::Direct;
  config.evaluate.everyEpochs = 0;
  config.run.device = setting.device;
  config.run.batchSize = setting.isCpu() ? 32 : 64;
  config.run.epochs = 100;
  config.run.maxSteps = steps;
  config.run.precision = Precision::Fp32;
  config.run.memoryFormat = MemoryFormat::ChannelsLast;
  config.run.loaderWorkers = setting.isCpu() ? 1 : 2;
  config.run.deterministic = true;
  config.run.matrixMoments = 0;
  return config;
}

namespace {

namespace fs = std::filesystem;

struct ShortRun {
  std::vector<MetricPoint> metrics;
  std::int64_t divergedAt = 0;  // 0: it did not
};

// Until its end, until `stopAt` steps are made (0: no limit), or until its loss is not finite.
ShortRun train(RunRequest request, const std::stop_token& stop, std::int64_t stopAt = 0) {
  const auto trainer = makeTrainer(std::move(request));
  trainer->prepare(stop, [](SessionEvent) {});
  ShortRun run;
  const auto keep = [&](const std::vector<MetricPoint>& points) {
    run.metrics.insert(run.metrics.end(), points.begin(), points.end());
  };
  try {
    for (std::int64_t i = 0; !trainer->isDone() && !stop.stop_requested(); ++i) {
      if (stopAt > 0 && i >= stopAt) {
        break;
      }
      keep(trainer->step(stop));
    }
    keep(trainer->settle());
  } catch (const NonFiniteLoss& loss) {
    run.divergedAt = loss.step();
    trainer->finish(RunEnd::Failed, loss.info());
    return run;
  }
  trainer->checkpointNow();
  trainer->finish(trainer->isDone() ? RunEnd::Finished : RunEnd::Stopped, {});
  return run;
}

RunRequest fresh(const fs::path& folder, const RunConfig& config, std::optional<int> lag = {}) {
  RunRequest request;
  request.config = config;
  request.folder = folder;
  request.metricLag = lag;
  return request;
}

bool isSame(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool isSame(const MetricPoint& a, const MetricPoint& b) {
  return a.step == b.step && a.epoch == b.epoch && isSame(a.loss, b.loss) &&
         isSame(a.learningRate, b.learningRate) &&
         std::equal(a.terms.begin(),
                    a.terms.end(),
                    b.terms.begin(),
                    b.terms.end(),
                    [](double left, double right) { return isSame(left, right); });
}

// Numbers of the newest checkpoint, network and optimiser, that differ between two runs.
struct WeightDifference {
  std::int64_t numbers = 0;
  std::int64_t unequal = 0;
};

WeightDifference compareWeights(const fs::path& left, const fs::path& right) {
  WeightDifference result;
  for (const char* file : {"model.safetensors", "optimizer.safetensors"}) {
    const auto read = [&](const fs::path& run) {
      const CheckpointStore store(run / "checkpoints");
      const auto steps = store.steps();
      if (steps.empty()) {
        throw Exception(fmt::format("The run in {} has written no checkpoint.", run.string()));
      }
      return readSafetensors(store.folder(steps.front()) / file);
    };
    const NamedTensors a = read(left);
    const NamedTensors b = read(right);
    if (a.size() != b.size()) {
      throw Exception("Two runs of the same network wrote different sets of tensors.");
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
      result.numbers += a[i].second.numel();
      result.unequal += (a[i].second != b[i].second).sum().item<std::int64_t>();
    }
  }
  return result;
}

std::vector<Precision> repeatedPrecisions(const DeviceCheckSetting& setting) {
  return setting.isCpu() ? std::vector{Precision::Fp32}
                         : std::vector{Precision::Fp32, Precision::Bf16};
}

}  // namespace

DeviceCheckResult checkLateMetrics(DeviceCheckSetting& setting) {
  const int steps = setting.isQuick ? 8 : 20;
  const RunConfig config = shortRunConfig(setting, steps);
  const ShortRun atOnce = train(fresh(setting.folder / "at-once", config, 0), setting.stop);
  const ShortRun late = train(fresh(setting.folder / "late", config, 2), setting.stop);
  std::int64_t unequal = 0;
  for (std::size_t i = 0; i < atOnce.metrics.size() && i < late.metrics.size(); ++i) {
    unequal += isSame(atOnce.metrics[i], late.metrics[i]) ? 0 : 1;
  }
  const auto read = static_cast<std::int64_t>(late.metrics.size());
  DeviceCheckResult result{
      .figures = {{"steps", std::int64_t{steps}}, {"rows", read}, {"unequal_rows", unequal}}};
  const bool isPassed =
      unequal == 0 && read == steps && atOnce.metrics.size() == late.metrics.size();
  setPassed(result,
            isPassed,
            isPassed ? fmt::format("the numbers of {} steps, read two steps later, are those read "
                                   "at once",
                                   steps)
                     : fmt::format("{} of {} rows differ ({} expected)", unequal, read, steps));
  return result;
}

DeviceCheckResult checkResume(DeviceCheckSetting& setting) {
  const int steps = setting.isQuick ? 8 : 12;
  DeviceCheckResult result{.figures = {{"steps", std::int64_t{steps}}}};
  bool isPassed = true;
  std::string text;
  for (const Precision precision : repeatedPrecisions(setting)) {
    const std::string name(toText(precision));
    RunConfig config = shortRunConfig(setting, steps);
    config.run.precision = precision;
    const fs::path whole = setting.folder / (name + "-whole");
    const fs::path again = setting.folder / (name + "-again");
    const fs::path parts = setting.folder / (name + "-parts");
    train(fresh(whole, config), setting.stop);
    train(fresh(again, config), setting.stop);
    train(fresh(parts, config), setting.stop, steps / 2);
    RunRequest rest;
    rest.mode = RunRequest::Mode::Resume;
    rest.folder = parts;
    train(std::move(rest), setting.stop);
    if (setting.stop.stop_requested()) {
      return result;
    }
    const WeightDifference repeated = compareWeights(whole, again);
    const WeightDifference resumed = compareWeights(whole, parts);
    result.figures.push_back({name + "_numbers", repeated.numbers});
    result.figures.push_back({name + "_unequal_when_repeated", repeated.unequal});
    result.figures.push_back({name + "_unequal_when_resumed", resumed.unequal});
    isPassed = isPassed && repeated.unequal == 0 && resumed.unequal == 0;
    text += fmt::format("{}{}: {} and {} of {} numbers differ when repeated and when resumed",
                        text.empty() ? "" : "; ",
                        name,
                        repeated.unequal,
                        resumed.unequal,
                        repeated.numbers);
  }
  setPassed(result,
            isPassed,
            isPassed ? std::string("with run.deterministic a run repeats itself to the bit, also "
                                   "when it was stopped and resumed")
                     : text);
  return result;
}

DeviceCheckResult checkNotFinite(DeviceCheckSetting& setting) {
  RunConfig config = shortRunConfig(setting, 60);
  config.run.batchSize = 32;
  config.optim.name = OptimizerName::Sgd;
  config.optim.warmupEpochs = 0;
  // Every step multiplies the weights by about 1 - 12.5: soon nothing is finite.
  config.optim.baseLearningRate = 100;
  config.optim.weightDecay = 1;
  DeviceCheckResult result;
  // Where it happens depends on the last digits, and so on the device; but not on when it is seen.
  std::int64_t expected = 0;
  bool isPassed = true;
  for (const int lag : {0, 2}) {
    const fs::path folder = setting.folder / fmt::format("diverges-{}", lag);
    const ShortRun run = train(fresh(folder, config, lag), setting.stop);
    if (setting.stop.stop_requested()) {
      return result;
    }
    const std::int64_t recorded = readRunRecord(folder).steps;
    result.figures.push_back({fmt::format("step_read_{}_later", lag), run.divergedAt});
    result.figures.push_back({fmt::format("kept_steps_read_{}_later", lag), recorded});
    expected = lag == 0 ? run.divergedAt : expected;
    isPassed = isPassed && expected > 0 && run.divergedAt == expected && recorded == expected - 1;
  }
  setPassed(result,
            isPassed,
            isPassed ? fmt::format("a run that diverges stops at step {}, also where that is seen "
                                   "two steps later, and keeps the {} before it",
                                   expected,
                                   expected - 1)
                     : std::string("a run that diverges does not stop at the step that did it"));
  return result;
}

}  // namespace barlow
