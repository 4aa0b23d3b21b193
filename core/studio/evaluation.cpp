#include "core/studio/evaluation.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/sha256.h"
#include "core/base/stopped.h"
#include "core/base/system.h"
#include "core/device/compute_device.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/classification.h"
#include "core/evaluation/knn_probe.h"
#include "core/evaluation/label_subset.h"
#include "core/evaluation/subject.h"
#include "core/evaluation/supervised_training.h"
#include "core/evaluation/unlabelled_probe.h"
#include "core/files/tensor_files.h"
#include "core/runs/checkpoint_store.h"
#include "core/studio/dataset_browser.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

namespace barlow {
namespace {

namespace fs = std::filesystem;

std::string_view splitName(const std::string& split) {
  return split == "val" ? "validation" : split;
}

// Gives back what LibTorch keeps of a device's memory, when all tensors are gone. Not beside a
// training, which would wait.
struct DeviceMemory {
  torch::Device device;
  ~DeviceMemory() { releaseDeviceMemory(device); }
};

// A file of weights may lie where nothing can be written.
fs::path evaluationsOfFile(const std::string& sha256) {
  return userDataFolder() / "evaluations" / sha256.substr(0, 16);
}

// One evaluation from request to report.
class Evaluation {
 public:
  Evaluation(const EvaluationRequest& request,
             const JobControl& control,
             const std::function<void(const std::string&)>& tell)
      : request_(request), control_(control), tell_(tell) {}

  // Nothing when stopped.
  std::optional<EvaluationReport> run() {
    const auto start = std::chrono::steady_clock::now();
    const ResolvedDevice device = resolveDevice(request_.device);
    say(fmt::format("opening {}", request_.model.string()));
    subject_.emplace(subjectRequest(), device.device, control_.stop);
    report_.probe = toText(request_.probe);
    report_.seed = request_.seed;
    report_.model = subject_->describedModel();
    report_.data = subject_->describedData();
    report_.notes = subject_->notes();
    if (!device.warning.empty()) {
      report_.notes.push_back(device.warning);
    }
    if (!measure() || control_.stop.stop_requested()) {
      return std::nullopt;
    }
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    report_.time = utcNow();
    if (request_.isKept) {
      const ModelOrigin& origin = subject_->model().origin;
      write(origin.run.empty() ? evaluationsOfFile(origin.weights) : origin.run / "evaluations");
    }
    advance(1);
    return report_;
  }

 private:
  Subject::Request subjectRequest() const {
    return {.model = request_.model,
            .source = request_.data.empty() ? "" : recognizedSource(request_.data),
            .wanted = wantedSplit(request_.split),
            .isProjected = request_.part == ModelPart::Projector,
            .cache = request_.isKept ? userCacheFolder() / "features" : fs::path(),
            .imageCache = userCacheFolder() / "images"};
  }

  void say(const std::string& line) const {
    if (tell_) {
      tell_(line);
    }
  }
  // Progress never falls, also where a stage finds that there is nothing to do.
  void advance(double share) {
    done_ = std::clamp(share, done_, 1.0);
    if (control_.progress) {
      control_.progress(done_);
    }
  }
  std::function<void(double)> stage(double from, double to) {
    return [this, from, to](double share) { advance(from + (to - from) * share); };
  }

  bool measure() {
    if (request_.probe == ProbeKind::Unlabelled) {
      return measureUnlabelled();
    }
    requireLabels();
    const bool isLearning =
        request_.probe == ProbeKind::FineTune ||
        (request_.probe == ProbeKind::Linear && request_.preset != LinearPreset::Lbfgs);
    return isLearning ? learn() : measureFeatures();
  }

  void requireLabels() const {
    const OpenedDataset& data = subject_->data();
    const std::string& source = report_.data.source;
    if (!data.train->hasLabels()) {
      throw Exception(
          fmt::format("{} has no classes (a folder for each), and the probe {} needs "
                      "them; --probe unlabelled does without, and --data names other "
                      "images.",
                      source,
                      report_.probe));
    }
    if (!data.heldOut && request_.split == "train") {
      throw Exception(
          "The images of train are what the probe learns from; judge by --split test, "
          "--split validation, or leave it out.");
    }
    if (!data.heldOut) {
      throw Exception(
          fmt::format("{} has too few images ({}) to hold some out, and no split for test or "
                      "validation: there is nothing to judge by.",
                      source,
                      data.train->size()));
    }
    if (!data.heldOut->hasLabels()) {
      throw Exception(fmt::format("The images for {} in {} have no classes to be judged by.",
                                  splitName(data.heldOutSplit),
                                  source));
    }
  }

