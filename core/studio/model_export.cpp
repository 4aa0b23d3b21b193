#include "core/studio/model_export.h"

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/evaluation/trained_model.h"
#include "core/files/tensor_files.h"
#include "core/files/torch_file.h"
#include "core/models/onnx_graph.h"
#include "core/models/state_names.h"
#include "core/studio/evaluation.h"
#include "core/torch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace barlow {
namespace {

namespace fs = std::filesystem;

bool hasBackbone(ExportPart part) { return part != ExportPart::Projector; }
bool hasProjector(ExportPart part) { return part != ExportPart::Backbone; }

void requirePossible(const ExportRequest& request, const TrainedModel& model) {
  if (hasProjector(request.part) && !model.hasProjector) {
    throw Exception(
        fmt::format("{} has no projector; its backbone alone can be exported (--part backbone).",
                    request.model.string()));
  }
  if (!request.hasClassifier) {
    return;
  }
  if (request.part != ExportPart::Backbone || model.config.model.backbone == Backbone::Tiny) {
    throw Exception(
        "An fc belongs to torchvision's whole ResNet: it comes along with the backbone alone "
        "(--part "
        "backbone), of a ResNet.");
  }
}

// What tells classes apart behind the backbone.
struct Classifier {
  torch::Tensor weight;              // [classes, F]
  torch::Tensor bias;                // [classes]
  std::vector<std::string> classes;  // empty: nobody trained it
  std::string note;
};

// The newest linear probe of these weights' features.
std::optional<StoredEvaluation> probeOf(const TrainedModel& model) {
  StoredEvaluations stored =
      listEvaluations(model.origin.run.empty() ? model.origin.path : model.origin.run);
  for (auto item = stored.evaluations.rbegin(); item != stored.evaluations.rend(); ++item) {
    const EvaluationReport& report = item->report;
    if (report.probe == "linear" && !report.head.empty() && report.model.part == "backbone" &&
        report.model.weights == model.origin.weights) {
      return std::move(*item);
    }
  }
  return std::nullopt;
}

std::string textOf(const StoredEvaluation& probe) {
  const auto& top1 = probe.report.top1;
  return fmt::format("the linear probe of {}{}",
                     probe.file.filename().string(),
                     top1 ? fmt::format(" (top-1 {:.2f} %)", 100 * *top1) : "");
}

Classifier readClassifier(const StoredEvaluation& probe, std::int64_t features) {
  const fs::path file = probe.file.parent_path() / probe.report.head;
  Classifier found{.classes = probe.report.classes,
                   .note = fmt::format("fc is {}.", textOf(probe))};
  for (const auto& [name, tensor] : readSafetensors(file)) {
    (name == "fc.weight" ? found.weight : found.bias) = tensor;
  }
  const auto count = static_cast<std::int64_t>(probe.report.classes.size());
  if (!found.weight.defined() || !found.bias.defined() ||
      found.weight.sizes() != torch::IntArrayRef({count, features}) ||
      found.bias.sizes() != torch::IntArrayRef({count})) {
    throw Exception(fmt::format("{} is not the classifier that {} tells of; probe again.",
                                file.string(),
                                probe.file.string()));
  }
  return found;
}

std::optional<Classifier> classifierOf(const ExportRequest& request,
                                       const TrainedModel& model,
                                       const std::optional<StoredEvaluation>& probe) {
  if (!request.hasClassifier) {
    return std::nullopt;
  }
  if (request.classes == 0 && probe) {
    return readClassifier(*probe, model.network->features());
  }
  const std::int64_t count = request.classes > 0 ? request.classes : 1000;
  return Classifier{
      .weight = torch::zeros({count, model.network->features()}),
      .bias = torch::zeros({count}),
      .classes = {},
      .note = fmt::format("fc is {} zeros; `barlow evaluate --probe linear` makes one "
                          "that tells classes apart.",
                          count)};
}

// Beside the weights, so that whoever opens the file knows what to feed the network.
Notes notesOf(const TrainedModel& model,
              ExportPart part,
              const std::optional<Classifier>& classifier) {
  const ModelParams& network = model.config.model;
  const DataParams& data = model.config.data;
  Notes notes = {{"backbone", std::string(toText(network.backbone))},
                 {"stem", std::string(toText(network.stem))},
                 {"width", std::to_string(network.width)},
                 {"features", std::to_string(model.network->features())},
                 {"image_size", std::to_string(data.imageSize)},
                 {"mean", fmt::format("[{}]", fmt::join(data.mean, ", "))},
                 {"std", fmt::format("[{}]", fmt::join(data.std, ", "))},
                 {"checkpoint", model.origin.checkpoint},
                 {"program", "Barlow Studio " BARLOW_VERSION}};
  if (hasProjector(part)) {
    notes.emplace_back("projector", fmt::format("{}", fmt::join(network.projector, "-")));
  }
  if (classifier && !classifier->classes.empty()) {
    notes.emplace_back("classes", jsonText(nlohmann::json(classifier->classes)));
  }
  return notes;
}

NamedTensors tensorsOf(const TrainedModel& model,
                       const ExportRequest& request,
                       const std::optional<Classifier>& classifier) {
  NamedTensors tensors;
  for (const auto& [name, tensor] : namedState(model.network)) {
    const std::size_t dot = name.find('.');
    const bool isBackbone = name.starts_with("backbone.");
    if (request.part == ExportPart::All) {
      tensors.emplace_back(name, tensor);
    } else if (isBackbone == (request.part == ExportPart::Backbone)) {
      tensors.emplace_back(name.substr(dot + 1), tensor);
    }
  }
  if (classifier) {
    tensors.emplace_back("fc.weight", classifier->weight);
    tensors.emplace_back("fc.bias", classifier->bias);
  }
  return tensors;
}

// As a literal: a file's name may hold anything.
std::string pythonText(const std::string& text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\\' || c == '\'') {
      literal += '\\';
      literal += c;
    } else if (c == '\n') {
      literal += "\\n";
    } else {
      literal += c;
    }
  }
  return literal + "'";
}

