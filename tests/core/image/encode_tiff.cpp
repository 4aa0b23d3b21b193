#include "tests/core/image/encode.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <tiffio.h>

namespace barlow {
namespace {

struct TiffTarget {
  FileBytes bytes;
  std::size_t next = 0;
};

tmsize_t readBack(thandle_t handle, void* data, tmsize_t count) {
  auto* target = static_cast<TiffTarget*>(handle);
  const std::size_t start = std::min(target->next, target->bytes.size());
  const std::size_t taken = std::min(static_cast<std::size_t>(count), target->bytes.size() - start);
  std::copy_n(target->bytes.data() + start, taken, static_cast<std::byte*>(data));
  target->next = start + taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t writeOn(thandle_t handle, void* data, tmsize_t count) {
  auto* target = static_cast<TiffTarget*>(handle);
  const auto size = static_cast<std::size_t>(count);
  target->bytes.resize(std::max(target->bytes.size(), target->next + size));
  std::copy_n(static_cast<const std::byte*>(data), size, target->bytes.data() + target->next);
  target->next += size;
  return count;
}

toff_t seekTo(thandle_t handle, toff_t offset, int origin) {
  auto* target = static_cast<TiffTarget*>(handle);
  const std::size_t start = origin == SEEK_CUR   ? target->next
                            : origin == SEEK_END ? target->bytes.size()
                                                 : 0;
  return target->next = start + offset;
}

// JPEG's blocks take sixteen.
int rowsOfStrip(const TiffKind& kind) { return kind.compression == COMPRESSION_JPEG ? 16 : 7; }

// The samples of one channel, or all of them, of the rectangle from `left`, `top`, filled up with
// 0.
std::vector<std::uint8_t> pieceOf(const TiffKind& kind,
                                  int imageWidth,
                                  int imageHeight,
                                  std::span<const std::uint8_t> samples,
                                  const std::array<int, 4>& rect,
                                  int plane) {
  const auto [left, top, width, height] = rect;
  std::vector<std::uint8_t> piece;
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      for (int c = 0; c < kind.channels; ++c) {
        if (plane < 0 || c == plane) {
          const bool isInside = x < imageWidth && y < imageHeight;
          const auto at = static_cast<std::size_t>((y * imageWidth + x) * kind.channels + c);
          piece.push_back(isInside ? samples[at] : std::uint8_t{0});
        }
      }
    }
  }
  return piece;
}

void setTags(TIFF* tiff, const TiffKind& kind, int width, int height) {
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, kind.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, kind.channels);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, kind.photometric);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, kind.compression);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, kind.orientation);
  TIFFSetField(
      tiff, TIFFTAG_PLANARCONFIG, kind.isInPlanes ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (kind.alpha >= 0) {
    const auto alpha = static_cast<std::uint16_t>(kind.alpha);
    TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  }
  if (kind.photometric == PHOTOMETRIC_YCBCR) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  }
  if (kind.photometric != PHOTOMETRIC_PALETTE) {
    return;
  }
  std::array<std::vector<std::uint16_t>, 3> colors;
  for (int i = 0; i < 1 << kind.bits; ++i) {
    for (int c = 0; c < 3; ++c) {
      colors[static_cast<std::size_t>(c)].push_back(static_cast<std::uint16_t>(i * (257 + c * 17)));
    }
  }
  TIFFSetField(tiff, TIFFTAG_COLORMAP, colors[0].data(), colors[1].data(), colors[2].data());
}

// One plane, or all samples at once where `plane` is -1; `index`: of the next strip or tile.
void writePlane(TIFF* tiff,
                const TiffKind& kind,
                int width,
                int height,
                std::span<const std::uint8_t> samples,
                int plane,
                std::uint32_t& index) {
  const bool areTiles = kind.tile > 0;
  const int stepX = areTiles ? kind.tile : width;
  const int stepY = areTiles ? kind.tile : rowsOfStrip(kind);
  for (int top = 0; top < height; top += stepY) {
    const int rows = areTiles ? kind.tile : std::min(stepY, height - top);
    for (int left = 0; left < width; left += stepX, ++index) {
      auto piece = pieceOf(kind, width, height, samples, {left, top, stepX, rows}, plane);
      const auto bytes = static_cast<tmsize_t>(piece.size());
      const tmsize_t written = areTiles ? TIFFWriteEncodedTile(tiff, index, piece.data(), bytes)
                                        : TIFFWriteEncodedStrip(tiff, index, piece.data(), bytes);
      if (written != bytes) {
        throw std::runtime_error("libtiff cannot write");
      }
    }
  }
}

}  // namespace

FileBytes encodeTiff(const TiffKind& kind,
                     int width,
                     int height,
                     std::span<const std::uint8_t> samples) {
  TiffTarget target;
  TIFF* tiff = TIFFClientOpen(
      "test",
      "wm",
      &target,
      readBack,
      writeOn,
      seekTo,
      [](thandle_t) { return 0; },
      [](thandle_t handle) -> toff_t { return static_cast<TiffTarget*>(handle)->bytes.size(); },
      nullptr,
      nullptr);
  setTags(tiff, kind, width, height);
  if (kind.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, kind.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, kind.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rowsOfStrip(kind));
  }
  std::uint32_t index = 0;
  for (int plane = 0; plane < (kind.isInPlanes ? kind.channels : 1); ++plane) {
    writePlane(tiff, kind, width, height, samples, kind.isInPlanes ? plane : -1, index);
  }
  TIFFClose(tiff);
  return target.bytes;
}

}  // namespace barlow
