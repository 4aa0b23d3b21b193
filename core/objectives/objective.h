#pragma once

#include "core/models/mlp_head.h"
#include "core/params/objective_params.h"
#include "core/report/metric_schema.h"
#include "core/torch.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace barlow {

/// Where a step stands in its run.
struct StepPosition {
  std::int64_t step = 0;  // completed ones before it
  std::int64_t stepsPerEpoch = 1;
  std::int64_t totalSteps = 1;
  std::int64_t epoch() const { return step / stepsPerEpoch; }
};

/// What an objective sees of a step. N is the whole batch, whatever the micro-batches.
struct ObjectiveInputs {
  std::vector<torch::Tensor> online;  // [N, D] float32 for each view; the loss is differentiated by
                                      // these, where it has a gradient at all (a stop-gradient
                                      // leaves it undefined). The first two are whole-image views
  std::vector<torch::Tensor> target;  // [N, D] for the first two views, from the momentum encoder,
                                      // without gradient; empty where the objective has none
  torch::Tensor samples;              // [N] int64 on the same device, indices in the data set
  StepPosition at;
};

struct ObjectiveTerms {
  torch::Tensor loss;     // scalar with gradient
  torch::Tensor numbers;  // [k] detached, on the device; values() makes the columns of them
};

/// How an optimiser treats a parameter of the objective.
enum class ParameterRole {
  Weight,        // as the network's
  ConstantRate,  // at the peak rate from the first step to the last
  Resting        // left alone, with its state, in steps in which it has no gradient
};
struct ObjectiveParameter {
  std::string name;  // "predictor.0.weight"
  torch::Tensor tensor;
  ParameterRole role = ParameterRole::Weight;
};

/// Everything that happens after the embeddings: the loss, and what belongs to it alone (predictor,
/// prototypes, queue, memory). Everything before them is the encoder's. A step calls, in this
/// order, beginEpoch() (first step of an epoch only), loss(), then, after the backward pass,
/// beforeUpdate(), and after the optimiser's update afterUpdate(). Created on the CPU; all calls
/// from one thread. All state is in parameters() and buffers(): saved by these names, restored in
/// place.
class Objective {
 public:
  virtual ~Objective() = default;

  /// Of its method.
  const ObjectiveInfo& info() const { return *info_; }

  /// Every step queues the same work on the embeddings and takes nothing else that changes: it can
  /// be recorded (run.step_graph).
  virtual bool isRecordable() const { return true; }
  /// What schemaOf() calls its terms, in its order, from what loss() left on the device; but for
  /// the distance of a momentum encoder, which training measures.
  virtual std::vector<double> values(std::span<const double> numbers) const {
    return {numbers.begin(), numbers.end()};
  }

  /// Outside autocast, in the type of the embeddings (float32, or double in tests). Changes no
  /// state but a predictor's running statistics. Throws Exception for fewer than two samples.
  virtual ObjectiveTerms loss(const ObjectiveInputs& inputs) = 0;
  virtual void beginEpoch(const StepPosition&) {}
  virtual void beforeUpdate(const StepPosition&) {}
  /// `inputs` as loss() saw them, detached.
  virtual void afterUpdate(const ObjectiveInputs&) {}

  /// Share of the momentum encoder that stays in the update after this step.
  virtual double momentumAt(const StepPosition&) const { return 1; }
  /// [N, K] cosines of the first view's embeddings with the prototypes as they are now, to be
  /// looked at. Undefined: there are none, or not yet.
  virtual torch::Tensor prototypeScores(const ObjectiveInputs&) const { return {}; }
  /// What loss() draws for a step beside its inputs, by name: the same for every call.
  virtual std::vector<std::pair<std::string, torch::Tensor>> drawn(const ObjectiveInputs&) const {
    return {};
  }
  /// BatchNorm in a predictor: as the network's.
  virtual void train(bool /*isTraining*/) {}

  const std::vector<ObjectiveParameter>& parameters() const { return parameters_; }
  const std::vector<std::pair<std::string, torch::Tensor>>& buffers() const { return buffers_; }
  /// Moves parameters and buffers, in place: their names and handles stay.
  void to(const torch::Device& device);

 protected:
  void addParameter(std::string name,
                    const torch::Tensor& tensor,
                    ParameterRole role = ParameterRole::Weight) {
    parameters_.push_back({std::move(name), tensor, role});
  }
  void addBuffer(std::string name, const torch::Tensor& tensor) {
    buffers_.emplace_back(std::move(name), tensor);
  }
  /// A head's parameters and running statistics, their names behind `prefix` ("predictor.").
  void addHead(const std::string& prefix,
               const MlpHead& head,
               ParameterRole role = ParameterRole::Weight);

 private:
  friend std::unique_ptr<Objective> makeObjective(const ObjectiveParams& params,
                                                  const ObjectiveSizes& sizes);
  const ObjectiveInfo* info_ = nullptr;
  std::vector<ObjectiveParameter> parameters_;
  std::vector<std::pair<std::string, torch::Tensor>> buffers_;
};

/// solo-learn's and BYOL's cosine from `first` at step 0 towards `last`, which it never reaches.
double cosineMomentum(double first, double last, const StepPosition& at);

/// What a run with the chosen objective measures, and how it is judged. The help of the loss is
/// ObjectiveInfo::healthy where an objective has none of its own, and where it has a momentum
/// encoder the last term is how far that is from the network. Makes no objective: cheap.
MetricSchema schemaOf(const ObjectiveParams& params, const ObjectiveSizes& sizes);

/// The chosen objective of a configuration, with a start that depends on the run's seed alone.
std::unique_ptr<Objective> makeObjective(const ObjectiveParams& params,
                                         const ObjectiveSizes& sizes);

}  // namespace barlow