// torchvision's network of this form, as Python makes it.
std::string pythonsNetwork(const ModelParams& model, WeightNames names, std::int64_t classes) {
  const std::string backbone(toText(model.backbone));
  std::string text =
      names == WeightNames::Timm
          ? fmt::format("model = timm.create_model('{}', num_classes={})\n", backbone, classes)
      : classes > 0
          ? fmt::format("model = torchvision.models.{}(num_classes={})\n", backbone, classes)
          : fmt::format("model = torchvision.models.{}()\nmodel.fc = torch.nn.Identity()\n",
                        backbone);
  if (model.stem == Stem::Cifar) {
    text += fmt::format("model.conv1 = torch.nn.Conv2d(3, {}, 3, padding=1, bias=False)\n",
                        model.width);
    text += "model.maxpool = torch.nn.Identity()\n";
  }
  return text;
}

// The layers of MlpHead, one line for each Linear.
std::string pythonsProjector(const ModelParams& model, std::int64_t inputs) {
  std::vector<std::string> lines;
  for (std::size_t layer = 0; layer < model.projector.size(); ++layer) {
    const std::int64_t outputs = model.projector[layer];
    const bool isLast = layer + 1 == model.projector.size();
    std::string line = fmt::format("    torch.nn.Linear({}, {}, bias={})",
                                   inputs,
                                   outputs,
                                   model.projectorBias ? "True" : "False");
    if (isLast ? model.projectorLastNorm : model.projectorNorm) {
      line += fmt::format(", torch.nn.BatchNorm1d({}{})",
                          outputs,
                          isLast && !model.projectorLastAffine ? ", affine=False" : "");
    }
    lines.push_back(line + (isLast ? "" : ", torch.nn.ReLU()"));
    inputs = outputs;
  }
  return fmt::format("projector = torch.nn.Sequential(\n{})\n", fmt::join(lines, ",\n"));
}

std::string pythonOfOnnx(const ExportRequest& request, const TrainedModel& model) {
  const DataParams& data = model.config.data;
  const bool takesImages = hasBackbone(request.part);
  const char* input = takesImages ? "images" : "features";
  return fmt::format(
      "import onnxruntime\nsession = onnxruntime.InferenceSession({})\n"
      "output = session.run(None, {{'{}': {}}})[0]  # float32 [N, {}]{}\n",
      pythonText(request.file.string()),
      input,
      input,
      takesImages ? fmt::format("3, {0}, {0}", data.imageSize)
                  : std::to_string(model.network->features()),
      takesImages ? fmt::format(": (pixels / 255 - [{}]) / [{}]",
                                fmt::join(data.mean, ", "),
                                fmt::join(data.std, ", "))
                  : "");
}

// torchvision and timm make networks of other widths only by hand.
bool makesTheirNetwork(const ExportRequest& request, const TrainedModel& model) {
  return request.format != WeightFormat::Onnx && hasBackbone(request.part) &&
         model.config.model.width == 64 && model.config.model.backbone != Backbone::Tiny;
}