  // A classifier cannot know what it has never seen.
  void requireKnownClasses(const std::vector<std::int64_t>& bank,
                           const std::vector<std::int64_t>& queries) {
    const std::vector<std::string>& classes = subject_->bank().classNames();
    const std::set<std::int64_t> known(bank.begin(), bank.end());
    const std::set<std::int64_t> asked(queries.begin(), queries.end());
    const auto listed = [&](const std::set<std::int64_t>& some,
                            const std::set<std::int64_t>& other) {
      std::string text;
      int count = 0;
      for (const std::int64_t label : some) {
        if (!other.contains(label) && ++count <= 3) {
          text += (text.empty() ? "" : ", ") + classes[static_cast<std::size_t>(label)];
        }
      }
      return count > 3 ? fmt::format("{} and {} more", text, count - 3) : text;
    };
    if (const std::string unknown = listed(asked, known); !unknown.empty()) {
      throw Exception(fmt::format(
          "The images for {} in {} have classes that no training image has ({}): nothing can be "
          "learnt about them. Give both splits the same classes.",
          splitName(report_.data.split),
          report_.data.source,
          unknown));
    }
    if (const std::string unasked = listed(known, asked); !unasked.empty()) {
      report_.notes.push_back(
          fmt::format("No image is judged of the classes {}: the splits differ.", unasked));
    }
    if (known.size() == bank.size()) {
      report_.notes.push_back("There is one training image of each class: the answer says little.");
    }
  }

  void noteUnread(const Representations& read, const Dataset& all) {
    if (const auto missing = all.size() - static_cast<std::int64_t>(read.indices.size());
        missing > 0) {
      report_.notes.push_back(fmt::format(
          "{} images cannot be read and are left out; `barlow data check` says why for each.",
          missing));
    }
  }

  bool measureFeatures() {
    const std::string part(toText(request_.part));
    say(fmt::format("{} features of {} training images", part, subject_->bank().size()));
    auto bank = subject_->features(false, control_.stop, stage(0, 0.6));
    if (!bank) {
      return false;
    }
    say(fmt::format("{} features of {} images to judge", part, subject_->queries().size()));
    const auto queries = subject_->features(true, control_.stop, stage(0.6, 0.75));
    if (!queries) {
      return false;
    }
    requireKnownClasses(bank->labels, queries->labels);
    noteUnread(*bank, subject_->bank());
    noteUnread(*queries, subject_->queries());
    report_.data.queries = queries->features.size(0);
    return request_.probe == ProbeKind::Knn ? askNeighbours(*bank, *queries)
                                            : fitLinear(std::move(*bank), *queries);
  }

  bool askNeighbours(const Representations& bank, const Representations& queries) {
    say("asking the neighbours");
    const std::vector<std::string>& classes = subject_->bank().classNames();
    const torch::Tensor ranked =
        classifyByNeighbours(bank,
                             queries.features,
                             static_cast<int>(classes.size()),
                             {.k = request_.k,
                              .temperature = request_.temperature,
                              .isEuclidean = request_.metric == KnnMetric::Euclidean,
                              .isPlain = request_.vote == KnnVote::Plain},
                             control_.stop,
                             stage(0.75, 1));
    if (!ranked.defined()) {
      return false;
    }
    fillClassification(report_, ranked, queries.labels, classes);
    report_.data.bankSize = bank.features.size(0);
    report_.protocol = KnnProtocol{
        .k = static_cast<int>(std::min<std::int64_t>(request_.k, bank.features.size(0))),
        .temperature = request_.temperature,
        .metric = std::string(toText(request_.metric)),
        .vote = std::string(toText(request_.vote))};
    return true;
  }

  // Keeps the chosen ones of those that were read.
  std::vector<std::int64_t> chooseLabels(const std::vector<std::int64_t>& labels,
                                         const std::vector<std::int64_t>& indices) {
    const std::vector<std::int64_t> chosen =
        labelSubset(labels, request_.labels, request_.seed, report_.data.source);
    if (request_.labels < 1) {
      for (const std::int64_t position : chosen) {
        subset_ += subject_->bank().name(indices[static_cast<std::size_t>(position)]) + "\n";
      }
    }
    return chosen;
  }

