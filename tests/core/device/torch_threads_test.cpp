#include "core/device/torch_threads.h"

#include "core/torch.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <thread>

namespace barlow {
namespace {

TEST(OneTorchThread, CountsOnItsOwnThreadWhileItLives) {
  at::set_num_threads(2);
  ASSERT_EQ(at::get_num_threads(), 2);
  {
    const OneTorchThread alone;
    EXPECT_EQ(at::get_num_threads(), 1);
    int elsewhere = 0;
    std::thread([&] { elsewhere = at::get_num_threads(); }).join();
    EXPECT_EQ(elsewhere, 2);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
}

TEST(OneTorchThread, GivesTheSameEigenvalues) {
  const torch::Tensor z = torch::arange(600, torch::kFloat64).sin().view({30, 20});
  const torch::Tensor gram = torch::mm(z.t(), z);
  const torch::Tensor expected = torch::linalg_eigvalsh(gram);
  const OneTorchThread alone;
  EXPECT_TRUE(torch::allclose(torch::linalg_eigvalsh(gram), expected, 1e-10, 1e-10));
}

}  // namespace
}  // namespace barlow
