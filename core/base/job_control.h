#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

namespace barlow {

/// How a long computation reports, and how it ends early. Functions that take one block
/// until done; after a stop they return nothing (a null pointer or an empty optional) soon.
struct JobControl {
  std::stop_token stop;
  std::function<void(double)>
      progress;         // share done, 0 to 1, never falling; called on the calling thread
  int threads = 2;      // 1 or 2: the calling thread, and one helper of its priority
  bool yields = false;  // a training runs in this program: the helper gets a low priority. Never
                        // without one, as what low priority waits for may take all cores for ever
};

/// The part of the whole job's progress that one of its stages is.
struct ProgressShare {
  double from = 0;
  double to = 1;
};

/// Calls work(first, last, worker) for bands [first, last) of `band` indices that cover [0, count)
/// once each, on at most two threads (worker 0: the caller, 1: the helper), in no fixed order: what
/// the bands give must not depend on it. True when all were done, false after a stop. An exception
/// of `work` ends both and is rethrown.
bool forEachBand(std::int64_t count,
                 std::int64_t band,
                 const JobControl& control,
                 const std::function<void(std::int64_t, std::int64_t, int)>& work,
                 ProgressShare share = {});

/// A control whose progress is one part of the whole.
inline JobControl part(const JobControl& control, ProgressShare share) {
  JobControl own = control;
  if (control.progress) {
    own.progress = [progress = control.progress, share](double done) {
      progress(share.from + (share.to - share.from) * done);
    };
  }
  return own;
}

}  // namespace barlow
