// Compiled only where CUDA's headers are found.
#include "core/step/step_graph.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
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
      // The graph's memory is its own. What the steps before have left would be kept beside it for
      // nothing, and while recording LibTorch does not give back memory to make room.
      stream_.synchronize();
      c10::cuda::CUDACachingAllocator::emptyCache();
      const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
      auto graph = std::make_unique<at::cuda::CUDAGraph>();
      try {
        // ThreadLocal: loader threads may go on calling CUDA (page-locked memory) meanwhile.
        graph->capture_begin(pool, cudaStreamCaptureModeThreadLocal);
        work();
        graph->capture_end();
      } catch (...) {
        abandon(*graph, pool);
        throw;
      }
      graph_ = std::move(graph);
    });
  }

  void replay() override {
    onStream([this] { graph_->replay(); });
  }

 private:
  // Where capture_end() fails (it does when something could not be recorded), LibTorch 2.11 to 2.13
  // leaves both its allocators recording: for the rest of the process memory that two streams have
  // used is not freed, and emptying the cache is an error. So this ends what it did not.
  void abandon(at::cuda::CUDAGraph& graph, c10::MempoolId_t pool) {
    const c10::DeviceIndex device = stream_.device_index();
    at::HostAllocator& host = *at::getHostAllocator(at::kCUDA);
    namespace allocator = c10::cuda::CUDACachingAllocator;
    succeeds([&] { graph.capture_end(); });
    succeeds([&] { allocator::endAllocateToPool(device, pool); });
    succeeds([&] { host.end_allocate_to_pool(pool); });
    // A graph that got as far as to own its pool releases it itself.
    if (!succeeds([&] { static_cast<void>(graph.pool()); })) {
      succeeds([&] { allocator::releasePool(device, pool); });
      succeeds([&] { host.release_pool(pool); });
    }
  }

  // A step of cleaning up that was done already is an error of LibTorch's.
  static bool succeeds(const std::function<void()>& step) {
    try {
      step();
      return true;
    } catch (const c10::Error&) {
      return false;
    }
  }

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
  std::unique_ptr<at::cuda::CUDAGraph> graph_;
};

}  // namespace

std::unique_ptr<GraphRecorder> makeGraphRecorder(const torch::Device& device) {
  return device.is_cuda() ? std::make_unique<CudaGraphRecorder>(device) : nullptr;
}

}  // namespace barlow
