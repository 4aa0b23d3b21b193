#include "core/image/png_writer.h"

#include "core/base/check.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <csetjmp>
#include <exception>
#include <png.h>
#include <string>
#include <utility>
#include <zlib.h>

namespace barlow {

struct PngWriter::Impl {
  PngFormat format;
  Sink sink;
  png_structp png = nullptr;
  png_infop info = nullptr;
  int rowsWritten = 0;
  std::exception_ptr sinkError;  // carried over the C frames of libpng
  std::string reason;
};

namespace {

// libpng leaves by longjmp, which skips destructors: the functions that it can leave through hold
// nothing but numbers and pointers.
[[noreturn]] void leave(png_structp png, png_const_charp text) {
  auto* reason = static_cast<std::string*>(png_get_error_ptr(png));
  if (reason->empty()) {
    *reason = text;
  }
  png_longjmp(png, 1);
}

void ignoreWarning(png_structp, png_const_charp) {}

void flushNothing(png_structp) {}

template <class Impl>
void passOn(png_structp png, png_bytep data, png_size_t size) {
  auto* impl = static_cast<Impl*>(png_get_io_ptr(png));
  try {
    impl->sink(std::as_bytes(std::span(data, size)));
    return;
  } catch (...) {
    impl->sinkError = std::current_exception();
  }
  png_error(png, "the file cannot be written");
}

template <class Impl>
bool writeHeader(Impl& impl) {
  if (setjmp(png_jmpbuf(impl.png)) != 0) {
    return false;
  }
  const PngFormat& format = impl.format;
  const bool isIndexed = !format.palette.empty();
  png_set_write_fn(impl.png, &impl, passOn<Impl>, flushNothing);
  png_set_IHDR(impl.png,
               impl.info,
               static_cast<png_uint_32>(format.width),
               static_cast<png_uint_32>(format.height),
               8,
               isIndexed ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB,
               PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (isIndexed) {
    png_color colors[PNG_MAX_PALETTE_LENGTH];
    int count = 0;
    for (const auto& color : format.palette) {
      colors[count++] = {color[0], color[1], color[2]};
    }
    png_set_PLTE(impl.png, impl.info, colors, count);
  }
  png_set_filter(impl.png, PNG_FILTER_TYPE_BASE, format.isPhoto ? PNG_FILTER_SUB : PNG_FILTER_NONE);
  png_set_compression_level(impl.png, 1);
  if (isIndexed || format.isPhoto) {
    png_set_compression_strategy(impl.png, Z_RLE);  // half the time of searching further back
  }
  png_set_compression_buffer_size(impl.png, 1 << 18);
  png_write_info(impl.png, impl.info);
  return true;
}

template <class Impl>
bool writeSome(Impl& impl, const std::uint8_t* rows, int count) {
  if (setjmp(png_jmpbuf(impl.png)) != 0) {
    return false;
  }
  const std::size_t stride = static_cast<std::size_t>(impl.format.width) *
                             (impl.format.palette.empty() ? std::size_t{3} : std::size_t{1});
  for (int i = 0; i < count; ++i) {
    png_write_row(impl.png, rows + static_cast<std::size_t>(i) * stride);
  }
  return true;
}

template <class Impl>
bool writeEnd(Impl& impl) {
  if (setjmp(png_jmpbuf(impl.png)) != 0) {
    return false;
  }
  png_write_end(impl.png, impl.info);
  return true;
}

template <class Impl>
void require(bool isDone, const Impl& impl) {
  if (isDone) {
    return;
  }
  if (impl.sinkError) {
    std::rethrow_exception(impl.sinkError);
  }
  throw Exception(fmt::format("A picture of {} x {} pixels cannot be made as PNG: {}.",
                              impl.format.width,
                              impl.format.height,
                              impl.reason));
}

}  // namespace

PngWriter::PngWriter(const PngFormat& format, Sink sink) : impl_(std::make_unique<Impl>()) {
  impl_->format = format;
  impl_->sink = std::move(sink);
  constexpr std::size_t kMostColors = 256;
  if (format.width <= 0 || format.height <= 0 || format.palette.size() > kMostColors) {
    throw Exception(fmt::format("A picture of {} x {} pixels in {} colours cannot be made as PNG.",
                                format.width,
                                format.height,
                                format.palette.size()));
  }
  impl_->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &impl_->reason, leave, ignoreWarning);
  impl_->info = impl_->png == nullptr ? nullptr : png_create_info_struct(impl_->png);
  if (impl_->info == nullptr) {
    png_destroy_write_struct(&impl_->png, nullptr);
    throw Exception("There is not enough memory to make a PNG.");
  }
  const bool isDone = writeHeader(*impl_);
  if (!isDone) {
    png_destroy_write_struct(&impl_->png, &impl_->info);
  }
  require(isDone, *impl_);
}

PngWriter::~PngWriter() { png_destroy_write_struct(&impl_->png, &impl_->info); }

void PngWriter::writeRows(const std::uint8_t* rows, int count) {
  BARLOW_CHECK(count >= 0 && impl_->rowsWritten + count <= impl_->format.height)
      << "rows " << impl_->rowsWritten << " to " << impl_->rowsWritten + count << " of "
      << impl_->format.height;
  require(writeSome(*impl_, rows, count), *impl_);
  impl_->rowsWritten += count;
}

void PngWriter::finish() {
  BARLOW_CHECK(impl_->rowsWritten == impl_->format.height)
      << impl_->rowsWritten << " of " << impl_->format.height << " rows were written";
  require(writeEnd(*impl_), *impl_);
}

}  // namespace barlow
