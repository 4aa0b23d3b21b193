#pragma once

#include "core/step/training_step.h"
#include "core/torch.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace barlow {

/// Records what is queued on a device and queues it again as one launch.
class GraphRecorder {
 public:
  virtual ~GraphRecorder() = default;
  /// Runs `work` on the stream that will record, without recording.
  virtual void run(const std::function<void()>& work) = 0;
  /// Calls `work`, which only queues: nothing of it is executed. Throws what LibTorch throws when
  /// something in it cannot be recorded; then replay() must not be called, and everything else goes
  /// on as if nothing had been recorded. Takes memory of its own for what `work` makes, and first
  /// gives back what the device keeps for reuse.
  virtual void record(const std::function<void()>& work) = 0;
  virtual void replay() = 0;
};

/// Null where this build or this device has no graphs (they need CUDA's headers beside LibTorch:
/// core/FindLibTorch.cmake).
std::unique_ptr<GraphRecorder> makeGraphRecorder(const torch::Device& device);

/// A training step as a recorded graph: a small network spends more time on launching its kernels
/// than on running them. The first steps run as they are (libraries and allocator settle), one is
/// recorded, from then on it is replayed with new views. When recording fails the steps go on as
/// they are. One thread.
class StepGraph {
 public:
  /// All of a step that happens on the device: gradients reset, forward, backward, update. The
  /// views stay where they are from one call to the next.
  using Work = std::function<TrainingStep::Output(const std::vector<torch::Tensor>& views)>;
  /// `forget` lets go of what a step leaves behind (gradients), so that its memory is not held
  /// twice: by the steps before the recorded one, and by that one.
  StepGraph(std::unique_ptr<GraphRecorder> recorder, Work work, std::function<void()> forget);
  ~StepGraph();
  StepGraph(const StepGraph&) = delete;
  StepGraph& operator=(const StepGraph&) = delete;

  /// Queues one step. The result's tensors are overwritten by the next one.
  TrainingStep::Output step(const std::vector<torch::Tensor>& views);
  bool isRecorded() const { return isRecorded_; }
  /// Why recording failed; empty while it did not.
  const std::string& problem() const { return problem_; }

  static constexpr int kWarmUp = 11;  // PyTorch's own examples take as many

 private:
  void record();

  std::unique_ptr<GraphRecorder> recorder_;
  Work work_;
  std::function<void()> forget_;
  std::vector<torch::Tensor> views_;  // where a recorded step reads its views
  TrainingStep::Output output_;       // where it leaves its results
  int stepsRun_ = 0;
  bool isRecorded_ = false;
  std::string problem_;
};

}  // namespace barlow
