#include "core/studio/model_export.h"

#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/evaluation/trained_model.h"
#include "core/files/tensor_files.h"
#include "core/files/torch_file.h"
#include "core/models/onnx_graph.h"
#include "core/models/state_names.h"
#include "core/torch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <string_view>

namespace barlow {
namespace {

namespace fs = std::filesystem;

bool hasBackbone(ExportPart part) { return part != ExportPart::Projector; }
bool hasProjector(ExportPart part) { return part != ExportPart::Backbone; }

void requirePossible(const ExportRequest& request, const TrainedModel& model) {
  if (hasProjector(request.part) && !model.hasProjector) {
    throw Exception(
        fmt::format("{} has no projector; use --part backbone.", request.model.string()));
  }
  if (request.classes == 0) {
    return;
  }
  if (request.part != ExportPart::Backbone || request.format == WeightFormat::Onnx ||
      model.config.model.backbone == Backbone::Tiny) {
    throw Exception(
        "An fc belongs to torchvision's whole ResNet: it comes along with --part backbone and "
        "--format pth or safetensors, of a ResNet.");
  }
}

// Beside the weights, so that whoever opens the file knows what to feed the network.
Notes notesOf(const TrainedModel& model, ExportPart part) {
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
  return notes;
}

NamedTensors tensorsOf(const TrainedModel& model, const ExportRequest& request) {
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
  if (request.classes > 0) {
    tensors.emplace_back("fc.weight", torch::zeros({request.classes, model.network->features()}));
    tensors.emplace_back("fc.bias", torch::zeros({request.classes}));
  }
  return tensors;
}

// torchvision's network of this form, as Python makes it.
std::string pythonsNetwork(const ModelParams& model, WeightNames names, int classes) {
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

std::string pythonOf(const ExportRequest& request, const TrainedModel& model) {
  const DataParams& data = model.config.data;
  const std::string file = request.file.string();
  if (request.format == WeightFormat::Onnx) {
    const char* input = hasBackbone(request.part) ? "images" : "features";
    return fmt::format(
        "import onnxruntime\nsession = onnxruntime.InferenceSession('{}')\n"
        "output = session.run(None, {{'{}': {}}})[0]  # float32 [N, {}]{}\n",
        file,
        input,
        input,
        hasBackbone(request.part) ? fmt::format("3, {0}, {0}", data.imageSize)
                                  : std::to_string(model.network->features()),
        hasBackbone(request.part) ? fmt::format(": (pixels / 255 - [{}]) / [{}]",
                                                fmt::join(data.mean, ", "),
                                                fmt::join(data.std, ", "))
                                  : "");
  }
  const bool isPth = request.format == WeightFormat::Pth;
  const std::string read = isPth ? fmt::format("torch.load('{}')", file)
                                 : fmt::format("safetensors.torch.load_file('{}')", file);
  // torchvision and timm make networks of other widths only by hand.
  const bool isTheirs = request.part == ExportPart::Backbone && model.config.model.width == 64 &&
                        model.config.model.backbone != Backbone::Tiny;
  const char* library = request.names == WeightNames::Timm ? "timm" : "torchvision";
  if (!isTheirs) {
    return fmt::format(
        "import {}\nweights = {}  # by name\n", isPth ? "torch" : "safetensors.torch", read);
  }
  return fmt::format("import torch, {}{}\n{}model.load_state_dict({})\n",
                     library,
                     isPth ? "" : ", safetensors.torch",
                     pythonsNetwork(model.config.model, request.names, request.classes),
                     read);
}

}  // namespace

ExportReport exportModel(const ExportRequest& request) {
  const TrainedModel model = openTrainedModel(request.model, torch::kCPU);
  requirePossible(request, model);
  const Notes notes = notesOf(model, request.part);
  ExportReport report{.file = request.file,
                      .format = request.format,
                      .part = request.part,
                      .network = networkText(model.config.model),
                      .checkpoint = model.origin.checkpoint,
                      .step = model.origin.step,
                      .features = model.network->features(),
                      .python = pythonOf(request, model),
                      .notes = model.notes};
  if (request.format == WeightFormat::Onnx) {
    OnnxFile graph = onnxGraph(
        model.network,
        model.config.model,
        {.hasBackbone = hasBackbone(request.part), .hasProjector = hasProjector(request.part)},
        model.config.data.imageSize);
    for (const auto& [name, text] : notes) {
      graph.addNote(name, text);
    }
    graph.write(request.file, std::string(toText(model.config.model.backbone)));
  } else {
    const NamedTensors tensors = tensorsOf(model, request);
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
