#include "core/device/torch_threads.h"

#include "core/base/system.h"
#include "core/device/compute_device.h"

#include <ATen/Parallel.h>

namespace barlow {
namespace {

// LibTorch brings both or none; looked up by name, as neither has a header here.
template <class Function>
Function* symbol(const char* name) {
  return reinterpret_cast<Function*>(findSymbol(name));
}

void setOpenMpThreads(int threads) {
  static auto* const set = symbol<void(int)>("omp_set_num_threads");
  if (set != nullptr) {
    set(threads);
  }
}

// The setting before; 0: that of the process.
int setMklThreads(int threads) {
  static auto* const set = symbol<int(int)>("MKL_Set_Num_Threads_Local");
  return set != nullptr ? set(threads) : 0;
}

}  // namespace

OneTorchThread::OneTorchThread()
    // Asked first: LibTorch sets a thread up when it first meets it.
    : openMpThreads_(at::get_num_threads()), mklThreads_(setMklThreads(1)) {
  setOpenMpThreads(1);
}

OneTorchThread::~OneTorchThread() {
  setOpenMpThreads(openMpThreads_);
  setMklThreads(mklThreads_);
}

JobThreads::JobThreads(bool yields, int threads) {
  if (yields) {
    alone_.emplace();
  } else {
    at::set_num_threads(resolveThreads(threads));
  }
}

}  // namespace barlow
