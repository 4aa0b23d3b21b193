#pragma once

#include "core/params/param_info.h"

#include <array>
#include <cstdint>
#include <string>

namespace barlow {

/// Of the network's products (convolutions and linear layers): IEEE single precision; factors of
/// eleven bits (TF32), which only GPUs know; factors of eight bits (bf16).
enum class Precision { Auto, Fp32, Tf32, Bf16 };
template <>
inline constexpr std::array<EnumName<Precision>, 4> kEnumNames<Precision> = {{
    {Precision::Auto, "auto", "Automatic"},
    {Precision::Fp32, "fp32", "Single (fp32)"},
    {Precision::Tf32, "tf32", "TensorFloat (tf32)"},
    {Precision::Bf16, "bf16", "Brain float (bf16)"},
}};

/// Order of a batch in memory: pixel by pixel, or plane by plane.
enum class MemoryFormat { Auto, ChannelsLast, Contiguous };
template <>
inline constexpr std::array<EnumName<MemoryFormat>, 3> kEnumNames<MemoryFormat> = {{
    {MemoryFormat::Auto, "auto", "Automatic"},
    {MemoryFormat::ChannelsLast, "channels_last", "Channels last"},
    {MemoryFormat::Contiguous, "contiguous", "Contiguous (planes)"},
}};

/// Where the views are distorted.
enum class DeviceViews { Auto, On, Off };
template <>
inline constexpr std::array<EnumName<DeviceViews>, 3> kEnumNames<DeviceViews> = {{
    {DeviceViews::Auto, "auto", "Automatic"},
    {DeviceViews::On, "on", "On the device"},
    {DeviceViews::Off, "off", "On the CPU"},
}};

/// How long, how big, where.
struct RunParams {
  std::string name;
  int epochs = 100;
  int maxSteps = 0;
  int batchSize = 256;
  int microBatchSize = 0;
  std::int64_t seed = 0;
  std::string device = "auto";
  Precision precision = Precision::Auto;
  MemoryFormat memoryFormat = MemoryFormat::Auto;
  int threads = 0;
  int loaderWorkers = 0;
  DeviceViews deviceViews = DeviceViews::Auto;
  bool deterministic = false;
  bool stepGraph = true;
  int checkpointEverySteps = 0;
  int keepCheckpoints = 2;
  int summaryEverySteps = 0;
  int matrixMoments = 50;
  int matrixStorageMb = 256;
  bool operator==(const RunParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"run.name", "Name", "", "Shown in lists; the preset's name when empty.", true},
          self.name,
          Text{});
    visit(ParamInfo{"run.epochs",
                    "Epochs",
                    "",
                    "How often every image is seen; the schedule's length.",
                    true},
          self.epochs,
          Range<int>{1, 100000, 1});
    visit(ParamInfo{"run.max_steps",
                    "Stop after",
                    "steps",
                    "Ends the run early without changing the schedule; 0 sets no limit.",
                    false},
          self.maxSteps,
          Range<int>{0, 1'000'000'000, 100});
    visit(ParamInfo{"run.batch_size",
                    "Batch",
                    "images",
                    "Images per step, N; the matrix is averaged over them, the last ragged batch "
                    "is dropped.",
                    true}
              .atStart(),
          self.batchSize,
          Range<int>{1, 65536, 32});
    visit(
        ParamInfo{"run.micro_batch_size",
                  "Micro-batch",
                  "images",
                  "Goes through the network this many images at a time, twice, to save memory; the "
                  "loss sees the whole batch. BatchNorm's statistics are the micro-batch's. 0: all "
                  "at once.",
                  false}
            .atStart(),
        self.microBatchSize,
        Range<int>{0, 65536, 32});
    visit(
        ParamInfo{
            "run.seed", "Seed", "", "Same seed, machine and thread count: same numbers.", true}
            .atStart(),
        self.seed,
        Range<std::int64_t>{0, INT64_MAX, 1});
    visit(ParamInfo{"run.device", "Device", "", "auto, cpu, cuda or cuda:0.", true},
          self.device,
          Text{});
    visit(ParamInfo{"run.precision",
                    "Precision",
                    "",
                    "fp32 is single precision throughout; tf32 and bf16 shorten the factors of the "
                    "network's products (tf32 on a CPU is fp32). auto measures once and keeps what "
                    "is faster. The loss is always fp32.",
                    false}
              .atStart(),
          self.precision,
          Choice{});
    visit(ParamInfo{"run.memory_format",
                    "Memory layout",
                    "",
                    "auto measures once and keeps what is faster.",
                    false}
              .atStart(),
          self.memoryFormat,
          Choice{});
    visit(ParamInfo{"run.threads",
                    "Compute threads",
                    "",
                    "0 uses as many as OMP_NUM_THREADS says, or all cores. Another count changes "
                    "the last digits.",
                    false}
              .atStart(),
          self.threads,
          Range<int>{0, 1024, 1});
    visit(ParamInfo{"run.loader_workers",
                    "Loader workers",
                    "",
                    "Threads that read and distort images; 0 chooses. The batches are the same for "
                    "any count.",
                    false},
          self.loaderWorkers,
          Range<int>{0, 256, 1});
    visit(ParamInfo{"run.device_views",
                    "Distort images",
                    "",
                    "on keeps all images in the device's memory and distorts whole batches there "
                    "(as the kernel exact, whatever augment.kernel says); auto does so on a GPU "
                    "with room for them.",
                    false}
              .atStart(),
          self.deviceViews,
          Choice{});
    visit(ParamInfo{"run.deterministic",
                    "Same bytes on a GPU",
                    "",
                    "Slower algorithms that give the same bytes each time; a CPU does so anyway.",
                    false},
          self.deterministic,
          Flag{});
    visit(ParamInfo{"run.step_graph",
                    "Replay recorded steps",
                    "",
                    "On a CUDA device: records a step once and launches it whole, which saves time "
                    "where a small network waits for its launches; the weights are the same. Where "
                    "it cannot be recorded the steps go on as they are.",
                    false},
          self.stepGraph,
          Flag{});
    visit(ParamInfo{"run.checkpoint_every_steps",
                    "Checkpoint every",
                    "steps",
                    "0 writes one after every epoch, at most every half minute, and at the end.",
                    false},
          self.checkpointEverySteps,
          Range<int>{0, 1'000'000'000, 100});
    visit(ParamInfo{"run.keep_checkpoints",
                    "Keep checkpoints",
                    "",
                    "How many of the newest stay on disk.",
                    false},
          self.keepCheckpoints,
          Range<int>{1, 100000, 1});
    visit(
        ParamInfo{
            "run.summary_every_steps",
            "Collapse numbers every",
            "steps",
            "How often effective rank and dead dimensions are measured; 0 ten times an epoch.",
            false},
        self.summaryEverySteps,
        Range<int>{0, 1'000'000'000, 10});
    visit(ParamInfo{"run.matrix_moments",
                    "Moments kept",
                    "",
                    "How many moments of the run can be looked at again in Inspect; 0 keeps only "
                    "the last.",
                    false},
          self.matrixMoments,
          Range<int>{0, 100000, 10});
    visit(ParamInfo{"run.matrix_storage_mb",
                    "At most",
                    "MB",
                    "Disk space for these moments; a larger network keeps fewer of them.",
                    false},
          self.matrixStorageMb,
          Range<int>{0, 10'000'000, 64});
  }
};

}  // namespace barlow
