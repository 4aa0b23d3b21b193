#pragma once

#include "core/base/error.h"
#include "core/base/rng.h"
#include "ui/evaluate/evaluate_doors.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace barlow::ui {

/// Answers of core that a test decides, and what was asked for.
class FakeCore {
 public:
  EvaluateDoors doors() {
    EvaluateDoors doors;
    doors.evaluate = [this](const EvaluationRequest& request,
                            const JobControl& control,
                            const EvaluateDoors::Tell& tell) {
      return evaluate(request, control, tell);
    };
    doors.list = [this](const std::filesystem::path&) {
      const std::lock_guard lock(mutex_);
      return stored_;
    };
    doors.trained = [this](const std::filesystem::path&) { return trained; };
    doors.checkpoints = [this](const std::filesystem::path& run) {
      const std::lock_guard lock(mutex_);
      std::vector<StoredCheckpoint> all;
      for (const std::int64_t step : steps) {
        all.push_back({run / "checkpoints" / ("step-" + std::to_string(step)), step, step / 100});
      }
      return all;
    };
    doors.open = [this](const EvaluationRequest& request,
                        const JobControl&,
                        const EvaluateDoors::Tell&) { return open(request); };
    doors.featuresOfFile = [](const EvaluationRequest&, const std::filesystem::path&) {
      return std::vector<float>{0, 1, 0};
    };
    doors.predictions = [](const FeatureSpace& space, const StoredEvaluation&, const JobControl&) {
      // Every image is taken for the class before its own.
      std::vector<int> guesses;
      for (std::int64_t row = space.bank; row < space.size(); ++row) {
        guesses.push_back((space.labels[static_cast<std::size_t>(row)] + 2) % 3);
      }
      return std::optional(guesses);
    };
    doors.map = [this](const FeatureSpace& space,
                       const MapRequest& request,
                       const JobControl& control,
                       const std::function<void(const FeatureMap&)>& look) {
      return map(space, request, control, look);
    };
    return doors;
  }

  void hold() {
    const std::lock_guard lock(mutex_);
    isHeld_ = true;
  }
  void release() {
    {
      const std::lock_guard lock(mutex_);
      isHeld_ = false;
    }
    changed_.notify_all();
  }
  std::vector<EvaluationRequest> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::vector<bool> yielded() {
    const std::lock_guard lock(mutex_);
    return yielded_;
  }
  int opened() {
    const std::lock_guard lock(mutex_);
    return opened_;
  }
  void store(const EvaluationReport& report) {
    const std::lock_guard lock(mutex_);
    keep(report);
  }

  static EvaluationReport report(std::int64_t step, double top1) {
    EvaluationReport report;
    report.probe = "knn";
    report.protocol = KnnProtocol{.k = 20, .temperature = 0.1};
    report.model = {.path = "run",
                    .checkpoint = "step-" + std::to_string(step),
                    .step = step,
                    .epoch = step / 100,
                    .features = 3,
                    .imageSize = 32};
    report.data = {
        .source = "shapes", .fingerprint = "f", .bankSize = 30, .split = "test", .queries = 12};
    report.top1 = top1;
    report.top5 = 1;
    report.classes = {"circle", "square", "star"};
    report.classAccuracy = {0.75, 0.25, 1};
    report.confusion = {{3, 1, 0}, {2, 1, 1}, {0, 0, 4}};
    report.time = "2026-01-31T12:00:00.000Z";
    return report;
  }

  // Set before anything is asked for.
  std::vector<std::int64_t> steps = {300, 200, 100};
  std::vector<EvaluationResult> trained;
  std::string failure;  // what evaluate() throws
  std::string openFailure;

 private:
  void keep(const EvaluationReport& report) {
    stored_.evaluations.push_back(
        {std::filesystem::path("/runs/a/evaluations") /
             ("knn-" + std::to_string(stored_.evaluations.size()) + ".json"),
         report});
  }

  std::optional<EvaluationReport> evaluate(const EvaluationRequest& request,
                                           const JobControl& control,
                                           const EvaluateDoors::Tell& tell) {
    std::unique_lock lock(mutex_);
    asked_.push_back(request);
    yielded_.push_back(control.yields);
    lock.unlock();
    tell("features of 42 images");
    control.progress(0.5);
    lock.lock();
    const std::stop_callback wake(control.stop, [this] { changed_.notify_all(); });
    changed_.wait(lock, [&] { return !isHeld_ || control.stop.stop_requested(); });
    if (control.stop.stop_requested()) {
      return std::nullopt;
    }
    if (!failure.empty()) {
      throw Exception(failure);
    }
    const std::int64_t step = std::stoll(request.model.filename().string().substr(5));
    EvaluationReport done = report(step, static_cast<double>(step) / 400);
    if (request.probe == ProbeKind::Unlabelled) {
      done.probe = "unlabelled";
      done.protocol = UnlabelledProtocol{.images = 10, .views = 2, .recipe = "none"};
      done.top1.reset();
      done.top5.reset();
      done.confusion.clear();
      done.classAccuracy.clear();
      done.metrics = {{"effective_rank", "Effective rank", 12.5, "How many directions are used."}};
    }
    keep(done);
    return done;
  }

  std::shared_ptr<const FeatureSpace> open(const EvaluationRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      ++opened_;
    }
    if (!openFailure.empty()) {
      throw Exception(openFailure);
    }
    auto space = std::make_shared<FeatureSpace>();
    DataParams params;
    params.source = "shapes";
    params.limit = 30;
    space->images = DatasetBrowser::open(params, 0);
    space->classes = {"circle", "square", "star"};
    space->features = 3;
    space->bank = 30;
    for (std::int64_t i = 0; i < 42; ++i) {
      const int label = static_cast<int>(i % 3);
      space->samples.push_back(i);
      space->labels.push_back(label);
      for (int j = 0; j < 3; ++j) {
        space->values.push_back(j == label ? 1.0F : 0.01F * static_cast<float>(i % 7));
      }
    }
    space->model.path = request.model.string();
    return space;
  }

  std::optional<FeatureMap> map(const FeatureSpace& space,
                                const MapRequest& request,
                                const JobControl& control,
                                const std::function<void(const FeatureMap&)>& look) {
    FeatureMap map{.method = request.method, .explained = 0.5};
    for (std::int64_t row = space.bank; row < space.size(); ++row) {
      const auto at = static_cast<std::size_t>(row);
      map.samples.push_back(space.samples[at]);
      map.labels.push_back(space.labels[at]);
      map.predictions.push_back(0);
      map.density.push_back(0.5F);
      map.places.push_back(static_cast<float>(row - space.bank));
      map.places.push_back(static_cast<float>((row - space.bank) % 4));
    }
    if (request.method == MapMethod::Tsne) {
      look(map);
      std::unique_lock lock(mutex_);
      const std::stop_callback wake(control.stop, [this] { changed_.notify_all(); });
      changed_.wait(lock, [&] { return !isHeld_ || control.stop.stop_requested(); });
      if (control.stop.stop_requested()) {
        return std::nullopt;
      }
    }
    return map;
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool isHeld_ = false;
  std::vector<EvaluationRequest> asked_;
  std::vector<bool> yielded_;
  int opened_ = 0;
  StoredEvaluations stored_;
};

}  // namespace barlow::ui
