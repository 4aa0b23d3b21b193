#pragma once

#include "core/models/encoder.h"
#include "core/models/state_names.h"
#include "core/params/model_params.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace barlow {

/// A network from a file of weights, of this program or another (guessState()).
struct WeightFile {
  Encoder network{nullptr};  // with the weights, on the CPU, in evaluation mode
  ModelParams model;
  bool hasProjector = false;  // else the network's has one output and means nothing
  std::string seems;          // "a ResNet-50 (width 64, ImageNet stem), torchvision's names"
  std::string caution;        // a sentence where the network is not quite ours
  std::vector<std::string> unmatched;  // names of tensors that were of no use, in the file's words
  std::map<std::string, std::string> metadata;  // of files that this program wrote: modelNotes()
};

/// Reads .safetensors, or .pth of torch.save() without running what it asks for (torch_file.h).
/// Throws Exception: another format, a network that is not known here, a tensor that is missing or
/// has another shape than the rest of them says.
WeightFile openWeightFile(const std::filesystem::path& path);

/// "fc.weight, fc.bias and 3 more".
std::string listText(const std::vector<std::string>& names);

/// Throws Exception where `model` has another backbone, with what the file seems to be.
void requireSameBackbone(const std::filesystem::path& path,
                         const WeightFile& file,
                         const ModelParams& model);

/// What copyWeights() did.
struct StartingPoint {
  bool hasProjector = false;  // it came along
  std::string text;           // a sentence on what matched
  std::string warning;        // sentences on what did not, or not quite; empty where all did
};

/// Copies the file's weights into a network of `model`: the backbone (requireSameBackbone()), and
/// the projector where both have the same.
StartingPoint copyWeights(const std::filesystem::path& path,
                          const WeightFile& from,
                          const Encoder& to,
                          const ModelParams& model);

}  // namespace barlow
