#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace barlow {

/// A broken contract in our own code (wrong shape, call in the wrong order). Not for bad input.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

namespace detail {
// Collects the streamed text and throws at the end of the full expression.
class CheckMessage {
 public:
  CheckMessage(const char* file, int line, const char* condition) {
    text_ << file << ':' << line << ": " << condition << ' ';
  }
  CheckMessage(const CheckMessage&) = delete;
  CheckMessage& operator=(const CheckMessage&) = delete;
  [[noreturn]] ~CheckMessage() noexcept(false) { throw CheckFailure(text_.str()); }
  template <class T>
  CheckMessage& operator<<(const T& value) {
    text_ << value;
    return *this;
  }

 private:
  std::ostringstream text_;
};
}  // namespace detail

}  // namespace barlow

/// BARLOW_CHECK(zA.sizes() == zB.sizes()) << "views differ: " << zA.sizes();
#define BARLOW_CHECK(condition) \
  if (condition) [[likely]] {   \
  } else /* NOLINT */           \
    ::barlow::detail::CheckMessage(__FILE__, __LINE__, #condition)
