#include "core/device/batch_source.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace barlow {

c10::Stream computeStream(const torch::Device& device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStream(device);
}

c10::Stream sideStream(const torch::Device& device) {
  return c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device, false);
}

}  // namespace barlow
