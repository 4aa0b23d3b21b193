#include "core/studio/evaluation_job.h"

#include "core/base/error.h"
#include "core/base/system.h"
#include "core/device/compute_device.h"
#include "core/evaluation/label_subset.h"
#include "core/evaluation/subject.h"
#include "core/studio/dataset_browser.h"
#include "core/studio/embed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace barlow {

std::unique_ptr<Subject> openSubject(const EvaluationRequest& request,
                                     const std::stop_token& stop) {
  return std::make_unique<Subject>(
      Subject::Request{
          .model = request.model,
          .source = request.data.empty() ? "" : recognizedSource(request.data),
          .wanted = wantedSplit(request.split),
          .isProjected = request.part == ModelPart::Projector,
          .cache = request.isKept ? userCacheFolder() / "features" : std::filesystem::path(),
          .imageCache = userCacheFolder() / "images"},
      resolveDevice(request.device).device,
      stop);
}

void EvaluationJob::say(const std::string& line) const {
  if (tell) {
    tell(line);
  }
}

void EvaluationJob::advance(double share) {
  done = std::clamp(share, done, 1.0);
  if (control.progress) {
    control.progress(done);
  }
}

std::function<void(double)> EvaluationJob::stage(double from, double to) {
  return [this, from, to](double share) { advance(from + (to - from) * share); };
}

void requireKnownClasses(EvaluationJob& job,
                         const Subject& subject,
                         const std::vector<std::int64_t>& bank,
                         const std::vector<std::int64_t>& queries) {
  const std::vector<std::string>& classes = subject.bank().classNames();
  const std::set<std::int64_t> known(bank.begin(), bank.end());
  const std::set<std::int64_t> asked(queries.begin(), queries.end());
  const auto listed = [&](const std::set<std::int64_t>& some, const std::set<std::int64_t>& other) {
    std::string text;
    int count = 0;
    for (const std::int64_t label : some) {
      if (!other.contains(label) && ++count <= 3) {
        text += (text.empty() ? "" : ", ") + classes[static_cast<std::size_t>(label)];
      }
    }
    return count > 3 ? fmt::format("{} and {} more", text, count - 3) : text;
  };
  if (const std::string unknown = listed(asked, known); !unknown.empty()) {
    if (job.report.data.split == "train") {
      throw Exception(fmt::format(
          "Of the images of {} those held out have classes that none of the rest has "
          "({}): nothing can be learnt about them. Add images of each class, or folders "
          "train and test.",
          job.report.data.source,
          unknown));
    }
    throw Exception(fmt::format(
        "The images for {} in {} have classes that no training image has ({}): nothing can be "
        "learnt about them. Give both splits the same classes.",
        spokenSplit(job.report.data.split),
        job.report.data.source,
        unknown));
  }
  if (const std::string unasked = listed(known, asked); !unasked.empty()) {
    job.report.notes.push_back(
        fmt::format("No image is judged of the classes {}: the splits differ.", unasked));
  }
  if (known.size() == bank.size()) {
    job.report.notes.push_back(
        "There is one training image of each class: the answer says little.");
  }
}

void noteUnread(EvaluationJob& job, std::int64_t count) {
  if (count > 0) {
    job.report.notes.push_back(unreadText(count));
  }
}

std::vector<std::int64_t> chooseLabels(EvaluationJob& job,
                                       const Subject& subject,
                                       const std::vector<std::int64_t>& labels,
                                       const std::vector<std::int64_t>& indices) {
  const std::vector<std::int64_t> chosen =
      labelSubset(labels, job.request.labels, job.request.seed, job.report.data.source);
  if (job.request.labels < 1) {
    for (const std::int64_t position : chosen) {
      job.subset += subject.bank().name(indices[static_cast<std::size_t>(position)]) + "\n";
    }
  }
  return chosen;
}

}  // namespace barlow
