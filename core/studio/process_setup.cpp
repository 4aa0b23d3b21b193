#include "core/studio/process_setup.h"

#include "core/base/system.h"
#include "core/device/accelerator.h"
#include "core/device/compute_device.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
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

const std::vector<DeviceChoice>& deviceChoices() {
  static const std::vector<DeviceChoice> all = [] {
    std::vector<DeviceChoice> choices = {{"auto", "Automatic"}, {"cpu", "CPU"}};
    const int count = seenDevices().count;
    for (int i = 0; i < count; ++i) {
      const torch::Device device(torch::kCUDA, static_cast<torch::DeviceIndex>(i));
      const std::string name = acceleratorName(device);
      choices.push_back(
          {device.str(),
           name == device.str() ? "GPU " + name : fmt::format("GPU {}: {}", i, name)});
    }
    return choices;
  }();
  return all;
}

std::string deviceProblem(const std::string& name) {
  if (name == "auto" || name == "cpu") {
    return "";
  }
  const std::vector<DeviceChoice>& all = deviceChoices();
  const std::string wanted = name == "cuda" ? "cuda:0" : name;
  std::string names;
  for (const DeviceChoice& choice : all) {
    if (choice.name == wanted) {
      return "";
    }
    names += (names.empty() ? "" : ", ") + choice.name;
  }
  return fmt::format("there is no {} on this machine; choose one of {}", name, names);
}

}  // namespace barlow
