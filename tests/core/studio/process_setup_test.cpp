#include "core/studio/process_setup.h"

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace barlow {
namespace {

// Issue 15: set before the first deterministic run it came too late for a process that had already
// computed on a GPU.
TEST(ConfigureProcess, LetsGpusRepeatThemselvesAndComputeInSinglePrecision) {
  ::unsetenv("CUBLAS_WORKSPACE_CONFIG");
  at::globalContext().setAllowTF32CuDNN(true);  // LibTorch's own default
  configureProcess();
  ASSERT_NE(std::getenv("CUBLAS_WORKSPACE_CONFIG"), nullptr);
  EXPECT_EQ(std::string(std::getenv("CUBLAS_WORKSPACE_CONFIG")), ":4096:8");
  EXPECT_FALSE(at::globalContext().allowTF32CuDNN());
}

}  // namespace
}  // namespace barlow
