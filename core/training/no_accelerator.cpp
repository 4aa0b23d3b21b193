#include "core/training/accelerator.h"

namespace barlow {

std::string acceleratorName(const torch::Device& device) { return device.str(); }

}  // namespace barlow