  bool fitLinear(Representations bank, const Representations& queries) {
    const std::vector<std::string>& classes = subject_->bank().classNames();
    const std::vector<std::int64_t> chosen = chooseLabels(bank.labels, bank.indices);
    if (chosen.size() < bank.labels.size()) {
      std::vector<std::int64_t> labels;
      for (const std::int64_t position : chosen) {
        labels.push_back(bank.labels[static_cast<std::size_t>(position)]);
      }
      bank.features = bank.features.index_select(
          0, torch::tensor(chosen, torch::kInt64).to(bank.features.device()));
      bank.labels = std::move(labels);
    }
    say(fmt::format("fitting a linear classifier to {} images", bank.labels.size()));
    const double l2 = 1.0 / static_cast<double>(bank.labels.size());  // C = 1
    LogisticOptions options{.classes = static_cast<int>(classes.size()), .l2 = l2};
    if (request_.epochs > 0) {
      options.mostIterations = request_.epochs;
    }
    const auto fit =
        fitLogistic(bank.features, bank.labels, options, control_.stop, stage(0.75, 1));
    if (!fit) {
      return false;
    }
    if (!fit->hasConverged) {
      report_.notes.push_back(
          fmt::format("The classifier had not settled after {} iterations.", fit->iterations));
    }
    head_ = fit->head;
    fillClassification(report_, rankedByHead(fit->head, queries.features), queries.labels, classes);
    report_.metrics.push_back(
        {"train_top1",
         "Top-1 of the training images",
         accuracyOf(rankedByHead(fit->head, bank.features), bank.labels).top1,
         "Of the images that the classifier was fitted to: far above top-1 means that it learnt "
         "them by heart."});
    report_.data.bankSize = bank.features.size(0);
    report_.protocol = LinearProtocol{.preset = std::string(toText(LinearPreset::Lbfgs)),
                                      .optimizer = "lbfgs",
                                      .augmentation = "none",
                                      .epochs = fit->iterations,
                                      .weightDecay = l2,
                                      .labels = shareText(request_.labels)};
    return true;
  }

  SupervisedOptions supervisedOptions() const {
    SupervisedOptions options{.isProjected = request_.part == ModelPart::Projector,
                              .classes = static_cast<int>(subject_->bank().classNames().size()),
                              .seed = request_.seed};
    if (request_.probe == ProbeKind::FineTune) {  // evaluate.py --weights finetune, its README
      options.epochs = 20;
      options.classifierRate = 0.5;
      options.backboneRate = 0.005;
    } else if (request_.preset == LinearPreset::Official) {  // evaluate.py
      options.weightDecay = 1e-6;
    } else if (request_.preset == LinearPreset::Solo) {  // scripts/linear/*: cifar has 0.1
      options.classifierRate = 0.1;
      options.schedule = RateSchedule::Steps;
    } else {  // benchmarks/imagenet/resnet50/linear_eval.py: 0.1 per 256
      options.epochs = 90;
      options.classifierRate = 0.1;
      options.schedule = RateSchedule::CosineByStep;
    }
    if (request_.epochs > 0) {
      options.epochs = request_.epochs;
    }
    return options;
  }

  bool learn() {
    const bool isTuned = request_.probe == ProbeKind::FineTune;
    if (isTuned && request_.part == ModelPart::Projector) {
      throw Exception("Fine-tuning is of the backbone; leave --part out.");
    }
    const Dataset& bank = subject_->bank();
    const Dataset& queries = subject_->queries();
    const auto labelsOf = [](const Dataset& dataset) {
      std::vector<std::int64_t> labels;
      for (std::int64_t i = 0; i < dataset.size(); ++i) {
        labels.push_back(dataset.label(i));
      }
      return labels;
    };
    const std::vector<std::int64_t> labels = labelsOf(bank);
    requireKnownClasses(labels, labelsOf(queries));
    const SupervisedOptions options = supervisedOptions();
    const LabelledImages train{&bank, chooseLabels(labels, allIndices(bank))};
    say(fmt::format("{} {} epochs on {} images",
                    isTuned ? "fine-tuning for" : "a linear classifier learns for",
                    options.epochs,
                    train.indices.size()));
    const auto result = trainSupervised(subject_->model(),
                                        train,
                                        {&queries, allIndices(queries)},
                                        options,
                                        control_.stop,
                                        stage(0, 1),
                                        [this](const std::string& line) { say(line); });
    if (!result) {
      return false;
    }
    fillClassification(report_, result->ranked, result->labels, bank.classNames());
    const auto best = std::max_element(result->top1.begin(), result->top1.end());
    report_.metrics.push_back({"best_top1",
                               "Best top-1 of all epochs",
                               *best,
                               "What papers often quote; chosen by the images it is measured on."});
    report_.metrics.push_back({"best_epoch",
                               "Its epoch",
                               static_cast<double>(best - result->top1.begin() + 1),
                               "The epoch of the best top-1, counted from 1."});
    report_.data.bankSize = static_cast<std::int64_t>(train.indices.size());
    report_.data.queries = static_cast<std::int64_t>(result->labels.size());
    describe(options, isTuned);
    if (!isTuned) {
      head_ = result->head;
    }
    return true;
  }

