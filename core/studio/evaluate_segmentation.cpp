#include "core/base/error.h"
#include "core/device/compute_device.h"
#include "core/evaluation/segmentation_probe.h"
#include "core/evaluation/subject.h"
#include "core/studio/evaluation_job.h"

#include <fmt/format.h>

namespace barlow {
namespace {

void fill(EvaluationReport& report,
          const SegmentationOptions& options,
          const SegmentationResult& result) {
  report.data.bankSize = result.trained;
  report.data.queries = result.judged;
  report.notes.insert(report.notes.end(), result.notes.begin(), result.notes.end());
  report.protocol =
      SegmentationProtocol{.epochs = result.epochs,
                           .batchSize = options.batchSize,
                           .learningRate = options.learningRate,
                           .weightDecay = options.weightDecay,
                           .classes = static_cast<std::int64_t>(result.classes.size()),
                           .mapWidth = result.mapWidth,
                           .mapHeight = result.mapHeight};
  const SegmentationScore score = scoreOf(result.confusion);
  report.metrics = {{"mean_iou",
                     "Mean IoU",
                     score.meanIou,
                     "Pixels that are right of those that are or are taken for a class, on average "
                     "over the classes of the masks that were judged; 1 is best."},
                    {"pixel_accuracy",
                     "Pixel accuracy",
                     score.pixelAccuracy,
                     "Of all pixels that have a class."}};
  for (std::size_t c = 0; c < result.classes.size(); ++c) {
    report.metrics.push_back({fmt::format("iou_{}", result.classes[c]),
                              fmt::format("IoU of class {}", result.classes[c]),
                              score.iou[c],
                              ""});
  }
}

}  // namespace

bool judgeSegmentation(EvaluationJob& job) {
  const EvaluationRequest& request = job.request;
  if (request.part == ModelPart::Projector) {
    throw Exception("Segmentation is judged by the backbone's feature map; leave --part out.");
  }
  if (request.data.empty()) {
    throw Exception(
        "Name the pictures with --data: a folder with the folders images and masks, in which a "
        "picture and its mask have the same name (a.jpg and a.png).");
  }
  if (request.split == "train") {
    throw Exception(
        "The images of train are what the probe learns from; judge by --split test, --split "
        "validation, or leave it out.");
  }
  const TrainedModel model = openTrainedModel(request.model, resolveDevice(request.device).device);
  const MaskFolder data = openMaskFolder(request.data,
                                         model.config.data.exif,
                                         request.seed,
                                         wantedSplit(request.split),
                                         job.control.stop);
  job.run = model.origin.run;
  job.report.model = describe(model, false);
  job.report.data = {.source = std::filesystem::absolute(request.data).lexically_normal().string(),
                     .fingerprint = data.fingerprint,
                     .split = data.heldOutSplit};
  job.report.data.isTransfer =
      !job.run.empty() && job.report.data.source != model.config.data.source;
  job.report.notes = model.notes;
  job.report.notes.insert(job.report.notes.end(), data.notes.begin(), data.notes.end());
  const SegmentationOptions options{.epochs = request.epochs, .seed = request.seed};
  const auto result = probeSegmentation(model,
                                        *data.train,
                                        *data.heldOut,
                                        options,
                                        job.control.stop,
                                        job.stage(0, 1),
                                        [&job](const std::string& line) { job.say(line); });
  if (!result) {
    return false;
  }
  fill(job.report, options, *result);
  return true;
}

}  // namespace barlow
