#pragma once

#include <optional>

namespace barlow {

/// While it lives, LibTorch works on the calling thread alone: its helpers would take turns with
/// those of a training. Elsewhere nothing changes, where the libraries behind LibTorch allow that
/// (OpenMP and MKL; without them it does nothing). Not to be nested.
class OneTorchThread {
 public:
  OneTorchThread();
  ~OneTorchThread();
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;

 private:
  int openMpThreads_ = 0;  // before; of this thread
  int mklThreads_ = 0;
};

/// LibTorch's threads for a job: one while it lives, where the job yields to a training
/// (JobControl::yields); else from here on as many as `threads` says (resolveThreads()).
class JobThreads {
 public:
  JobThreads(bool yields, int threads);

 private:
  std::optional<OneTorchThread> alone_;
};

}  // namespace barlow
