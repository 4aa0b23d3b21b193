#pragma once

#include "core/params/model_params.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// A tensor of a file of weights, as the file calls it.
struct StateEntry {
  std::string name;
  std::vector<std::int64_t> shape;
};

/// What the names and shapes of a file of weights say: of torchvision, timm, lightly, solo-learn,
/// the Barlow Twins authors' files, or our own.
struct StateGuess {
  ModelParams model;  // projector: as found, or one layer of one number
  bool hasProjector = false;
  /// "a ResNet-50 (width 64, ImageNet stem)".
  std::string network;
  /// "names below 'module.backbone.'".
  std::string naming;
  /// A sentence where the file's network is not quite ours, though its tensors fit; empty else.
  std::string caution;
  /// For every entry its name in an Encoder (encoder.h); empty where it is of no use there.
  std::vector<std::string> names;
};

/// Which network the tensors of `file` are the weights of, from names and shapes alone. Prefixes
/// (module., backbone., encoder_q. ...) may be anything; a slowly moving copy (momentum) is passed
/// over. Throws Exception where there is none that is known here, with what it seems to be.
StateGuess guessState(const std::string& file, const std::vector<StateEntry>& entries);

/// "a ResNet-18 (width 64, CIFAR stem)".
std::string networkText(const ModelParams& model);

}  // namespace barlow