std::string pythonOf(const ExportRequest& request,
                     const TrainedModel& model,
                     std::int64_t classes) {
  if (request.format == WeightFormat::Onnx) {
    return pythonOfOnnx(request, model);
  }
  const bool isPth = request.format == WeightFormat::Pth;
  const std::string read = fmt::format("{}({})",
                                       isPth ? "torch.load" : "safetensors.torch.load_file",
                                       pythonText(request.file.string()));
  const bool isTheirs = makesTheirNetwork(request, model);
  const bool isTimm = request.names == WeightNames::Timm;
  std::string text = "import torch";
  text += !isTheirs ? "" : isTimm ? ", timm" : ", torchvision";
  text += isPth ? "\n" : ", safetensors.torch\n";
  const std::string ours = pythonsNetwork(model.config.model, request.names, classes);
  const std::string head = pythonsProjector(model.config.model, model.network->features());
  switch (request.part) {
    case ExportPart::Backbone:
      return isTheirs ? fmt::format("{}{}model.load_state_dict({})\n", text, ours, read)
                      : fmt::format("{}weights = {}  # by name\n", text, read);
    case ExportPart::Projector:
      return fmt::format("{}{}projector.load_state_dict({})\n", text, head, read);
    case ExportPart::All:
      break;
  }
  text += fmt::format("weights = {}\n", read);
  const auto load = [](const char* name, const char* prefix) {
    return fmt::format(
        "{}.load_state_dict({{k.removeprefix('{}'): w for k, w in weights.items() if "
        "k.startswith('{}')}})\n",
        name,
        prefix,
        prefix);
  };
  if (isTheirs) {
    text += ours + load("model", "backbone.");
  }
  return text + head + load("projector", "projector.");
}

// All that leaves, before it is written.
struct Prepared {
  TrainedModel model;
  std::optional<Classifier> classifier;
  ExportReport report;
};

Prepared prepare(const ExportRequest& request) {
  Prepared all{
      .model = openTrainedModel(request.model, torch::kCPU), .classifier = {}, .report = {}};
  const TrainedModel& model = all.model;
  requirePossible(request, model);
  const auto probe = probeOf(model);
  all.classifier = classifierOf(request, model, probe);
  const auto& classifier = all.classifier;
  all.report = {.file = request.file,
                .format = request.format,
                .part = request.part,
                .network = networkText(model.config.model),
                .checkpoint = model.origin.checkpoint,
                .step = model.origin.step,
                .features = model.network->features(),
                .python = pythonOf(request, model, classifier ? classifier->weight.size(0) : 0),
                .isTheirs = makesTheirNetwork(request, model),
                .takesClassifier = request.part == ExportPart::Backbone &&
                                   model.config.model.backbone != Backbone::Tiny,
                .probe = probe ? textOf(*probe) : "",
                .notes = model.notes};
  if (classifier) {
    all.report.notes.push_back(classifier->note);
  }
  if (model.config.model.backbone == Backbone::Tiny && request.format != WeightFormat::Onnx &&
      hasBackbone(request.part)) {
    all.report.notes.push_back(
        "The tiny network is this program's own: other programs have no such network to load these "
        "weights into; as ONNX it runs in any of them.");
  }
  return all;
}

}  // namespace

ExportReport describeExport(const ExportRequest& request) { return prepare(request).report; }

ExportReport exportModel(const ExportRequest& request) {
  auto [model, classifier, report] = prepare(request);
  const Notes notes = notesOf(model, request.part, classifier);
  if (request.format == WeightFormat::Onnx) {
    OnnxFile graph = onnxGraph(
        model.network,
        model.config.model,
        {.hasBackbone = hasBackbone(request.part), .hasProjector = hasProjector(request.part)},
        model.config.data.imageSize);
    if (classifier) {
      graph.addWeight("fc.weight", classifier->weight);
      graph.addWeight("fc.bias", classifier->bias);
      graph.addNode(
          "Gemm", {"features", "fc.weight", "fc.bias"}, "logits", {{"transB", std::int64_t{1}}});
      graph.addOutput("logits", {std::string("batch"), classifier->weight.size(0)});
    }
    for (const auto& [name, text] : notes) {
      graph.addNote(name, text);
    }
    graph.write(request.file, std::string(toText(model.config.model.backbone)));
  } else {
    const NamedTensors tensors = tensorsOf(model, request, classifier);
    report.tensors = static_cast<std::int64_t>(tensors.size());
    if (request.format == WeightFormat::Pth) {
      writeTorchFile(request.file, tensors, notes);
    } else {
      writeSafetensors(request.file, tensors, notes);
    }
  }
  std::error_code ignored;  // a pipe has no size
  const auto bytes = fs::file_size(request.file, ignored);
  report.bytes = ignored ? 0 : bytes;
  return report;
}

std::string toJson(const ExportReport& report) {
  nlohmann::ordered_json json;
  json["file"] = report.file.string();
  json["bytes"] = report.bytes;
  json["format"] = toText(report.format);
  json["part"] = toText(report.part);
  json["network"] = report.network;
  json["checkpoint"] = report.checkpoint;
  json["step"] = report.step;
  json["tensors"] = report.tensors;
  json["features"] = report.features;
  json["python"] = report.python;
  json["notes"] = report.notes;
  return jsonText(json);
}

}  // namespace barlow
