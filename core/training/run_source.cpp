#include "core/training/run_source.h"

#include "core/planning/resident_choice.h"

#include <string>
#include <utility>

namespace barlow {

std::unique_ptr<BatchSource> openBatchSource(const RunConfig& config,
                                             const RunPlan& plan,
                                             const OpenedDataset& data,
                                             std::int64_t firstStep,
                                             torch::MemoryFormat format,
                                             RunRecorder& recorder,
                                             std::stop_token stop) {
  const auto tell = [&recorder](std::string text) {
    recorder.tell({.kind = EventKind::Preparing, .text = std::move(text)});
  };
  RunRecord record = recorder.record();
  const auto images = residentImages(config, plan, record.views, *data.train, stop, tell);
  if (!stop.stop_requested()) {  // what was not tried to the end is not known
    record.views = images ? "device" : "cpu";
    recorder.setRecord(record);
  }
  if (images) {
    return makeResidentSource({.images = images,
                               .config = config,
                               .firstStep = firstStep,
                               .lastStep = plan.lastStep,
                               .format = format});
  }
  return makeLoaderSource({.dataset = data.train,
                           .config = config,
                           .firstStep = firstStep,
                           .lastStep = plan.lastStep,
                           .workers = plan.loaderWorkers},
                          torch::Device(plan.device),
                          format);
}

}  // namespace barlow
