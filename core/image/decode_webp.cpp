#include "core/image/decoders.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>
#include <webp/decode.h>

namespace barlow {
namespace {

using Data = std::span<const std::uint8_t>;

// One coded picture, and where it stands in the whole.
struct Frame {
  Data data;
  int x = 0;
  int y = 0;
};

std::uint32_t number(Data data, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = value << 8 | data[at + i];
  }
  return value;
}

// The first frame of an animation: its chunk ANMF has 16 bytes about the frame and then what a file
// has that is no animation.
std::optional<Frame> firstFrame(Data file) {
  constexpr std::size_t kChunkHead = 8;
  constexpr std::size_t kFrameHead = 16;
  for (Data rest = file.subspan(12); rest.size() >= kChunkHead;) {
    const std::size_t length = number(rest, 4, 4);
    const bool isFrame = std::memcmp(rest.data(), "ANMF", 4) == 0;
    rest = rest.subspan(kChunkHead);
    if (length > rest.size() || (isFrame && length < kFrameHead)) {
      return std::nullopt;
    }
    if (isFrame) {
      return Frame{.data = rest.subspan(kFrameHead, length - kFrameHead),
                   .x = static_cast<int>(2 * number(rest, 0, 3)),
                   .y = static_cast<int>(2 * number(rest, 3, 3))};
    }
    rest = rest.subspan(std::min(length + length % 2, rest.size()));
  }
  return std::nullopt;
}

// The decoder looks at damage in the alpha plane only where it is asked for one.
bool decodeWithAlpha(Data data, int width, int height, std::uint8_t* to, std::size_t stride) {
  std::vector<std::uint8_t> rgba(static_cast<std::size_t>(width) *
                                 static_cast<std::size_t>(height) * 4);
  if (WebPDecodeRGBAInto(data.data(), data.size(), rgba.data(), rgba.size(), width * 4) ==
      nullptr) {
    return false;
  }
  const std::uint8_t* from = rgba.data();
  for (int y = 0; y < height; ++y, to += stride) {
    std::uint8_t* rgb = to;
    for (int x = 0; x < width; ++x, from += 4, rgb += 3) {
      std::copy(from, from + 3, rgb);
    }
  }
  return true;
}

// Around a frame that is smaller than the picture there is nothing, which is black.
bool decodeFrame(const Frame& frame, RgbImage& image) {
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(frame.data.data(), frame.data.size(), &features) != VP8_STATUS_OK ||
      features.has_animation != 0 || features.width > image.width - frame.x ||
      features.height > image.height - frame.y) {
    return false;
  }
  const std::size_t stride = static_cast<std::size_t>(image.width) * 3;
  std::uint8_t* first = image.row(frame.y) + 3 * frame.x;
  if (features.has_alpha != 0) {
    return decodeWithAlpha(frame.data, features.width, features.height, first, stride);
  }
  const auto room = static_cast<std::size_t>(image.pixels.data() + image.pixels.size() - first);
  return WebPDecodeRGBInto(
             frame.data.data(), frame.data.size(), first, room, static_cast<int>(stride)) !=
         nullptr;
}

}  // namespace

Result<RgbImage> decodeWebP(std::span<const std::byte> bytes, const PixelSize& claimed) {
  const Data file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  const ErrorInfo damaged{"the WebP data is damaged or ends too early", ""};
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK ||
      features.width != claimed.width || features.height != claimed.height) {
    return damaged;
  }
  const std::optional<Frame> frame =
      features.has_animation != 0 ? firstFrame(file) : Frame{.data = file};
  if (!frame || frame->x >= claimed.width || frame->y >= claimed.height) {
    return damaged;
  }
  RgbImage image(claimed.width, claimed.height);
  if (!decodeFrame(*frame, image)) {
    return damaged;
  }
  return image;
}

std::string webpLibraryName() {
  const auto version = static_cast<unsigned>(WebPGetDecoderVersion());
  return fmt::format("libwebp {}.{}.{}", version >> 16, version >> 8 & 0xFF, version & 0xFF);
}

}  // namespace barlow
