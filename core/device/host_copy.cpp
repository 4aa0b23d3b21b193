#include "core/device/host_copy.h"

#include "core/device/batch_source.h"

#include <c10/core/Event.h>

#include <optional>

namespace barlow {

struct HostCopy::Impl {
  std::vector<torch::Tensor> tensors;
  std::optional<torch::Device> device;  // from which something was copied
  std::optional<c10::Event> isThere;

  Impl() = default;
  // Freeing page-locked memory asks the device, and must not throw here: after an error of the
  // device the memory is left to the process.
  ~Impl() {
    try {
      if (device) {
        c10::Event probe(device->type());
        probe.record(computeStream(*device));  // does not wait
      }
    } catch (const c10::Error&) {
      for (torch::Tensor& tensor : tensors) {
        static_cast<void>(tensor.unsafeReleaseIntrusivePtr().release());
      }
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
};

HostCopy::HostCopy(const std::vector<torch::Tensor>& tensors) : impl_(std::make_unique<Impl>()) {
  const torch::NoGradGuard noGrad;
  std::optional<torch::Device>& device = impl_->device;
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
