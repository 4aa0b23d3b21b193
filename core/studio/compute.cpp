#include "core/studio/compute.h"

#include "core/base/system.h"
#include "core/training/compute_device.h"

#include <ATen/Parallel.h>
#include <opencv2/core/utility.hpp>

#include <clocale>

namespace barlow {

void configureProcess() {
  keepFreedMemory();
  // A second line of defence behind our own look at the header.
  setEnvironmentDefault("OPENCV_IO_MAX_IMAGE_PIXELS", "50000000");
  setEnvironmentDefault("OPENCV_IO_MAX_IMAGE_WIDTH", "65500");
  setEnvironmentDefault("OPENCV_IO_MAX_IMAGE_HEIGHT", "65500");
  // What cuBLAS needs to repeat itself (run.deterministic). LibTorch looks once, at the first
  // product of the process, whether or not that one has to repeat itself.
  setEnvironmentDefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8");
  std::setlocale(LC_NUMERIC, "C");
  setArithmetic(torch::kCPU, false);  // until a run settles it, for all else that computes
  cv::setNumThreads(1);
  at::set_num_interop_threads(1);
}

}  // namespace barlow
