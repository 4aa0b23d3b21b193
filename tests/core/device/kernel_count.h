#pragma once

#include <ATen/record_function.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace barlow {

/// Counts the operations of LibTorch that this thread calls while it lives and that would be
/// launches on an accelerator: not those that only look at a tensor in another way, allocate, or
/// consist of others; of those that call others only the outermost (an accelerator converts
/// numbers within an operation, the CPU by more of them).
class KernelCount {
 public:
  KernelCount() {
    current() = this;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(
            [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
              current()->enter(function.name());
              return nullptr;
            },
            [](const at::RecordFunction& function, at::ObserverContext*) {
              current()->leave(function.name());
            })
            .scopes({at::RecordScope::FUNCTION}));
  }
  ~KernelCount() { at::removeCallback(handle_); }
  KernelCount(const KernelCount&) = delete;
  KernelCount& operator=(const KernelCount&) = delete;

  std::int64_t of(const std::string& name) const {
    const auto at = counts_.find(name);
    return at != counts_.end() ? at->second : 0;
  }
  std::int64_t kernels() const {
    std::int64_t sum = 0;
    for (const auto& [name, count] : counts_) {
      sum += count;
    }
    return sum;
  }
  std::string text() const {
    std::string text;
    for (const auto& [name, count] : counts_) {
      text += name + " " + std::to_string(count) + "\n";
    }
    return text;
  }

 private:
  void enter(const char* name) {
    if (!free().contains(name) && depth_++ == 0) {
      ++counts_[name];
    }
  }
  void leave(const char* name) { depth_ -= free().contains(name) ? 0 : 1; }

  static const std::set<std::string>& free() {
    static const std::set<std::string> names = {
        "aten::view",           "aten::narrow",     "aten::slice",        "aten::select",
        "aten::permute",        "aten::transpose",  "aten::expand",       "aten::unsqueeze",
        "aten::squeeze",        "aten::as_strided", "aten::reshape",      "aten::flatten",
        "aten::alias",          "aten::detach",     "aten::empty",        "aten::empty_strided",
        "aten::empty_like",     "aten::resize_",    "aten::to",           "aten::_to_copy",
        "aten::contiguous",     "aten::clone",      "aten::from_file",    "aten::zeros",
        "aten::zeros_like",     "aten::expand_as",  "aten::resolve_conj", "aten::resolve_neg",
        "aten::_reshape_alias", "aten::view_as",    "aten::unflatten",    "aten::result_type"};
    return names;
  }
  static KernelCount*& current() {
    static thread_local KernelCount* count = nullptr;
    return count;
  }

  at::CallbackHandle handle_ = 0;
  int depth_ = 0;  // of operations that are not free
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace barlow
