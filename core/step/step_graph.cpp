#include "core/step/step_graph.h"

#include <c10/util/Exception.h>

#include <utility>

namespace barlow {

StepGraph::StepGraph(std::unique_ptr<GraphRecorder> recorder,
                     Work work,
                     std::function<void()> forget)
    : recorder_(std::move(recorder)), work_(std::move(work)), forget_(std::move(forget)) {}

StepGraph::~StepGraph() = default;

TrainingStep::Output StepGraph::step(const std::vector<torch::Tensor>& views) {
  for (std::size_t i = views_.size(); i < views.size(); ++i) {
    views_.push_back(torch::empty_like(views[i], torch::MemoryFormat::Preserve));
  }
  if (!isRecorded_ && stepsRun_ >= kWarmUp && problem_.empty()) {
    record();
  }
  recorder_->run([&] {
    for (std::size_t i = 0; i < views.size(); ++i) {
      views_[i].copy_(views[i]);
    }
    if (!isRecorded_) {
      output_ = work_(views_);
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
    recorder_->record([this] { output_ = work_(views_); });
    isRecorded_ = true;
  } catch (const c10::Error& error) {
    problem_ = error.what_without_backtrace();
    output_ = {};  // nothing was computed
    forget_();
  }
}

}  // namespace barlow
