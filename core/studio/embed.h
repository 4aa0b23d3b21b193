#pragma once

#include "core/base/job_control.h"
#include "core/studio/evaluation.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace barlow {

/// What embedTo() wrote, of request.model, .data, .split (empty: all that is trained on) and .part.
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
/// with `hasTable` FILE.csv: where one cannot be written, all are as before. Nothing after a stop,
/// and nothing is written. Throws Exception.
std::optional<EmbedReport> embedTo(const std::filesystem::path& file,
                                   const EvaluationRequest& request,
                                   bool hasTable,
                                   const JobControl& control = {},
                                   const std::function<void(const std::string&)>& tell = {});
std::string toJson(const EmbedReport& report);
/// That so many images are left out, and where to learn why.
std::string unreadText(std::int64_t images);

}  // namespace barlow
