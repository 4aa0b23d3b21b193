#include "core/image/decoders.h"

#include <fmt/format.h>

#include <vector>
#include <webp/decode.h>

namespace barlow {
namespace {

// The decoder looks at damage in the alpha plane only where it is asked for one.
bool decodeWithAlpha(const std::uint8_t* data, std::size_t size, RgbImage& image) {
  std::vector<std::uint8_t> rgba(image.pixels.size() / 3 * 4);
  if (WebPDecodeRGBAInto(data, size, rgba.data(), rgba.size(), image.width * 4) == nullptr) {
    return false;
  }
  const std::uint8_t* from = rgba.data();
  for (std::uint8_t* to = image.pixels.data(); from != rgba.data() + rgba.size(); from += 4) {
    *to++ = from[0];
    *to++ = from[1];
    *to++ = from[2];
  }
  return true;
}

}  // namespace

Result<RgbImage> decodeWebP(std::span<const std::byte> bytes, const PixelSize& claimed) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const ErrorInfo damaged{"the WebP data is damaged or ends too early", ""};
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK ||
      features.width != claimed.width || features.height != claimed.height) {
    return damaged;
  }
  if (features.has_animation != 0) {
    return ErrorInfo{"it is an animation", ""};
  }
  RgbImage image(claimed.width, claimed.height);
  const bool isWhole =
      features.has_alpha != 0
          ? decodeWithAlpha(data, bytes.size(), image)
          : WebPDecodeRGBInto(
                data, bytes.size(), image.pixels.data(), image.pixels.size(), image.width * 3) !=
                nullptr;
  if (!isWhole) {
    return damaged;
  }
  return image;
}

std::string webpLibraryName() {
  const auto version = static_cast<unsigned>(WebPGetDecoderVersion());
  return fmt::format("libwebp {}.{}.{}", version >> 16, version >> 8 & 0xFF, version & 0xFF);
}

}  // namespace barlow
