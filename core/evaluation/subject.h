#pragma once

#include "core/dataset/open_dataset.h"
#include "core/evaluation/feature_cache.h"
#include "core/evaluation/trained_model.h"
#include "core/report/evaluation_report.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// What openDataset() calls the split that a person calls train, test or validation (empty: what
/// is held out). Throws Exception for another name.
std::string wantedSplit(const std::string& split);
/// The way back.
std::string spokenSplit(const std::string& split);

/// A trained model and the images that it is judged by.
class Subject {
 public:
  struct Request {
    std::filesystem::path model;
    std::string source;  // empty: the data that the run was trained on
    std::string wanted;  // as openDataset()'s
    bool isProjected = false;
    std::filesystem::path cache;  // of features; empty: none are kept
    std::filesystem::path imageCache;
  };
  /// Reads the model, folders and headers of images. Throws Exception, and Stopped.
  Subject(const Request& request, const torch::Device& device, const std::stop_token& stop);

  const TrainedModel& model() const { return model_; }
  const OpenedDataset& data() const { return data_; }
  const Dataset& bank() const { return *data_.train; }
  /// CheckFailure where nothing is held out.
  const Dataset& queries() const;

  /// From the cache, or computed and put there. Nothing when stopped. Throws Exception where no
  /// image can be read or a feature is not finite.
  std::optional<Representations> features(bool areQueries,
                                          const std::stop_token& stop,
                                          const std::function<void(double)>& progress) const;

  EvaluatedModel describedModel() const;
  /// Without the counts of what was read.
  EvaluatedData describedData() const;
  /// What a person should know beside the numbers.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  std::string keyOf(const Dataset& images, bool areQueries) const;

  Request request_;
  TrainedModel model_;
  OpenedDataset data_;
  std::string source_;
  bool hasRunsImages_ = false;  // the same that the run was trained on
  std::string deviceName_;
  std::vector<std::string> notes_;
};

}  // namespace barlow
