#pragma once

#include "core/base/job_control.h"
#include "core/studio/evaluation.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace barlow {

/// Features of the images of a split, in its order, as plain values: for maps, neighbours, files.
struct Features {
  std::vector<float> values;  // [images, features]
  std::int64_t images = 0;
  std::int64_t features = 0;
  std::vector<std::int64_t> labels;     // [images]; empty without labels
  std::vector<std::string> classes;     // empty without labels
  std::vector<std::string> names;       // [images]
  std::vector<std::string> unreadable;  // left out, each with its reason
  EvaluatedModel model;
  EvaluatedData data;
};

/// Of request.model, .data, .split (empty: all that is trained on) and .part; .isKept: taken from
/// the cache and put there. Blocks; nothing after a stop. Throws Exception.
std::optional<Features> extractFeatures(const EvaluationRequest& request,
                                        const JobControl& control = {},
                                        const std::function<void(const std::string&)>& tell = {});

/// What embedTo() wrote.
struct EmbedReport {
  std::int64_t images = 0;
  std::int64_t features = 0;
  std::int64_t unreadable = 0;
  std::filesystem::path file;
  std::filesystem::path labels;  // empty without labels
  std::filesystem::path names;
  std::filesystem::path table;  // empty unless asked for
  EvaluatedModel model;
  EvaluatedData data;
};

/// FILE.npy float32 [N, D], FILE.labels.npy int64 [N] where there are labels, FILE.names.txt, and
/// with `hasTable` FILE.csv: each whole or not at all. Nothing after a stop, and nothing is
/// written. Throws Exception.
std::optional<EmbedReport> embedTo(const std::filesystem::path& file,
                                   const EvaluationRequest& request,
                                   bool hasTable,
                                   const JobControl& control = {},
                                   const std::function<void(const std::string&)>& tell = {});
std::string toJson(const EmbedReport& report);

}  // namespace barlow
