#pragma once

#include "core/base/job_control.h"
#include "core/matrix/inspection.h"
#include "core/params/run_config.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// Weights from any program, to look at. Failures are Exceptions (what, which path, what to do).
namespace barlow {

/// Whether a file is one of weights and no embeddings: by its ending, and a .safetensors file by
/// what it holds. Reads its header at most.
bool isWeightFile(const std::filesystem::path& path);

/// What a file of weights holds.
struct WeightFacts {
  std::string network;  // "a ResNet-50 (width 64, ImageNet stem)"
  bool hasProjector = false;
  RunConfig config;  // model, data (how images are fed, no source) and augment are the file's
  std::vector<std::string> notes;  // sentences: tensors that are of no use, what was assumed
};
/// Reads the file; blocks. Throws Exception: code in it, damaged, no network that is known here.
WeightFacts describeWeights(const std::filesystem::path& file);

/// How many images of a data set the matrix is made of, at most: fewer where each takes long.
std::int64_t imagesForMatrix(const WeightFacts& facts);

/// What the projector makes of two views of images of `source`, which are distorted as its kind of
/// network is trained, as a matrix that can be drawn. Null after a stop. Throws Exception: no
/// projector, images that cannot be read.
std::shared_ptr<const Inspection> pictureOfWeights(const std::filesystem::path& file,
                                                   const std::string& source,
                                                   MatrixKind kind,
                                                   const JobControl& control = {});

}  // namespace barlow
