#pragma once

#include "core/files/onnx_file.h"
#include "core/models/encoder.h"
#include "core/params/model_params.h"

namespace barlow {

/// What of a network an ONNX file holds.
struct OnnxParts {
  bool hasBackbone = true;
  bool hasProjector = false;
};

/// The network in evaluation mode, its weights under the names of namedState(). Input: images
/// [batch, 3, S, S], normalised, called "images", or without the backbone "features" [batch, F].
/// Outputs: "features" [batch, F], then "embedding" [batch, D].
OnnxFile onnxGraph(const Encoder& network,
                   const ModelParams& model,
                   OnnxParts parts,
                   std::int64_t imageSize);

}  // namespace barlow
