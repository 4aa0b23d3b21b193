#pragma once

#include "core/base/error.h"

#include <string>
#include <utility>
#include <variant>

namespace barlow {

/// A value or the reason why there is none: for failures that are ordinary, such as one unreadable
/// image.
///   Result<RgbImage> image = readImage(path);
///   if (!image) report(image.error().message);
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}          // NOLINT: implicit on purpose
  Result(ErrorInfo error) : content_(std::move(error)) {}  // NOLINT: implicit on purpose
  explicit operator bool() const { return std::holds_alternative<T>(content_); }
  T& value() & { return requireValue(); }
  T&& value() && { return std::move(requireValue()); }
  const T& value() const& {
    if (!*this) {
      throw Exception(std::get<ErrorInfo>(content_));
    }
    return std::get<T>(content_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// Only when there is no value.
  const ErrorInfo& error() const { return std::get<ErrorInfo>(content_); }

 private:
  T& requireValue() {
    if (!*this) {
      throw Exception(std::get<ErrorInfo>(content_));
    }
    return std::get<T>(content_);
  }
  std::variant<T, ErrorInfo> content_;
};

}  // namespace barlow
