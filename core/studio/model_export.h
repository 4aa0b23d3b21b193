#pragma once

#include "core/params/param_info.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace barlow {

enum class WeightFormat { Safetensors, Pth, Onnx };
template <>
inline constexpr std::array<EnumName<WeightFormat>, 3> kEnumNames<WeightFormat> = {{
    {WeightFormat::Safetensors, "safetensors", "safetensors"},
    {WeightFormat::Pth, "pth", "PyTorch (.pth)"},
    {WeightFormat::Onnx, "onnx", "ONNX"},
}};

enum class ExportPart { Backbone, Projector, All };
template <>
inline constexpr std::array<EnumName<ExportPart>, 3> kEnumNames<ExportPart> = {{
    {ExportPart::Backbone, "backbone", "Backbone (what is kept)"},
    {ExportPart::Projector, "projector", "Projector (what the loss sees)"},
    {ExportPart::All, "all", "Both"},
}};

/// Whose names the backbone's tensors have; for these networks both have the same.
enum class WeightNames { Torchvision, Timm };
template <>
inline constexpr std::array<EnumName<WeightNames>, 2> kEnumNames<WeightNames> = {{
    {WeightNames::Torchvision, "torchvision", "torchvision"},
    {WeightNames::Timm, "timm", "timm"},
}};

/// What is taken away, and where to. A plain value.
struct ExportRequest {
  std::filesystem::path model;  // a run, a checkpoint's folder, or a file of weights
  std::filesystem::path file;
  WeightFormat format = WeightFormat::Safetensors;
  ExportPart part = ExportPart::Backbone;
  WeightNames names = WeightNames::Torchvision;
  // With an `fc`, as torchvision's whole network has: that of the newest linear probe of this
  // checkpoint on its features, or, with `classes` or where none was made, of so many zeros.
  bool hasClassifier = false;
  int classes = 0;  // 0: the probe's, else 1000
};

struct ExportReport {
  std::filesystem::path file;
  std::uint64_t bytes = 0;
  WeightFormat format = WeightFormat::Safetensors;
  ExportPart part = ExportPart::Backbone;
  std::string network;     // "a ResNet-18 (width 64, CIFAR stem)"
  std::string checkpoint;  // its name
  std::int64_t step = 0;
  std::int64_t tensors = 0;  // 0: ONNX, where they are part of a graph
  std::int64_t features = 0;
  std::string python;              // lines that open the file
  bool isTheirs = false;           // `python` makes a network of torchvision's or timm's
  bool takesClassifier = false;    // an fc can come along
  std::string probe;               // that one, where a linear probe of these weights was made
  std::vector<std::string> notes;  // what a person should know
};

/// Names of tensors: the backbone's are torchvision's, the projector's those of its nn.Sequential;
/// with both parts below "backbone." and "projector.". Mean, standard deviation and size of the
/// images travel along (safetensors: metadata, .pth: notes.json in the archive, ONNX:
/// metadata_props). The file appears whole or not at all. Blocks. Throws Exception: no checkpoint,
/// no projector in a file of weights, a disk that is full, a folder that cannot be written.
ExportReport exportModel(const ExportRequest& request);

/// What exportModel() would write, without writing it: with no size, and Python for request.file as
/// it is named. Blocks; throws as it does where the model or the request is the reason.
ExportReport describeExport(const ExportRequest& request);

/// The object that `barlow export --json` prints.
std::string toJson(const ExportReport& report);

}  // namespace barlow
