#include "core/image/decoders.h"
#include "core/image/orientation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <tiffio.h>
#include <vector>

// The first picture of a TIFF file, as far as its samples are bytes or less: libtiff unpacks, the
// colours are ours.

namespace barlow {
namespace {

// The file in memory, and what libtiff has to say of it.
struct Input {
  std::span<const std::byte> bytes;
  std::uint64_t next = 0;
  std::string damage;  // the first
};

tmsize_t readSome(thandle_t handle, void* target, tmsize_t count) {
  auto* input = static_cast<Input*>(handle);
  const std::uint64_t left =
      input->bytes.size() - std::min<std::uint64_t>(input->next, input->bytes.size());
  const std::size_t taken =
      std::min(static_cast<std::size_t>(count), static_cast<std::size_t>(left));
  if (taken > 0) {
    std::memcpy(target, input->bytes.data() + input->next, taken);
  }
  input->next += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t writeNothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int origin) {
  auto* input = static_cast<Input*>(handle);
  const std::uint64_t start = origin == SEEK_CUR   ? input->next
                              : origin == SEEK_END ? input->bytes.size()
                                                   : 0;
  input->next = start + offset;
  return input->next;
}

int closeNothing(thandle_t) { return 0; }

toff_t sizeOf(thandle_t handle) { return static_cast<Input*>(handle)->bytes.size(); }

int noteError(TIFF*, void* user, const char*, const char* format, va_list arguments) {
  std::array<char, 256> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  auto* input = static_cast<Input*>(user);
  if (input->damage.empty()) {
    input->damage = text.data();
  }
  return 1;  // nothing is printed
}

// Odd tags cost no pixel. What libjpeg warns of inside a TIFF file is lost data.
int noteWarning(TIFF* tiff, void* user, const char* module, const char* format, va_list arguments) {
  constexpr const char* kJpegLibrary = "JPEGLib";
  if (module != nullptr && std::strcmp(module, kJpegLibrary) == 0) {
    noteError(tiff, user, module, format, arguments);
  }
  return 1;
}

struct Close {
  void operator()(TIFF* tiff) const { TIFFClose(tiff); }
};
using File = std::unique_ptr<TIFF, Close>;

File open(Input& input) {
  constexpr tmsize_t kMostAtOnce = tmsize_t{1} << 30;
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) {
    return nullptr;
  }
  TIFFOpenOptionsSetErrorHandlerExtR(options, noteError, &input);
  TIFFOpenOptionsSetWarningHandlerExtR(options, noteWarning, &input);
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMostAtOnce);
  File file(TIFFClientOpenExt("picture",
                              "rm",  // without a memory map
                              &input,
                              readSome,
                              writeNothing,
                              seek,
                              closeNothing,
                              sizeOf,
                              nullptr,
                              nullptr,
                              options));
  TIFFOpenOptionsFree(options);
  return file;
}

// What the samples are.
struct Layout {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint16_t bits = 1;     // of a sample
  std::uint16_t samples = 1;  // of a pixel
  std::uint16_t photometric = 0;
  std::uint16_t compression = 0;
  bool isInPlanes = false;  // all of the first sample, then all of the second, ...
  bool isMultipliedByAlpha = false;
  std::array<std::array<std::uint8_t, 3>, 256> palette{};  // of gray pictures as well

  bool isNumbered() const { return photometric != PHOTOMETRIC_RGB; }
};

template <class Value>
Value field(TIFF* tiff, std::uint32_t tag) {
  Value value{};
  TIFFGetFieldDefaulted(tiff, tag, &value);
  return value;
}

bool readPalette(TIFF* tiff, Layout& layout) {
  const std::size_t count = std::size_t{1} << layout.bits;
  if (layout.photometric == PHOTOMETRIC_PALETTE) {
    std::array<std::uint16_t*, 3> channels{};
    if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &channels[0], &channels[1], &channels[2]) != 1) {
      return false;
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        layout.palette[i][c] = static_cast<std::uint8_t>(channels[c][i] >> 8);
      }
    }
    return true;
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto level = static_cast<std::uint8_t>(i * 255 / (count - 1));
    const auto shown = static_cast<std::uint8_t>(
        layout.photometric == PHOTOMETRIC_MINISWHITE ? 255 - level : level);
    layout.palette[i] = {shown, shown, shown};
  }
  return true;
}

