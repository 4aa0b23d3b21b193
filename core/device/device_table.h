#pragma once

#include "core/device/view_table.h"
#include "core/torch.h"

namespace barlow {

/// The bytes of a ViewTable on a device; its columns are slices, not copies.
class DeviceTable {
 public:
  explicit DeviceTable(torch::Tensor bytes) : bytes_(std::move(bytes)) {}

  torch::Tensor column(const Column& where,
                       torch::ScalarType type,
                       torch::IntArrayRef shape) const {
    const auto size = static_cast<std::int64_t>(torch::elementSize(type));
    return bytes_.narrow(0, where.begin, where.count * size).view(type).view(shape);
  }

 private:
  torch::Tensor bytes_;  // uint8
};

}  // namespace barlow
