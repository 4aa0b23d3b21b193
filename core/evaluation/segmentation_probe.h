#pragma once

#include "core/evaluation/mask_reader.h"
#include "core/evaluation/trained_model.h"
#include "core/torch.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace barlow {

/// A class for every pixel from the frozen backbone's last feature map by one linear layer (a 1x1
/// convolution), as DINOv2 (arXiv 2304.07193, section 7.4) and its forerunners judge it: AdamW, a
/// rate that falls linearly to 0, and logits that are brought to the size of the masks bilinearly.
/// What is ours: the picture as a whole is resized to the network's square, there is no
/// augmentation (so that maps are computed once), and every channel is standardised by its mean and
/// deviation over the training images instead of BatchNorm.
struct SegmentationOptions {
  int epochs = 0;  // 0: kLeastEpochs, or as many as make kLeastSteps
  int batchSize = 16;
  double learningRate = 1e-3;
  double weightDecay = 1e-4;
  std::int64_t seed = 0;
  /// Of the training images' feature maps, which are kept; 0: half of what is available.
  std::uint64_t mostBytes = 0;

  static constexpr int kLeastEpochs = 20;
  static constexpr int kLeastSteps = 1000;
};

struct SegmentationResult {
  std::vector<int> classes;                          // values in the training masks, ascending
  std::vector<std::vector<std::int64_t>> confusion;  // pixels of the judged masks' own size
  int epochs = 0;
  std::int64_t trained = 0;  // images
  std::int64_t judged = 0;
  std::int64_t mapWidth = 0;
  std::int64_t mapHeight = 0;
  std::vector<std::string> notes;
};

/// The backbone is shown not to have moved (CheckFailure). `progress`: 0 to 1, `tell`: a line for
/// every stage, both on this thread. Nothing when stopped. Throws Exception: maps that take more
/// memory than there is for them, no mask that can be used, none with a class, a single class.
std::optional<SegmentationResult> probeSegmentation(
    const TrainedModel& model,
    const MaskedImages& train,
    const MaskedImages& judged,
    const SegmentationOptions& options,
    const std::stop_token& stop,
    const std::function<void(double)>& progress,
    const std::function<void(const std::string&)>& tell);

/// Linear interpolation of `from` values to `to`, by the centres of pixels (align_corners false):
/// [to, from].
torch::Tensor upsampling(std::int64_t from, std::int64_t to);

}  // namespace barlow
