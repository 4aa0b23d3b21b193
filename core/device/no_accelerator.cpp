#include "core/device/accelerator.h"

namespace barlow {

std::string acceleratorName(const torch::Device& device) { return device.str(); }

void releaseWorkspaces(const torch::Device&) {}

}  // namespace barlow
