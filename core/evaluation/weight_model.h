#pragma once

#include "core/evaluation/trained_model.h"

namespace barlow {

/// A file of weights (openWeightFile()) as a model. Its images are as the file notes them, where
/// this program wrote it; else as networks of its stem are usually fed: 224 or 32 pixels,
/// normalised with ImageNet's statistics, which a note says. Nothing is known of its data.
TrainedModel openWeightModel(const std::filesystem::path& file, const torch::Device& device);

}  // namespace barlow