// Why it is not read; empty where it is.
std::string obstacle(const Layout& layout, std::uint16_t sampleFormat) {
  if (sampleFormat != SAMPLEFORMAT_UINT && sampleFormat != SAMPLEFORMAT_VOID) {
    return "samples that are no plain numbers";
  }
  if (TIFFIsCODECConfigured(layout.compression) != 1) {
    return fmt::format("compression {}", layout.compression);
  }
  const bool isGray =
      layout.photometric == PHOTOMETRIC_MINISWHITE || layout.photometric == PHOTOMETRIC_MINISBLACK;
  const bool isPalette = layout.photometric == PHOTOMETRIC_PALETTE;
  if (!isGray && !isPalette && layout.photometric != PHOTOMETRIC_RGB) {
    return fmt::format("colours of kind {}", layout.photometric);
  }
  const bool isSmall = layout.bits == 1 || layout.bits == 2 || layout.bits == 4;
  if (layout.bits != 8 && !(isSmall && layout.isNumbered() && layout.samples == 1)) {
    return fmt::format("{} bits a sample", layout.bits);
  }
  constexpr std::uint16_t kMostSamples = 16;
  const bool isPossible = isPalette ? layout.samples == 1 : isGray || layout.samples >= 3;
  if (!isPossible || layout.samples > kMostSamples ||
      (layout.isMultipliedByAlpha && (layout.isInPlanes || isGray))) {
    return fmt::format("{} samples a pixel", layout.samples);
  }
  return "";
}

Layout readLayout(TIFF* tiff) {
  Layout layout;
  layout.width = field<std::uint32_t>(tiff, TIFFTAG_IMAGEWIDTH);
  layout.height = field<std::uint32_t>(tiff, TIFFTAG_IMAGELENGTH);
  layout.bits = field<std::uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE);
  layout.samples = field<std::uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL);
  layout.photometric = field<std::uint16_t>(tiff, TIFFTAG_PHOTOMETRIC);
  layout.compression = field<std::uint16_t>(tiff, TIFFTAG_COMPRESSION);
  layout.isInPlanes = layout.samples > 1 &&
                      field<std::uint16_t>(tiff, TIFFTAG_PLANARCONFIG) == PLANARCONFIG_SEPARATE;
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0) {
    layout.isMultipliedByAlpha = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
  }
  if (layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);  // libjpeg converts
    layout.photometric = PHOTOMETRIC_RGB;
  }
  return layout;
}

unsigned sampleAt(const Layout& layout, const std::uint8_t* row, std::size_t index) {
  if (layout.bits == 8) {
    return row[index];
  }
  const std::size_t perByte = 8u / layout.bits;
  const std::size_t shift = 8 - layout.bits * (index % perByte + 1);
  return row[index / perByte] >> shift & ((1u << layout.bits) - 1);
}

std::uint8_t divided(unsigned value, unsigned alpha) {
  return alpha == 0 ? 0 : static_cast<std::uint8_t>(std::min(value * 255 / alpha, 255u));
}

// `width` pixels of a row that holds every sample, or of plane `plane` those of one.
void convertRow(const Layout& layout,
                const std::uint8_t* row,
                std::size_t width,
                std::size_t plane,
                std::uint8_t* rgb) {
  const std::size_t step = layout.isInPlanes ? 1 : layout.samples;
  for (std::size_t x = 0; x < width; ++x, rgb += 3) {
    if (layout.isNumbered()) {
      std::ranges::copy(layout.palette[sampleAt(layout, row, x * step)], rgb);
    } else if (layout.isInPlanes) {
      rgb[plane] = row[x];
    } else if (layout.isMultipliedByAlpha) {
      const std::uint8_t* pixel = row + x * step;
      for (std::size_t c = 0; c < 3; ++c) {
        rgb[c] = divided(pixel[c], pixel[3]);
      }
    } else {
      std::copy(row + x * step, row + x * step + 3, rgb);
    }
  }
}

// How the picture is cut: into tiles, or into strips, which are as wide as it is.
struct Pieces {
  bool areTiles = false;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::size_t rowBytes = 0;
};

std::optional<Pieces> readPieces(TIFF* tiff, const Layout& layout) {
  Pieces pieces{.areTiles = TIFFIsTiled(tiff) != 0, .width = layout.width};
  if (pieces.areTiles) {
    pieces.width = field<std::uint32_t>(tiff, TIFFTAG_TILEWIDTH);
    pieces.height = field<std::uint32_t>(tiff, TIFFTAG_TILELENGTH);
  } else {
    pieces.height = std::min(field<std::uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP), layout.height);
  }
  const tmsize_t row = pieces.areTiles ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff);
  const std::size_t perPixel = layout.isInPlanes ? 1 : layout.samples;
  // Tiles may be larger than the picture, but not without measure.
  constexpr std::uint64_t kLittle = 16 << 20;
  const std::uint64_t most =
      std::max(kLittle, std::uint64_t{4} * layout.width * layout.height * layout.samples);
  if (pieces.width == 0 || pieces.height == 0 || row <= 0 ||
      static_cast<std::uint64_t>(row) > most / pieces.height ||
      static_cast<std::uint64_t>(row) < (pieces.width * perPixel * layout.bits + 7) / 8) {
    return std::nullopt;
  }
  pieces.rowBytes = static_cast<std::size_t>(row);
  return pieces;
}

