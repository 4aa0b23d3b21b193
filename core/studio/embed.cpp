#include "core/studio/embed.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/base/stopped.h"
#include "core/base/text.h"
#include "core/device/torch_threads.h"
#include "core/evaluation/subject.h"
#include "core/files/tensor_files.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>
#include <memory>

namespace barlow {
namespace {

namespace fs = std::filesystem;

struct Extracted {
  std::unique_ptr<Subject> subject;
  const Dataset* images = nullptr;
  Representations features;
  EvaluatedData data;
};

std::optional<Extracted> extract(const EvaluationRequest& request,
                                 const JobControl& control,
                                 const std::function<void(const std::string&)>& tell) {
  const bool isTrain = request.split.empty() || request.split == "train";
  Extracted result;
  EvaluationRequest asked = request;
  asked.split = isTrain ? "train" : request.split;
  result.subject = openSubject(asked, control.stop);
  const Subject& subject = *result.subject;
  result.images = isTrain ? &subject.bank() : &subject.queries();
  if (tell) {
    for (const std::string& note : subject.notes()) {
      tell("note: " + note);
    }
    tell(fmt::format(
        "{} features of {}", toText(request.part), counted(result.images->size(), "image")));
  }
  auto features = subject.features(!isTrain, control.stop, [&](double share) {
    if (control.progress) {
      control.progress(share);
    }
  });
  if (!features) {
    return std::nullopt;
  }
  result.features = std::move(*features);
  result.features.features = result.features.features.to(torch::kCPU).contiguous();
  result.data = subject.describedData();
  result.data.split = isTrain ? "train" : subject.data().heldOutSplit;
  result.data.queries = result.features.features.size(0);
  return result;
}

std::optional<Extracted> extracted(const EvaluationRequest& request,
                                   const JobControl& control,
                                   const std::function<void(const std::string&)>& tell) {
  const JobThreads threads(control.yields, request.threads);
  try {
    return extract(request, control, tell);
  } catch (const Stopped&) {
    return std::nullopt;
  }
}

// "a,b" with a quote in it as RFC 4180 has it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' ? "\"\"" : std::string(1, c);
  }
  return result + "\"";
}

void writeTable(AtomicFile& file, const Extracted& result, bool hasLabels) {
  std::string text = hasLabels ? "name,label,class" : "name";
  const std::int64_t width = result.features.features.size(1);
  for (std::int64_t j = 0; j < width; ++j) {
    text += fmt::format(",f{}", j);
  }
  text += '\n';
  const float* values = result.features.features.const_data_ptr<float>();
  for (std::size_t i = 0; i < result.features.indices.size(); ++i) {
    text += quoted(result.images->name(result.features.indices[i]));
    if (hasLabels) {
      const std::int64_t label = result.features.labels[i];
      text += fmt::format(
          ",{},{}", label, quoted(result.images->classNames()[static_cast<std::size_t>(label)]));
    }
    for (std::int64_t j = 0; j < width; ++j) {
      text += ',';
      fmt::format_to(std::back_inserter(text), "{}", *values++);  // the shortest that reads back
    }
    text += '\n';
    file.write(std::as_bytes(std::span(text)));
    text.clear();
  }
  file.write(std::as_bytes(std::span(text)));
}

}  // namespace

std::optional<EmbedReport> embedTo(const fs::path& file,
                                   const EvaluationRequest& request,
                                   bool hasTable,
                                   const JobControl& control,
                                   const std::function<void(const std::string&)>& tell) {
  const auto result = extracted(request, control, tell);
  if (!result || control.stop.stop_requested()) {
    return std::nullopt;
  }
  fs::path stem = file;
  if (file.extension() == ".npy") {
    stem.replace_extension();
  }
  EmbedReport report;
  report.file = file;
  report.images = result->features.features.size(0);
  report.features = result->features.features.size(1);
  report.unreadable = result->images->size() - report.images;
  const bool hasLabels = result->images->hasLabels();
  if (file.has_parent_path()) {
    makeFolder(file.parent_path());
  }
  // All are written before one is seen, so that no file stands beside those of another time. The
  // features last: where they are, the rest is there too.
  std::optional<AtomicFile> table;
  if (hasTable) {
    report.table = stem.string() + ".csv";
    writeTable(table.emplace(report.table), *result, hasLabels);
  }
  std::string names;
  for (const std::int64_t index : result->features.indices) {
    names += plainLine(result->images->name(index)) + "\n";
  }
  report.names = stem.string() + ".names.txt";
  AtomicFile nameFile(report.names);
  nameFile.write(std::as_bytes(std::span(names)));
  std::optional<AtomicFile> labels;
  if (hasLabels) {
    report.labels = stem.string() + ".labels.npy";
    writeNpy(labels.emplace(report.labels), torch::tensor(result->features.labels, torch::kInt64));
  }
  AtomicFile features(file);
  writeNpy(features, result->features.features);
  if (table) {
    table->commit();
  }
  nameFile.commit();
  if (labels) {
    labels->commit();
  }
  features.commit();
  report.model = result->subject->describedModel();
  report.data = result->data;
  return report;
}

std::string unreadText(std::int64_t images) {
  return fmt::format("{} left out that cannot be read; `barlow data check` says why for each.",
                     counted(images, "image"));
}

std::string toJson(const EmbedReport& report) {
  nlohmann::ordered_json json;
  json["file"] = report.file.string();
  json["images"] = report.images;
  json["features"] = report.features;
  json["labels"] = report.labels.empty() ? nlohmann::ordered_json(nullptr)
                                         : nlohmann::ordered_json(report.labels.string());
  json["names"] = report.names.string();
  json["csv"] = report.table.empty() ? nlohmann::ordered_json(nullptr)
                                     : nlohmann::ordered_json(report.table.string());
  json["unreadable"] = report.unreadable;
  json["source"] = report.data.source;
  json["split"] = report.data.split;
  json["part"] = report.model.part;
  json["checkpoint"] = report.model.checkpoint;
  json["weights"] = report.model.weights;
  return jsonText(json);
}

}  // namespace barlow
