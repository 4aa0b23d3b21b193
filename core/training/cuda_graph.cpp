// Compiled only where CUDA's headers are found.
#include "core/training/step_graph.h"

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

namespace barlow {
namespace {

// Recording needs a stream that is not the default one; each piece of work waits for what was
// queued there before, and the other way round.
class CudaGraphRecorder final : public GraphRecorder {
 public:
  explicit CudaGraphRecorder(const torch::Device& device)
      : stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {}

  void run(const std::function<void()>& work) override { onStream(work); }

  void record(const std::function<void()>& work) override {
    onStream([&] {
      // ThreadLocal: loader threads may go on calling CUDA (page-locked memory) meanwhile.
      graph_.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
      try {
        work();
      } catch (...) {
        try {
          graph_.capture_end();
        } catch (const c10::Error&) {
          // The capture is void already; what made it so is thrown below.
        }
        throw;
      }
      graph_.capture_end();
    });
  }

  void replay() override {
    onStream([this] { graph_.replay(); });
  }

 private:
  void onStream(const std::function<void()>& work) {
    const c10::cuda::CUDAStream outer = c10::cuda::getCurrentCUDAStream(stream_.device_index());
    before_.record(outer);
    before_.block(stream_);
    {
      const c10::cuda::CUDAStreamGuard guard(stream_);
      work();
    }
    after_.record(stream_);
    after_.block(outer);
  }

  c10::cuda::CUDAStream stream_;
  at::cuda::CUDAEvent before_;
  at::cuda::CUDAEvent after_;
  at::cuda::CUDAGraph graph_;
};

}  // namespace

std::unique_ptr<GraphRecorder> makeGraphRecorder(const torch::Device& device) {
  return device.is_cuda() ? std::make_unique<CudaGraphRecorder>(device) : nullptr;
}

}  // namespace barlow
