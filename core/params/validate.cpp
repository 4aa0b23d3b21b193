#include "core/params/config_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace barlow {
namespace {

// Limits of single fields.
struct Validator {
  std::vector<Problem> problems;

  template <class T>
  void operator()(const ParamInfo& info, const T& value, const Range<T>& range) {
    if (!(value >= range.min && value <= range.max)) {
      problems.push_back(
          {info.key, fmt::format("{} is outside {} to {}", value, range.min, range.max)});
    }
  }
  void operator()(const ParamInfo& info, const std::vector<int>& value, const NumberList& list) {
    const auto count = static_cast<int>(value.size());
    if (count < list.minCount || count > list.maxCount) {
      problems.push_back(
          {info.key,
           fmt::format(
               "{} layers are given, {} to {} can be", count, list.minCount, list.maxCount)});
    }
    for (int number : value) {
      if (number < list.min || number > list.max) {
        problems.push_back(
            {info.key, fmt::format("{} is outside {} to {}", number, list.min, list.max)});
      }
    }
  }
  void operator()(const ParamInfo& info,
                  const std::array<double, 3>& value,
                  const PerChannel& limits) {
    for (double channel : value) {
      if (!(channel >= limits.min && channel <= limits.max)) {
        problems.push_back(
            {info.key, fmt::format("{} is outside {} to {}", channel, limits.min, limits.max)});
      }
    }
  }
  template <class T, class Kind>
  void operator()(const ParamInfo&, const T&, Kind) {}
};

void checkOrder(std::vector<Problem>& problems,
                const std::string& lowKey,
                double low,
                double high,
                const char* what) {
  if (low > high) {
    problems.push_back({lowKey, fmt::format("{} is larger than {}, {}", low, high, what)});
  }
}

void checkBranch(std::vector<Problem>& problems,
                 const std::string& prefix,
                 const BranchParams& branch) {
  checkOrder(problems,
             prefix + "crop_scale_min",
             branch.cropScaleMin,
             branch.cropScaleMax,
             "the largest crop");
  checkOrder(problems,
             prefix + "crop_ratio_min",
             branch.cropRatioMin,
             branch.cropRatioMax,
             "the widest crop");
  checkOrder(problems,
             prefix + "blur_sigma_min",
             branch.blurSigmaMin,
             branch.blurSigmaMax,
             "the strongest blur");
}

bool isDeviceName(const std::string& name) {
  if (name == "auto" || name == "cpu" || name == "cuda") {
    return true;
  }
  const std::string prefix = "cuda:";
  return name.size() > prefix.size() && name.size() < prefix.size() + 4 &&
         name.starts_with(prefix) &&
         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(prefix.size()),
                     name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

ObjectiveSizes objectiveSizes(const RunConfig& config, std::int64_t images) {
  return {.batch = config.run.batchSize,
          .dimensions = config.model.projector.empty() ? 0 : config.model.projector.back(),
          .images = images,
          .seed = config.run.seed};
}

std::vector<Problem> objectiveProblems(const RunConfig& config, std::int64_t images) {
  std::vector<Problem> problems;
  const ObjectiveSizes sizes = objectiveSizes(config, images);
  config.objective.withChosen([&](const auto& own) {
    if constexpr (requires { own.problems(sizes); }) {
      problems = own.problems(sizes);
    }
  });
  if (config.augment.smallCrops > 0 && !config.objective.info().takesMoreViews) {
    problems.push_back({"augment.small_crops",
                        fmt::format("{} compares two views and has no use for small crops: set 0, "
                                    "or take another objective (swav, simclr, byol, lejepa)",
                                    toText(config.objective.name))});
  }
  return problems;
}

std::vector<Problem> validate(const RunConfig& config) {
  Validator validator;
  RunConfig::describe(config, validator);
  auto& problems = validator.problems;
  checkBranch(problems, "augment.a.", config.augment.a);
  checkBranch(problems, "augment.b.", config.augment.b);
  if (config.data.source.empty()) {
    problems.push_back({"data.source", "names no data: give shapes, cifar10:DIR or a folder"});
  }
  if (config.run.batchSize == 1) {
    problems.push_back(
        {"run.batch_size", "a batch of 1 has no correlation: use at least 2, better 128 or more"});
  }
  const int micro = config.run.microBatchSize;
  if (micro == 1 || (micro > 0 && config.run.batchSize % micro != 0)) {
    problems.push_back({"run.micro_batch_size",
                        fmt::format("{} does not divide the batch of {} into parts of at least 2",
                                    micro,
                                    config.run.batchSize)});
  }
  if (!config.model.projector.empty() && config.model.projector.back() == 1) {
    problems.push_back(
        {"model.projector", "a last width of 1 leaves nothing to decorrelate: use at least 2"});
  }
  const auto more = objectiveProblems(config, 0);
  problems.insert(problems.end(), more.begin(), more.end());
  if (!isDeviceName(config.run.device)) {
    problems.push_back(
        {"run.device",
         fmt::format("'{}' is none of auto, cpu, cuda or cuda:0", config.run.device)});
  }
  return problems;
}

}  // namespace barlow
