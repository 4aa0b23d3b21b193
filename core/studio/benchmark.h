#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// What to measure, and how long.
struct BenchmarkRequest {
  std::vector<std::string> names;  // of benchmarkNames()
  int threads = 0;                 // compute threads of loss and step; 0: as in a run
  std::string device = "auto";     // of the step; as run.device
  bool isShort = false;            // a few repetitions: for a first look and for tests
};

/// "loss", "step", "augment", "loader".
const std::vector<std::string>& benchmarkNames();

/// Measures on generated data and gives one JSON object per result, without a newline, as they
/// come. Times are medians and minima over repetitions after a warm-up. Blocks; a stop ends between
/// two repetitions. Measure on a quiet machine: a second busy process costs more than its share.
///   loss     forward and backward from embeddings [N, D]: `reference` (main.py's formulation, in
///            LibTorch), `direct`, `gram`, `auto`
///   step     views in memory -> network -> loss -> backward -> update, pairs per second; on an
///            accelerator larger networks, as they come and as recorded steps
///   augment  a decoded picture -> two normalised views, one thread
///   loader   the whole way from a data set to batches, on the workers a run would have
void runBenchmarks(const BenchmarkRequest& request,
                   const std::function<void(const std::string& json)>& emit,
                   std::stop_token stop);

}  // namespace barlow
