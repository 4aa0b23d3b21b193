#pragma once

#include "core/studio/evaluation.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

struct LinearHead;
class Subject;

/// Internal to core/studio.

/// The model and the images of a request; features are kept where the report is.
std::unique_ptr<Subject> openSubject(const EvaluationRequest& request, const std::stop_token& stop);

/// One evaluation on its way from request to report.
struct EvaluationJob {
  const EvaluationRequest& request;
  const JobControl& control;
  const std::function<void(const std::string&)>& tell;
  EvaluationReport report;
  std::shared_ptr<const LinearHead> head;  // of a linear classifier
  std::string subset;         // names of the labelled images, a line each; empty: all of them
  std::filesystem::path run;  // whose model it is; empty: none
  std::filesystem::path unfinished;  // what it goes on from after a stop; not needed once reported
  double done = 0;

  void say(const std::string& line) const;
  /// Progress never falls, also where a stage finds that there is nothing to do.
  void advance(double share);
  std::function<void(double)> stage(double from, double to);
};

/// The probes, each with its protocol. False when stopped.
bool judgeFeatures(EvaluationJob& job, const Subject& subject);  // kNN, and L-BFGS on features
bool judgeLearning(EvaluationJob& job, const Subject& subject);  // SGD, and fine-tuning
bool judgeSegmentation(EvaluationJob& job);                      // opens its own data

/// Says that so many images could not be read, if any.
void noteUnread(EvaluationJob& job, std::int64_t count);
/// A classifier cannot know what it has never seen: Exception; what else is odd becomes a note.
void requireKnownClasses(EvaluationJob& job,
                         const Subject& subject,
                         const std::vector<std::int64_t>& bank,
                         const std::vector<std::int64_t>& queries);
/// Positions in `labels` of those that are learnt from; `indices`: theirs in the bank. Notes the
/// names of a part.
std::vector<std::int64_t> chooseLabels(EvaluationJob& job,
                                       const Subject& subject,
                                       const std::vector<std::int64_t>& labels,
                                       const std::vector<std::int64_t>& indices);

}  // namespace barlow
