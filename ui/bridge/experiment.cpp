#include "ui/bridge/experiment.h"

#include "core/params/presets.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/process_setup.h"

#include <algorithm>

namespace barlow::ui {
namespace {

bool hasGpu() {
  const auto& choices = deviceChoices();
  return std::any_of(choices.begin(), choices.end(), [](const DeviceChoice& choice) {
    return choice.name.starts_with("cuda");
  });
}

}  // namespace

Experiment::Experiment(QObject* parent) : QObject(parent) { loadPreset(presets().front().name); }

void Experiment::setConfig(const RunConfig& config) {
  if (!(config == config_)) {
    apply(config);
  }
}

void Experiment::loadPreset(const std::string& name) {
  if (const auto preset = findPreset(name)) {
    load(preset->config, QString::fromStdString(preset->name));
  }
}

void Experiment::load(const RunConfig& config, const QString& name) {
  base_ = config;
  baseName_ = name;
  apply(config);
}

void Experiment::setSource(const std::string& chosen, bool takePreset) {
  const std::string source = recognizedSource(chosen);
  if (takePreset) {
    const Preset& preset = presetForSource(source, hasGpu());
    RunConfig config = preset.config;
    config.data.source = source;
    load(config, QString::fromStdString(preset.name));
    return;
  }
  RunConfig config = config_;
  config.data.source = source;
  setConfig(config);
}

void Experiment::apply(const RunConfig& config) {
  const bool isOtherData = !(config.data == config_.data);
  config_ = config;
  problems_ = validate(config_);
  const bool isDeviceTold =
      std::any_of(problems_.begin(), problems_.end(), [](const Problem& problem) {
        return problem.key == "run.device";
      });
  if (const std::string problem = deviceProblem(config_.run.device);
      !isDeviceTold && !problem.empty()) {
    problems_.push_back({"run.device", problem});
  }
  if (isOtherData) {
    Q_EMIT sourceChanged();
  }
  Q_EMIT changed();
}

}  // namespace barlow::ui
