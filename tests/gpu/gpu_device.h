#pragma once

#include "core/studio/process_setup.h"

#include <gtest/gtest.h>
#include <torch/cuda.h>

namespace barlow {

/// Tests on a CUDA device; where there is none they skip.
class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    static const bool isConfigured = (configureProcess(), true);
    static_cast<void>(isConfigured);
    if (!torch::cuda::is_available()) {
      GTEST_SKIP() << "no CUDA device here";
    }
  }
};

}  // namespace barlow
