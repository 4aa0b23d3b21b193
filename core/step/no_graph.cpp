#include "core/step/step_graph.h"

namespace barlow {

std::unique_ptr<GraphRecorder> makeGraphRecorder(const torch::Device&) { return nullptr; }

}  // namespace barlow
