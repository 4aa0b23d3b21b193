#pragma once

#include "core/base/job_control.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/evaluation.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// The images of a data set and what a network makes of them, for looking at neighbours, mistakes
/// and maps. First the images that are trained on (the bank), then those held out.
struct FeatureSpace {
  std::shared_ptr<const DatasetBrowser> images;
  std::vector<std::int64_t> samples;  // [n], index in `images` of every row
  std::vector<int> labels;            // [n]; -1 without classes
  std::vector<float> values;          // [n, features]
  std::int64_t features = 0;
  std::int64_t bank = 0;  // rows before this one are of the bank
  std::vector<std::string> classes;
  EvaluatedModel model;
  EvaluatedData data;

  std::int64_t size() const { return static_cast<std::int64_t>(samples.size()); }
  const float* row(std::int64_t index) const { return values.data() + index * features; }
};

/// Of request.model, .data, .split and .part; features are taken from the cache where they are
/// known. Blocks; null after a stop. Throws Exception.
std::shared_ptr<const FeatureSpace> openFeatureSpace(
    const EvaluationRequest& request,
    const JobControl& control = {},
    const std::function<void(const std::string& line)>& tell = {});

/// Features of one image that is in no data set. Throws Exception where it is no picture.
std::vector<float> featuresOfFile(const EvaluationRequest& request,
                                  const std::filesystem::path& file);

/// A row of the bank beside a query.
struct NearRow {
  std::int64_t row = 0;
  float similarity = 0;  // cosine, -1 to 1
  bool operator==(const NearRow&) const = default;
};
/// The `count` most similar rows of the bank, best first, of equal ones the first; never `self`.
/// `feature`: space.features numbers. Any thread.
std::vector<NearRow> nearestInBank(const FeatureSpace& space,
                                   const float* feature,
                                   int count,
                                   std::int64_t self = -1);

/// What the classifier of a report says of every image held out: space.size() - space.bank classes,
/// -1 for none. Nothing after a stop, or where it cannot be known afterwards, as the whole network
/// was tuned, or the report is of other images. `file`: where the report lies. Throws Exception.
std::optional<std::vector<int>> predictionsOf(const FeatureSpace& space,
                                              const StoredEvaluation& evaluation,
                                              const JobControl& control = {});

}  // namespace barlow
