#include "core/studio/compute.h"

#include "core/base/system.h"

#include <ATen/Parallel.h>
#include <opencv2/core/utility.hpp>

#include <clocale>
#include <cstdlib>

namespace barlow {

void configureProcess() {
  keepFreedMemory();
  // A second line of defence behind our own look at the header.
  setenv("OPENCV_IO_MAX_IMAGE_PIXELS", "50000000", 0);
  setenv("OPENCV_IO_MAX_IMAGE_WIDTH", "65500", 0);
  setenv("OPENCV_IO_MAX_IMAGE_HEIGHT", "65500", 0);
  std::setlocale(LC_NUMERIC, "C");
  cv::setNumThreads(1);
  at::set_num_interop_threads(1);
}

}  // namespace barlow