// The piece whose first pixel is (`left`, `top`), of one plane or of all samples.
bool readPiece(TIFF* tiff,
               const Pieces& pieces,
               std::uint32_t left,
               std::uint32_t top,
               std::uint16_t plane,
               std::span<std::uint8_t> bytes) {
  const auto wanted = static_cast<tmsize_t>(bytes.size());
  return wanted ==
         (pieces.areTiles
              ? TIFFReadEncodedTile(
                    tiff, TIFFComputeTile(tiff, left, top, 0, plane), bytes.data(), wanted)
              : TIFFReadEncodedStrip(
                    tiff, TIFFComputeStrip(tiff, top, plane), bytes.data(), wanted));
}

bool readPlane(
    TIFF* tiff, const Layout& layout, const Pieces& pieces, std::uint16_t plane, RgbImage& image) {
  std::vector<std::uint8_t> bytes(pieces.rowBytes * pieces.height);
  for (std::uint32_t top = 0; top < layout.height; top += pieces.height) {
    const std::uint32_t rows = std::min(pieces.height, layout.height - top);
    const std::size_t stored = pieces.rowBytes * (pieces.areTiles ? pieces.height : rows);
    for (std::uint32_t left = 0; left < layout.width; left += pieces.width) {
      if (!readPiece(tiff, pieces, left, top, plane, std::span(bytes).first(stored))) {
        return false;
      }
      const std::size_t width = std::min(pieces.width, layout.width - left);
      for (std::uint32_t y = 0; y < rows; ++y) {
        std::uint8_t* target = image.row(static_cast<int>(top + y)) + std::size_t{3} * left;
        convertRow(layout, bytes.data() + y * pieces.rowBytes, width, plane, target);
      }
    }
  }
  return true;
}

bool readPixels(TIFF* tiff, const Layout& layout, RgbImage& image) {
  const std::optional<Pieces> pieces = readPieces(tiff, layout);
  const std::uint16_t planes = layout.isInPlanes && !layout.isNumbered() ? 3 : 1;  // no alpha
  for (std::uint16_t plane = 0; pieces && plane < planes; ++plane) {
    if (!readPlane(tiff, layout, *pieces, plane, image)) {
      return false;
    }
  }
  return pieces.has_value();
}

ErrorInfo damaged(const Input& input) {
  return {fmt::format("the TIFF data is damaged or ends too early ({})",
                      input.damage.empty() ? "parts of it are missing" : input.damage),
          ""};
}

}  // namespace

Result<RgbImage> decodeTiff(std::span<const std::byte> bytes, const PixelSize& claimed) {
  Input input{.bytes = bytes};
  const File file = open(input);
  if (!file) {
    return damaged(input);
  }
  Layout layout = readLayout(file.get());
  const int orientation =
      std::clamp<int>(field<std::uint16_t>(file.get(), TIFFTAG_ORIENTATION), 1, 8);
  const std::string reason =
      obstacle(layout, field<std::uint16_t>(file.get(), TIFFTAG_SAMPLEFORMAT));
  if (!reason.empty()) {
    return ErrorInfo{
        fmt::format("its kind of TIFF is not read ({}); save it as PNG, or with 8 bits "
                    "of gray, RGB or palette",
                    reason),
        ""};
  }
  PixelSize size = claimed;
  if (orientation >= 5) {
    std::swap(size.width, size.height);
  }
  if (layout.width != static_cast<std::uint32_t>(size.width) ||
      layout.height != static_cast<std::uint32_t>(size.height)) {
    input.damage = "its header names two sizes";
    return damaged(input);
  }
  if (layout.isNumbered() && !readPalette(file.get(), layout)) {
    return damaged(input);
  }
  RgbImage image(size.width, size.height);
  if (!readPixels(file.get(), layout, image) || !input.damage.empty()) {
    return damaged(input);
  }
  return turned(std::move(image), orientation);
}

std::string tiffLibraryName() {
  // "LIBTIFF, Version 4.5.0" and a copyright
  const std::string text = TIFFGetVersion();
  const std::string line = text.substr(0, text.find('\n'));
  return "libtiff " + line.substr(line.rfind(' ') + 1);
}

}  // namespace barlow
