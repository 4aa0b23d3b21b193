#include "core/image/orientation.h"

#include "core/image/jpeg_segments.h"
#include "core/image/tiff_directory.h"
#include "core/image/transpose.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace barlow {
namespace {

using namespace std::string_view_literals;

constexpr auto kExifName = "Exif\0\0"sv;
constexpr std::uint64_t kMostMetadata = 1 << 20;  // what matters stands at their beginning

// Where a file keeps what it says about itself; a length of 0: nowhere.
struct Place {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};
struct Metadata {
  Place exif;
  Place xmp;
};

// `name`: what the data begin with, and which is none of them.
void note(Place& place, ByteSource& file, std::string_view name, Place data) {
  if (place.length == 0 && data.length > name.size() && file.holds(name, data.offset)) {
    place = {data.offset + name.size(), data.length - name.size()};
  }
}

Metadata inJpeg(ByteSource& file) {
  constexpr unsigned kApp1 = 0xE1;
  Metadata found;
  std::uint64_t next = 2;
  while (const auto segment = nextJpegSegment(file, next)) {
    if (segment->mark == kApp1) {
      const Place data{segment->content, segment->length};
      note(found.exif, file, kExifName, data);
      note(found.xmp, file, "http://ns.adobe.com/xap/1.0/\0"sv, data);
    }
  }
  return found;
}

Metadata inPng(ByteSource& file) {
  Metadata found;
  std::uint64_t next = 8;
  while (!file.isShort() && !file.holds("IEND", next + 4)) {
    const Place data{next + 8, file.big(next, 4)};
    if (file.holds("eXIf", next + 4)) {
      note(found.exif, file, {}, data);
    } else if (file.holds("iTXt", next + 4)) {  // not compressed, and in no language
      note(found.xmp, file, "XML:com.adobe.xmp\0\0\0\0\0"sv, data);
    }
    next += data.length + 12;
  }
  return found;
}

Metadata inWebP(ByteSource& file) {
  Metadata found;
  const std::uint64_t end = std::min(file.size(), file.little(4, 4) + 8);
  for (std::uint64_t next = 12; next + 8 <= end;) {
    const Place data{next + 8, file.little(next + 4, 4)};
    if (file.holds("EXIF", next)) {
      note(found.exif, file, {}, data);
    } else if (file.holds("XMP ", next)) {
      note(found.xmp, file, {}, data);
    }
    next += 8 + data.length + data.length % 2;
  }
  return found;
}

// Nothing where the EXIF data do not speak of it.
std::optional<int> inExif(std::span<const std::byte> exif) {
  ByteSource source(exif);
  if (source.holds(kExifName, 0)) {  // some writers put it before a WebP's data as well
    return inExif(exif.subspan(kExifName.size()));
  }
  const auto directory = TiffDirectory::find(source);
  if (!directory || !directory->number(TiffDirectory::kOrientation)) {
    return std::nullopt;
  }
  return orientationOf(*directory);
}

// tiff:Orientation="6" or <tiff:Orientation>6
int inXmp(std::span<const std::byte> xmp) {
  const std::string_view text(reinterpret_cast<const char*>(xmp.data()), xmp.size());
  constexpr auto kName = "tiff:Orientation"sv;
  for (std::size_t at = text.find(kName); at != text.npos; at = text.find(kName, at + 1)) {
    std::string_view rest = text.substr(at + kName.size());
    const std::size_t mark = rest.starts_with("=\"") ? 2 : rest.starts_with(">") ? 1 : 0;
    if (mark > 0 && rest.size() > mark && rest[mark] >= '0' && rest[mark] <= '9') {
      const int value = rest[mark] - '0';
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

void mirror(RgbImage& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* left = image.row(y);
    std::uint8_t* right = left + static_cast<std::ptrdiff_t>(image.width - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      std::swap_ranges(left, left + 3, right);
    }
  }
}

void flip(RgbImage& image) {
  const std::ptrdiff_t bytes = static_cast<std::ptrdiff_t>(image.width) * 3;
  for (int top = 0, bottom = image.height - 1; top < bottom; ++top, --bottom) {
    std::swap_ranges(image.row(top), image.row(top) + bytes, image.row(bottom));
  }
}

}  // namespace

int readOrientation(ByteSource& file, ImageFormat format) {
  Metadata found;
  if (format == ImageFormat::Jpeg) {
    found = inJpeg(file);
  } else if (format == ImageFormat::Png) {
    found = inPng(file);
  } else if (format == ImageFormat::WebP) {
    found = inWebP(file);
  }
  const auto read = [&](const Place& place) {
    return file.copy(place.offset, std::min(place.length, kMostMetadata));
  };
  const auto told = inExif(read(found.exif));
  return told ? *told : inXmp(read(found.xmp));
}

RgbImage turned(RgbImage image, int orientation) {
  if (orientation >= 5) {
    image = transposed(image);
  }
  if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7) {
    mirror(image);
  }
  if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8) {
    flip(image);
  }
  return image;
}

}  // namespace barlow
