#include "core/device/host_copy.h"

#include "core/device/batch_source.h"

#include <c10/core/Event.h>

#include <optional>

namespace barlow {

struct HostCopy::Impl {
  std::vector<torch::Tensor> tensors;
  std::optional<c10::Event> isThere;  // nothing where nothing was copied
};

HostCopy::HostCopy(const std::vector<torch::Tensor>& tensors) : impl_(std::make_unique<Impl>()) {
  const torch::NoGradGuard noGrad;
  std::optional<torch::Device> device;
  for (const torch::Tensor& tensor : tensors) {
    if (tensor.is_cpu()) {
      impl_->tensors.push_back(tensor);
      continue;
    }
    device = tensor.device();
    torch::Tensor copy =
        torch::empty_like(tensor, torch::TensorOptions().device(torch::kCPU).pinned_memory(true));
    copy.copy_(tensor, /*non_blocking=*/true);
    impl_->tensors.push_back(std::move(copy));
  }
  if (device) {
    impl_->isThere.emplace(device->type());
    impl_->isThere->record(computeStream(*device));
  }
}

HostCopy::~HostCopy() = default;
HostCopy::HostCopy(HostCopy&&) noexcept = default;
HostCopy& HostCopy::operator=(HostCopy&&) noexcept = default;

bool HostCopy::isThere() const { return !impl_->isThere || impl_->isThere->query(); }

const std::vector<torch::Tensor>& HostCopy::wait() const {
  if (impl_->isThere) {
    impl_->isThere->synchronize();
  }
  return impl_->tensors;
}

}  // namespace barlow
