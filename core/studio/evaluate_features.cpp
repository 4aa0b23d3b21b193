#include "core/base/error.h"
#include "core/base/text.h"
#include "core/evaluation/classification.h"
#include "core/evaluation/knn_probe.h"
#include "core/evaluation/label_subset.h"
#include "core/evaluation/logistic_regression.h"
#include "core/evaluation/subject.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>

#include <algorithm>

namespace barlow {
namespace {

bool askNeighbours(EvaluationJob& job,
                   const Subject& subject,
                   const Representations& bank,
                   const Representations& queries) {
  job.say("asking the neighbours");
  const std::vector<std::string>& classes = subject.bank().classNames();
  const torch::Tensor ranked =
      classifyByNeighbours(bank,
                           queries.features,
                           static_cast<int>(classes.size()),
                           {.k = job.request.k,
                            .temperature = job.request.temperature,
                            .isEuclidean = job.request.metric == KnnMetric::Euclidean,
                            .isPlain = job.request.vote == KnnVote::Plain},
                           job.control.stop,
                           job.stage(0.75, 1));
  if (!ranked.defined()) {
    return false;
  }
  fillClassification(job.report, ranked, queries.labels, classes);
  job.report.data.bankSize = bank.features.size(0);
  job.report.protocol = KnnProtocol{
      .k = static_cast<int>(std::min<std::int64_t>(job.request.k, bank.features.size(0))),
      .temperature = job.request.temperature,
      .metric = std::string(toText(job.request.metric)),
      .vote = std::string(toText(job.request.vote))};
  return true;
}

bool fitLinear(EvaluationJob& job,
               const Subject& subject,
               Representations bank,
               const Representations& queries) {
  const std::vector<std::string>& classes = subject.bank().classNames();
  const std::vector<std::int64_t> chosen = chooseLabels(job, subject, bank.labels, bank.indices);
  if (chosen.size() < bank.labels.size()) {
    std::vector<std::int64_t> labels;
    for (const std::int64_t position : chosen) {
      labels.push_back(bank.labels[static_cast<std::size_t>(position)]);
    }
    bank.features = bank.features.index_select(
        0, torch::tensor(chosen, torch::kInt64).to(bank.features.device()));
    bank.labels = std::move(labels);
  }
  job.say(fmt::format("fitting a linear classifier to {}",
                      counted(static_cast<std::int64_t>(bank.labels.size()), "image")));
  const double l2 = 1.0 / static_cast<double>(bank.labels.size());  // C = 1
  LogisticOptions options{.classes = static_cast<int>(classes.size()), .l2 = l2};
  if (job.request.epochs > 0) {
    options.mostIterations = job.request.epochs;
  }
  const auto fit =
      fitLogistic(bank.features, bank.labels, options, job.control.stop, job.stage(0.75, 1));
  if (!fit) {
    return false;
  }
  if (!fit->hasConverged) {
    job.report.notes.push_back(
        fmt::format("The classifier had not settled after {} iterations.", fit->iterations));
  }
  job.head = std::make_shared<LinearHead>(fit->head);
  fillClassification(
      job.report, rankedByHead(fit->head, queries.features), queries.labels, classes);
  job.report.metrics.push_back(
      {"train_top1",
       "Top-1 of the training images",
       accuracyOf(rankedByHead(fit->head, bank.features), bank.labels).top1,
       "Of the images that the classifier was fitted to: far above top-1 means that it learnt "
       "them by heart."});
  job.report.data.bankSize = bank.features.size(0);
  job.report.protocol = LinearProtocol{.preset = std::string(toText(LinearPreset::Lbfgs)),
                                       .optimizer = "lbfgs",
                                       .augmentation = "none",
                                       .epochs = fit->iterations,
                                       .weightDecay = l2,
                                       .labels = shareText(job.request.labels)};
  return true;
}

}  // namespace

bool judgeFeatures(EvaluationJob& job, const Subject& subject) {
  const std::string part(toText(job.request.part));
  job.say(fmt::format("{} features of {}", part, counted(subject.bank().size(), "training image")));
  auto bank = subject.features(false, job.control.stop, job.stage(0, 0.6));
  if (!bank) {
    return false;
  }
  job.say(
      fmt::format("{} features of {} to judge", part, counted(subject.queries().size(), "image")));
  const auto queries = subject.features(true, job.control.stop, job.stage(0.6, 0.75));
  if (!queries) {
    return false;
  }
  requireKnownClasses(job, subject, bank->labels, queries->labels);
  noteUnread(job, subject.bank().size() - bank->features.size(0));
  noteUnread(job, subject.queries().size() - queries->features.size(0));
  job.report.data.queries = queries->features.size(0);
  return job.request.probe == ProbeKind::Knn ? askNeighbours(job, subject, *bank, *queries)
                                             : fitLinear(job, subject, std::move(*bank), *queries);
}

}  // namespace barlow
