#include "core/image/decoders.h"
#include "core/image/pnm_header.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

// Netpbm's binary gray and colour maps: a line of text, then samples.

namespace barlow {

Result<RgbImage> decodePnm(std::span<const std::byte> bytes, const PixelSize& claimed) {
  ByteSource file(bytes);
  const std::optional<PnmHeader> header = readPnmHeader(file);
  const std::size_t sampleBytes = header && header->most > 0xFF ? 2 : 1;
  const std::size_t samples = static_cast<std::size_t>(claimed.width) *
                              static_cast<std::size_t>(claimed.height) *
                              static_cast<std::size_t>(header ? header->channels : 0);
  if (!header || (bytes.size() - header->data) / sampleBytes < samples) {
    return ErrorInfo{"the PNM data ends too early", ""};
  }
  std::vector<std::uint8_t> levels(std::size_t{1} << 8 * sampleBytes, 0xFF);
  for (std::size_t value = 0; value < header->most; ++value) {
    // Half to even, as Python's round() in Pillow.
    levels[value] = static_cast<std::uint8_t>(
        std::nearbyint(static_cast<double>(value) / static_cast<double>(header->most) * 255));
  }
  RgbImage image(claimed.width, claimed.height);
  const auto* next = reinterpret_cast<const std::uint8_t*>(bytes.data() + header->data);
  std::uint8_t* target = image.pixels.data();
  for (std::size_t i = 0; i < samples; ++i, next += sampleBytes) {
    const std::size_t value = sampleBytes == 1 ? next[0] : std::size_t{next[0]} << 8 | next[1];
    for (int copies = header->channels == 1 ? 3 : 1; copies > 0; --copies) {
      *target++ = levels[value];
    }
  }
  return image;
}

}  // namespace barlow
