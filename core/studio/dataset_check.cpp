#include "core/studio/dataset_check.h"

#include "core/dataset/open_dataset.h"
#include "core/studio/dataset_browser.h"

namespace barlow {

ScanReport checkDataset(const std::string& source,
                        const std::function<void(std::int64_t done, std::int64_t total)>& progress,
                        std::stop_token stop) {
  return scanDataset(recognizedSource(source), progress, stop);
}

}  // namespace barlow
