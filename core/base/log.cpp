#include "core/base/log.h"

#include "core/base/system.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <array>
#include <mutex>
#include <pthread.h>

namespace barlow {

std::string_view toText(LogLevel level) {
  static constexpr std::array<std::string_view, 4> kNames = {"debug", "info", "warning", "error"};
  return kNames.at(static_cast<std::size_t>(level));
}

struct Log::Impl {
  Options options;
  std::shared_ptr<spdlog::logger> file;
  std::mutex listenerMutex;
};

Log::Log(Options options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  if (impl_->options.file.empty()) {
    return;
  }
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(impl_->options.file.string());
    impl_->file = std::make_shared<spdlog::logger>("barlow", sink);
    impl_->file->set_pattern("%v");
    impl_->file->flush_on(spdlog::level::info);
    // A log that cannot be written must not disturb what it logs; the listener still hears every
    // line.
    impl_->file->set_error_handler([](const std::string&) {});
  } catch (const spdlog::spdlog_ex&) {
    impl_->file = nullptr;  // as above
  }
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view text) {
  std::array<char, 16> thread{};
  pthread_getname_np(pthread_self(), thread.data(), thread.size());
  const LogLine line{utcNow(), level, thread.data(), std::string(text)};
  if (impl_->file) {
    impl_->file->info("{} {:<7} {:<15} {}", line.time, toText(level), line.thread, line.text);
  }
  if (impl_->options.listener) {
    std::lock_guard lock(impl_->listenerMutex);
    impl_->options.listener(line);
  }
}

}  // namespace barlow
