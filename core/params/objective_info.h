#pragma once

#include "core/params/matrix_kind.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace barlow {

/// The layers of the projector that an objective is published with (model.projector_...).
struct ProjectorForm {
  bool hasBias = false;
  bool hasNorm = true;
  bool hasLastNorm = false;
  bool lastNormLearns = true;
};

/// What an objective's state depends on beside its settings. 0: unknown.
struct ObjectiveSizes {
  std::int64_t batch = 0;       // N
  std::int64_t dimensions = 0;  // D
  std::int64_t images = 0;      // in the training split
  std::int64_t seed = 0;        // of the run
};

/// What images are sorted by, where a method sorts them.
struct PrototypeForm {
  std::int64_t count = 0;  // K; 0: there are none
  double temperature = 1;  // cosines are divided by it before the softmax
};

/// What people are told about an objective, wherever they meet it.
struct ObjectiveInfo {
  std::string_view does;      // one sentence: what training minimises
  std::string_view prevents;  // one sentence: what keeps the embeddings from collapsing
  std::string_view healthy;   // one sentence: what its numbers look like when all is well
  std::string_view paper;     // authors, venue, arXiv number
  ProjectorForm projector = {};
  bool hasMomentumEncoder = false;  // a slowly moving copy of the network
  bool takesMoreViews = false;      // small crops beside the two views
  /// What its loss is made of, where that can be looked at.
  std::optional<MatrixKind> ownMatrix = std::nullopt;
  bool owns(MatrixKind kind) const {
    return ownMatrix && (kind == *ownMatrix || (isCovariance(kind) && isCovariance(*ownMatrix)));
  }
};

}  // namespace barlow
