#include "core/training/step_graph.h"

#include <c10/util/Exception.h>

#include <utility>

namespace barlow {

StepGraph::StepGraph(std::unique_ptr<GraphRecorder> recorder,
                     Work work,
                     std::function<void()> forget)
    : recorder_(std::move(recorder)), work_(std::move(work)), forget_(std::move(forget)) {}

StepGraph::~StepGraph() = default;

TwinStep::Output StepGraph::step(const torch::Tensor& viewA, const torch::Tensor& viewB) {
  if (!viewA_.defined()) {
    viewA_ = torch::empty_like(viewA, torch::MemoryFormat::Preserve);
    viewB_ = torch::empty_like(viewB, torch::MemoryFormat::Preserve);
  }
  if (!isRecorded_ && stepsRun_ >= kWarmUp && problem_.empty()) {
    record();
  }
  recorder_->run([&] {
    viewA_.copy_(viewA);
    viewB_.copy_(viewB);
    if (!isRecorded_) {
      output_ = work_(viewA_, viewB_);
    }
  });
  if (isRecorded_) {
    recorder_->replay();
  }
  ++stepsRun_;
  return output_;
}

void StepGraph::record() {
  output_ = {};
  forget_();
  try {
    recorder_->record([this] { output_ = work_(viewA_, viewB_); });
    isRecorded_ = true;
  } catch (const c10::Error& error) {
    problem_ = error.what_without_backtrace();
    output_ = {};  // nothing was computed
    forget_();
  }
}

}  // namespace barlow