  void describe(const SupervisedOptions& options, bool isTuned) {
    const std::string schedule = options.schedule == RateSchedule::Steps ? "steps"
                                 : options.schedule == RateSchedule::CosineByStep
                                     ? "cosine, every step"
                                     : "cosine, every epoch";
    if (isTuned) {
      report_.protocol = FineTuneProtocol{.schedule = schedule,
                                          .epochs = options.epochs,
                                          .batchSize = options.batchSize,
                                          .backboneLearningRate = options.backboneRate,
                                          .classifierLearningRate = options.classifierRate,
                                          .momentum = options.momentum,
                                          .weightDecay = options.weightDecay,
                                          .labels = shareText(request_.labels)};
      return;
    }
    report_.protocol = LinearProtocol{.preset = std::string(toText(request_.preset)),
                                      .optimizer = "sgd",
                                      .augmentation = "crop-flip",
                                      .schedule = schedule,
                                      .epochs = options.epochs,
                                      .batchSize = options.batchSize,
                                      .learningRate = options.classifierRate,
                                      .momentum = options.momentum,
                                      .weightDecay = options.weightDecay,
                                      .labels = shareText(request_.labels)};
  }

  bool measureUnlabelled() {
    const OpenedDataset& data = subject_->data();
    const bool areHeldOut = data.heldOut != nullptr;
    const Dataset& images = areHeldOut ? *data.heldOut : *data.train;
    UnlabelledOptions options{.isProjected = request_.part == ModelPart::Projector,
                              .seed = request_.seed};
    if (request_.images > 0) {
      options.images = request_.images;
    }
    say(fmt::format("{} views of each of {} images",
                    options.views,
                    std::min<std::int64_t>(options.images, images.size())));
    const auto result =
        probeWithoutLabels(subject_->model(), images, options, control_.stop, stage(0, 1));
    if (!result) {
      return false;
    }
    report_.metrics = result->metrics;
    report_.data.split = areHeldOut ? data.heldOutSplit : "train";
    report_.data.queries = result->images;
    report_.protocol =
        UnlabelledProtocol{.images = result->images,
                           .views = options.views,
                           .recipe = std::string(toText(subject_->model().config.augment.recipe))};
    if (!result->problems.empty()) {
      report_.notes.push_back(
          fmt::format("{} images cannot be read and are left out; `barlow data "
                      "check` says why for each.",
                      result->problems.size()));
    }
    return true;
  }

  // What belongs to the report first: a report is there only when all of it is.
  void write(const fs::path& folder) {
    makeFolder(folder);
    const std::string name = freeEvaluationName(folder, report_);
    if (head_) {
      report_.head = name + ".safetensors";
      writeSafetensors(folder / report_.head,
                       {{"fc.weight", head_->weight}, {"fc.bias", head_->bias}});
    }
    if (!subset_.empty()) {
      report_.subset = name + ".labels.txt";
      writeFileAtomically(folder / report_.subset, subset_);
    }
    writeEvaluation(folder / (name + ".json"), report_);
  }

  const EvaluationRequest& request_;
  const JobControl& control_;
  const std::function<void(const std::string&)>& tell_;
  std::optional<Subject> subject_;
  EvaluationReport report_;
  std::optional<LinearHead> head_;
  std::string subset_;  // names, a line each
  double done_ = 0;
};

}  // namespace

std::optional<EvaluationReport> evaluate(const EvaluationRequest& request,
                                         const JobControl& control,
                                         const std::function<void(const std::string&)>& tell) {
  const JobThreads threads(control.yields, request.threads);
  const DeviceMemory memory{control.yields ? torch::Device(torch::kCPU)
                                           : resolveDevice(request.device).device};
  try {
    return Evaluation(request, control, tell).run();
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

StoredEvaluations listEvaluations(const fs::path& model) {
  std::error_code error;
  return readEvaluations(fs::is_regular_file(model, error) ? evaluationsOfFile(sha256OfFile(model))
                                                           : model / "evaluations");
}

std::vector<StoredCheckpoint> listCheckpoints(const fs::path& run) {
  std::error_code error;
  if (fs::is_regular_file(run, error)) {
    return {{.folder = run}};
  }
  const CheckpointStore store(run / "checkpoints");
  const std::int64_t length = stepsPerEpoch(run);
  std::vector<StoredCheckpoint> all;
  for (const std::int64_t step : store.steps()) {
    all.push_back({store.folder(step), step, length > 0 ? step / length : 0});
  }
  return all;
}

}  // namespace barlow
