#include "core/image/bmp_runs.h"
#include "core/image/decoders.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>

// Windows bitmaps, which no common library reads: rows of numbers, or of runs.

namespace barlow {
namespace {

using Bytes = std::span<const std::byte>;

enum class Compression : std::uint32_t { None = 0, Runs8 = 1, Runs4 = 2, Masks = 3 };

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kOldHeader = 12;  // OS/2 1: sizes of 16 bits, colours of three bytes
constexpr std::uint32_t kLeastHeader = 40;
constexpr std::size_t kMasksAt = 54;  // behind the least header, or inside a longer one
constexpr std::size_t kMaskBytes = 12;

using Masks = std::array<std::uint32_t, 3>;  // red, green, blue
constexpr Masks kUsualMasks{0xFF0000, 0xFF00, 0xFF};
constexpr Masks kFiveBits{0x7C00, 0x3E0, 0x1F};
constexpr Masks kSixBits{0xF800, 0x7E0, 0x1F};  // of green

struct Bitmap {
  PixelSize size;
  std::uint32_t bits = 0;  // of a pixel
  Compression compression = Compression::None;
  bool isTopDown = false;
  std::array<std::array<std::uint8_t, 3>, 256> palette{};  // what it does not name is black
  Masks masks = kUsualMasks;
  Bytes data;
};

std::uint32_t number(Bytes bytes, std::size_t index, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[index + i]);
  }
  return value;
}

bool isKnown(const Bitmap& bitmap) {
  switch (bitmap.compression) {
    case Compression::None:
      return bitmap.bits == 1 || bitmap.bits == 4 || bitmap.bits == 8 || bitmap.bits == 16 ||
             bitmap.bits == 24 || bitmap.bits == 32;
    case Compression::Runs8:
      return bitmap.bits == 8;
    case Compression::Runs4:
      return bitmap.bits == 4;
    case Compression::Masks:
      return bitmap.bits == 16 || bitmap.bits == 24 || bitmap.bits == 32;
  }
  return false;
}

bool readPalette(
    Bytes bytes, std::size_t at, std::size_t count, std::size_t entry, Bitmap& bitmap) {
  if (at > bytes.size() || count > (bytes.size() - at) / entry) {
    return false;
  }
  for (std::size_t i = 0; i < std::min(count, bitmap.palette.size()); ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      bitmap.palette[i][2 - c] = std::to_integer<std::uint8_t>(bytes[at + i * entry + c]);
    }
  }
  return true;
}

// Five bits each, or six for green; 32 bits in whole bytes of any order.
bool readMasks(Bytes bytes, Bitmap& bitmap) {
  if (bytes.size() < kMasksAt + kMaskBytes) {
    return false;
  }
  Masks masks{};
  for (std::size_t c = 0; c < 3; ++c) {
    masks[c] = number(bytes, kMasksAt + 4 * c, 4);
  }
  if (bitmap.bits == 16) {
    bitmap.masks = masks;
    return masks == kFiveBits || masks == kSixBits;
  }
  if (masks == Masks{} || bitmap.bits == 24) {
    return masks == Masks{} || masks == kUsualMasks;  // some writers leave the usual ones out
  }
  bitmap.masks = masks;
  return std::all_of(masks.begin(), masks.end(), [](std::uint32_t mask) {
    return mask == 0xFF || mask == 0xFF00 || mask == 0xFF0000 || mask == 0xFF000000;
  });
}

// Where the pixels begin. Some writers leave that out, or name the end of the header although a
// palette follows; Pillow takes it for the end of the palette in both cases.
bool placeData(Bytes bytes, std::size_t headerEnd, std::size_t colorsEnd, Bitmap& bitmap) {
  std::size_t offset = number(bytes, 10, 4);
  if (offset == 0 || (offset == headerEnd && bitmap.bits <= 8)) {
    offset = colorsEnd;
  }
  if (offset < headerEnd || offset > bytes.size()) {
    return false;
  }
  bitmap.data = bytes.subspan(offset);
  return true;
}

std::optional<Bitmap> readHeader(Bytes bytes, const PixelSize& size) {
  Bitmap bitmap;
  bitmap.size = size;
  const std::uint32_t header = number(bytes, kFileHeader, 4);  // readImageHeader saw 26 bytes
  const std::size_t end = kFileHeader + std::size_t{header};
  if ((header != kOldHeader && header < kLeastHeader) || end > bytes.size()) {
    return std::nullopt;
  }
  const bool isOld = header == kOldHeader;
  bitmap.bits = number(bytes, isOld ? 24 : 28, 2);
  if (!isOld) {
    bitmap.compression = static_cast<Compression>(number(bytes, 30, 4));
    bitmap.isTopDown = number(bytes, 22, 4) >> 31 != 0;
  }
  if (!isKnown(bitmap)) {
    return std::nullopt;
  }
  std::size_t colorBytes = 0;
  if (bitmap.bits <= 8) {
    const std::size_t used = isOld ? 0 : number(bytes, 46, 4);
    const std::size_t count = used == 0 ? std::size_t{1} << bitmap.bits : used;
    colorBytes = count * (isOld ? 3 : 4);
    if (!readPalette(bytes, end, count, isOld ? 3 : 4, bitmap)) {
      return std::nullopt;
    }
  } else if (bitmap.compression == Compression::Masks) {
    colorBytes = header == kLeastHeader ? kMaskBytes : 0;
    if (!readMasks(bytes, bitmap)) {
      return std::nullopt;
    }
  } else if (bitmap.bits == 16) {
    bitmap.masks = kFiveBits;
  }
  return placeData(bytes, end, end + colorBytes, bitmap) ? std::optional(bitmap) : std::nullopt;
}

