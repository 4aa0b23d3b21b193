#pragma once

#include <exception>
#include <string>
#include <utility>

namespace barlow {

/// What went wrong, twice: one sentence for the person (what, where, what to do) and detail for the
/// log.
struct ErrorInfo {
  std::string message;
  std::string detail;
  bool operator==(const ErrorInfo&) const = default;
};

/// An operation that cannot go on: data folder gone, disk full, damaged checkpoint. Caught at
/// thread entries, in main, and where a caller has something better to do; never swallowed.
class Exception : public std::exception {
 public:
  explicit Exception(std::string message, std::string detail = {})
      : info_{std::move(message), std::move(detail)} {}
  explicit Exception(ErrorInfo info) : info_(std::move(info)) {}
  const char* what() const noexcept override { return info_.message.c_str(); }
  const ErrorInfo& info() const noexcept { return info_; }

 private:
  ErrorInfo info_;
};

}  // namespace barlow
