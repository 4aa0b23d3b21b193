#include "core/base/error.h"
#include "core/base/text.h"
#include "core/device/compute_device.h"
#include "core/evaluation/classification.h"
#include "core/evaluation/feature_cache.h"
#include "core/evaluation/label_subset.h"
#include "core/evaluation/subject.h"
#include "core/evaluation/supervised_training.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>

namespace barlow {
namespace {

SupervisedOptions supervisedOptions(const EvaluationJob& job, const Subject& subject) {
  SupervisedOptions options{.isProjected = job.request.part == ModelPart::Projector,
                            .classes = static_cast<int>(subject.bank().classNames().size()),
                            .seed = job.request.seed};
  if (job.request.probe == ProbeKind::FineTune) {  // evaluate.py --weights finetune, its README
    options.epochs = 20;
    options.classifierRate = 0.5;
    options.backboneRate = 0.005;
  } else if (job.request.preset == LinearPreset::Official) {  // evaluate.py
    options.weightDecay = 1e-6;
  } else if (job.request.preset == LinearPreset::Solo) {  // scripts/linear/*: cifar has 0.1
    options.classifierRate = 0.1;
    options.schedule = RateSchedule::Steps;
  } else {  // benchmarks/imagenet/resnet50/linear_eval.py: 0.1 per 256
    options.epochs = 90;
    options.classifierRate = 0.1;
    options.schedule = RateSchedule::CosineByStep;
  }
  if (job.request.epochs > 0) {
    options.epochs = job.request.epochs;
  }
  return options;
}

void describe(EvaluationJob& job, const SupervisedOptions& options, bool isTuned) {
  const std::string schedule = options.schedule == RateSchedule::Steps ? "steps"
                               : options.schedule == RateSchedule::CosineByStep
                                   ? "cosine, every step"
                                   : "cosine, every epoch";
  if (isTuned) {
    job.report.protocol = FineTuneProtocol{.schedule = schedule,
                                           .epochs = options.epochs,
                                           .batchSize = options.batchSize,
                                           .backboneLearningRate = options.backboneRate,
                                           .classifierLearningRate = options.classifierRate,
                                           .momentum = options.momentum,
                                           .weightDecay = options.weightDecay,
                                           .labels = shareText(job.request.labels)};
    return;
  }
  job.report.protocol = LinearProtocol{.preset = std::string(toText(job.request.preset)),
                                       .optimizer = "sgd",
                                       .augmentation = "crop-flip",
                                       .schedule = schedule,
                                       .epochs = options.epochs,
                                       .batchSize = options.batchSize,
                                       .learningRate = options.classifierRate,
                                       .momentum = options.momentum,
                                       .weightDecay = options.weightDecay,
                                       .labels = shareText(job.request.labels)};
}

// One for each probe of a checkpoint: asked for in another way it begins anew, and takes its place.
LearningProgress progressOf(const EvaluationJob& job, const Subject& subject) {
  if (!job.request.isKept || job.run.empty()) {
    return {};
  }
  EvaluationReport asked = job.report;
  asked.model.path.clear();  // a run can be named in several ways
  asked.notes.clear();
  const OpenedDataset& data = subject.data();
  return {
      .file = job.run / "evaluations" /
              fmt::format("{}-{}.unfinished", asked.probe, asked.model.checkpoint),
      .key = fmt::format("learning 1; {}; {}; {}; {}; {}",
                         toJson(asked),
                         contentOf(subject.bank(), data.fingerprint),
                         contentOf(subject.queries(), data.heldOutFingerprint),
                         resolveDevice(job.request.device).device.is_cpu() ? "cpu" : "accelerator",
                         TORCH_VERSION)};
}

}  // namespace

bool judgeLearning(EvaluationJob& job, const Subject& subject) {
  const bool isTuned = job.request.probe == ProbeKind::FineTune;
  if (isTuned && job.request.part == ModelPart::Projector) {
    throw Exception("Fine-tuning is of the backbone; leave --part out.");
  }
  const Dataset& bank = subject.bank();
  const Dataset& queries = subject.queries();
  const auto labelsOf = [](const Dataset& dataset) {
    std::vector<std::int64_t> labels;
    for (std::int64_t i = 0; i < dataset.size(); ++i) {
      labels.push_back(dataset.label(i));
    }
    return labels;
  };
  const std::vector<std::int64_t> labels = labelsOf(bank);
  requireKnownClasses(job, subject, labels, labelsOf(queries));
  SupervisedOptions options = supervisedOptions(job, subject);
  const LabelledImages train{&bank, chooseLabels(job, subject, labels, allIndices(bank))};
  describe(job, options, isTuned);
  options.progress = progressOf(job, subject);
  job.unfinished = options.progress.file;
  job.say(fmt::format("{} {} on {}",
                      isTuned ? "fine-tuning for" : "a linear classifier learns for",
                      counted(options.epochs, "epoch"),
                      counted(static_cast<std::int64_t>(train.indices.size()), "image")));
  const auto result = trainSupervised(subject.model(),
                                      train,
                                      {&queries, allIndices(queries)},
                                      options,
                                      job.control.stop,
                                      job.stage(0, 1),
                                      [&job](const std::string& line) { job.say(line); });
  if (!result) {
    return false;
  }
  noteUnread(job, static_cast<std::int64_t>(train.indices.size()) - result->trained);
  noteUnread(job, queries.size() - static_cast<std::int64_t>(result->labels.size()));
  fillClassification(job.report, result->ranked, result->labels, bank.classNames());
  const auto best = std::max_element(result->top1.begin(), result->top1.end());
  job.report.metrics.push_back(
      {"best_top1",
       "Best top-1 of all epochs",
       *best,
       "What papers often quote; chosen by the images it is measured on."});
  job.report.metrics.push_back({"best_epoch",
                                "Its epoch",
                                static_cast<double>(best - result->top1.begin() + 1),
                                "The epoch of the best top-1, counted from 1."});
  job.report.data.bankSize = result->trained;
  job.report.data.queries = static_cast<std::int64_t>(result->labels.size());
  if (!isTuned) {
    job.head = std::make_shared<LinearHead>(result->head);
  }
  return true;
}

}  // namespace barlow