std::uint8_t* rowOf(const Bitmap& bitmap, RgbImage& image, int y) {
  return image.row(bitmap.isTopDown ? y : bitmap.size.height - 1 - y);
}

// The eight bits from the uppermost of the mask down; what is missing below is zero.
std::uint8_t channel(std::uint32_t pixel, std::uint32_t mask) {
  const std::uint32_t masked = pixel & mask;
  const int shift = std::bit_width(mask) - 8;
  return static_cast<std::uint8_t>(shift >= 0 ? masked >> shift : masked << -shift);
}

void readMasked(const Bitmap& bitmap, Bytes row, std::uint8_t* rgb) {
  const std::size_t size = bitmap.bits / 8;
  for (std::size_t x = 0; x < static_cast<std::size_t>(bitmap.size.width); ++x, rgb += 3) {
    const std::uint32_t pixel = number(row, x * size, size);
    for (std::size_t c = 0; c < 3; ++c) {
      rgb[c] = channel(pixel, bitmap.masks[c]);
    }
  }
}

// Blue, green, red, and with kSize 4 something that is no colour.
template <std::size_t kSize>
void readColors(const Bitmap& bitmap, Bytes row, std::uint8_t* rgb) {
  const std::byte* pixel = row.data();
  for (int x = 0; x < bitmap.size.width; ++x, pixel += kSize, rgb += 3) {
    rgb[0] = std::to_integer<std::uint8_t>(pixel[2]);
    rgb[1] = std::to_integer<std::uint8_t>(pixel[1]);
    rgb[2] = std::to_integer<std::uint8_t>(pixel[0]);
  }
}

template <unsigned kBits>
void readNumbers(const Bitmap& bitmap, Bytes row, std::uint8_t* rgb) {
  constexpr std::size_t kPerByte = 8 / kBits;
  for (std::size_t x = 0; x < static_cast<std::size_t>(bitmap.size.width); ++x, rgb += 3) {
    const auto value = std::to_integer<unsigned>(row[x / kPerByte]);
    const unsigned shift = 8 - kBits * static_cast<unsigned>(x % kPerByte + 1);
    const auto& color = bitmap.palette[value >> shift & ((1u << kBits) - 1)];
    rgb[0] = color[0];
    rgb[1] = color[1];
    rgb[2] = color[2];
  }
}

using RowReader = void (*)(const Bitmap&, Bytes, std::uint8_t*);

RowReader rowReader(const Bitmap& bitmap) {
  switch (bitmap.bits) {
    case 1:
      return readNumbers<1>;
    case 4:
      return readNumbers<4>;
    case 8:
      return readNumbers<8>;
    default:
      break;
  }
  if (bitmap.masks != kUsualMasks) {
    return readMasked;
  }
  return bitmap.bits == 24 ? readColors<3> : readColors<4>;
}

// The bytes of a row, and from row to row, which is a multiple of four.
std::size_t rowBytes(const Bitmap& bitmap) {
  return (static_cast<std::size_t>(bitmap.size.width) * bitmap.bits + 7) / 8;
}
std::size_t pitchOf(const Bitmap& bitmap) { return (rowBytes(bitmap) + 3) / 4 * 4; }

bool hasEveryRow(const Bitmap& bitmap) {
  // What fills up the last row is no pixel.
  const std::size_t height = static_cast<std::size_t>(bitmap.size.height);
  return bitmap.data.size() >= (height - 1) * pitchOf(bitmap) + rowBytes(bitmap);
}

void readRows(const Bitmap& bitmap, RgbImage& image) {
  const RowReader readRow = rowReader(bitmap);
  for (int y = 0; y < bitmap.size.height; ++y) {
    const std::size_t start = static_cast<std::size_t>(y) * pitchOf(bitmap);
    readRow(bitmap, bitmap.data.subspan(start, rowBytes(bitmap)), rowOf(bitmap, image, y));
  }
}

bool readRuns(const Bitmap& bitmap, RgbImage& image) {
  const auto numbers =
      expandBmpRuns(bitmap.data, bitmap.size, bitmap.compression == Compression::Runs4);
  if (!numbers) {
    return false;
  }
  const std::uint8_t* next = numbers->data();
  for (int y = 0; y < bitmap.size.height; ++y) {
    std::uint8_t* rgb = rowOf(bitmap, image, y);
    for (int x = 0; x < bitmap.size.width; ++x, rgb += 3) {
      std::ranges::copy(bitmap.palette[*next++], rgb);
    }
  }
  return true;
}

}  // namespace

Result<RgbImage> decodeBmp(std::span<const std::byte> bytes, const PixelSize& claimed) {
  const std::optional<Bitmap> bitmap = readHeader(bytes, claimed);
  if (!bitmap) {
    return ErrorInfo{"the BMP header is damaged or of an unknown kind", ""};
  }
  const bool isInRuns =
      bitmap->compression == Compression::Runs8 || bitmap->compression == Compression::Runs4;
  const ErrorInfo damaged{"the BMP data is damaged or ends too early", ""};
  if (!isInRuns && !hasEveryRow(*bitmap)) {  // before memory is taken for what it claims
    return damaged;
  }
  RgbImage image(claimed.width, claimed.height);
  if (!isInRuns) {
    readRows(*bitmap, image);
  } else if (!readRuns(*bitmap, image)) {
    return damaged;
  }
  return image;
}

}  // namespace barlow
