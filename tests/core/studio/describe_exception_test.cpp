#include "core/studio/describe_exception.h"

#include "core/step/errors.h"

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

namespace barlow {
namespace {

template <class Throw>
std::exception_ptr caught(const Throw& work) {
  try {
    work();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

const auto kGpuIsFull = caught([] {
  TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2.00 GiB.");
});

TEST(DescribeException, NamesABatchThatFitsWhenMemoryIsGone) {
  const ErrorInfo info = describeException(kGpuIsFull, "Set run.micro_batch_size=128");
  EXPECT_EQ(info.message,
            "There is not enough memory for this run; what was saved is kept. Set "
            "run.micro_batch_size=128.");
  EXPECT_NE(info.detail.find("2.00 GiB"), std::string::npos);
  EXPECT_NE(describeException(kGpuIsFull).message.find("run.micro_batch_size"), std::string::npos)
      << "where no run is known, in general";
}

TEST(DescribeException, KnowsWantOfMemoryWhereverItComesFrom) {
  for (const char* text : {"DefaultCPUAllocator: can't allocate memory: you tried to allocate 1",
                           "CUDA error: out of memory",
                           "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
                           "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"}) {
    EXPECT_TRUE(isOutOfMemory(caught([&] { TORCH_CHECK(false, text); }))) << text;
  }
  EXPECT_TRUE(isOutOfMemory(caught([] { throw std::bad_alloc(); })));
  EXPECT_NE(
      describeException(caught([] { throw std::bad_alloc(); }), "Set x").message.find("Set x"),
      std::string::npos);
  EXPECT_FALSE(isOutOfMemory(caught([] { TORCH_CHECK(false, "shapes differ"); })));
  EXPECT_FALSE(isOutOfMemory(caught([] { throw std::runtime_error("out of memory"); })))
      << "only what LibTorch and the language say";
}

TEST(DescribeException, KeepsOurOwnWordsAndStripsLibTorchs) {
  EXPECT_EQ(describeException(caught([] { throw Exception("No such folder."); })).message,
            "No such folder.");
  const ErrorInfo torch =
      describeException(caught([] { TORCH_CHECK(false, "shapes differ\nfor programmers: x"); }));
  EXPECT_EQ(torch.message, "LibTorch could not go on: shapes differ");
  EXPECT_NE(torch.detail.find("for programmers"), std::string::npos);
}

}  // namespace
}  // namespace barlow
