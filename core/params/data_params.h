#pragma once

#include "core/params/param_info.h"

#include <array>
#include <string>
#include <string_view>

namespace barlow {

/// Whether decoded images are kept on disk.
enum class ImageCache { Auto, On, Off };
template <>
inline constexpr std::array<EnumName<ImageCache>, 3> kEnumNames<ImageCache> = {{
    {ImageCache::Auto, "auto", "Automatic"},
    {ImageCache::On, "on", "Always"},
    {ImageCache::Off, "off", "Never"},
}};

/// Whether a source is generated: `shapes`, the newest set, or one by its number, `shapes:1`.
inline bool isGenerated(std::string_view source) {
  return source == "shapes" || source.starts_with("shapes:");
}

/// What `shapes` alone stands for.
inline constexpr const char* kNewestShapes = "shapes:2";

/// Whether pictures are turned as their EXIF data ask.
enum class ExifTurn { Ignore, Apply };
template <>
inline constexpr std::array<EnumName<ExifTurn>, 2> kEnumNames<ExifTurn> = {{
    {ExifTurn::Ignore, "ignore", "As stored"},
    {ExifTurn::Apply, "apply", "As the camera was held"},
}};

/// Which images, and how they become numbers.
struct DataParams {
  std::string source = kNewestShapes;
  int limit = 0;
  double validationFraction = 0.1;
  int imageSize = 32;
  std::array<double, 3> mean = {0.485, 0.456, 0.406};  // ImageNet's (main.py)
  std::array<double, 3> std = {0.229, 0.224, 0.225};
  ImageCache cache = ImageCache::Auto;
  ExifTurn exif = ExifTurn::Ignore;
  bool operator==(const DataParams&) const = default;

  template <class Self, class Visitor>
  static void describe(Self& self, Visitor&& visit) {
    visit(ParamInfo{"data.source",
                    "Data set",
                    "",
                    "shapes (generated), cifar10:DIR, cifar100:DIR, or a folder of images.",
                    true}
              .atStart(),
          self.source,
          Text{});
    visit(ParamInfo{"data.limit",
                    "Use at most",
                    "images",
                    "Train on the first so many images only; 0 uses all.",
                    true}
              .atStart(),
          self.limit,
          Range<int>{0, 100'000'000, 1000});
    visit(ParamInfo{"data.validation_fraction",
                    "Held out",
                    "of the images",
                    "Share of the labelled images kept for evaluation where the data has no split "
                    "of its own.",
                    false}
              .atStart(),
          self.validationFraction,
          Range<double>{0.0, 0.9, 0.05});
    visit(ParamInfo{"data.image_size",
                    "View size",
                    "pixels",
                    "Side of the square views that the network sees.",
                    true}
              .atStart(),
          self.imageSize,
          Range<int>{8, 1024, 8});
    visit(ParamInfo{"data.mean",
                    "Mean",
                    "of 0 to 1, per channel",
                    "Subtracted from every pixel after scaling to 0..1.",
                    false}
              .atStart(),
          self.mean,
          PerChannel{0.0, 1.0});
    visit(ParamInfo{"data.std",
                    "Standard deviation",
                    "of 0 to 1, per channel",
                    "Divides every pixel after the mean was subtracted.",
                    false}
              .atStart(),
          self.std,
          PerChannel{0.001, 10.0});
    visit(ParamInfo{"data.cache",
                    "Keep decoded images",
                    "",
                    "Keeps the pixels of a folder's images in the user's cache folder, so that "
                    "each is decoded once; auto does so where they take at most half of the free "
                    "memory and disk. The views are the same.",
                    false}
              .atStart(),
          self.cache,
          Choice{});
    visit(ParamInfo{"data.exif",
                    "EXIF turn",
                    "",
                    "apply turns and mirrors pictures as their EXIF data ask, as Pillow's "
                    "exif_transpose does; ignore takes them as they are stored, as torchvision's "
                    "loader does. `barlow data check` counts them.",
                    false}
              .atStart(),
          self.exif,
          Choice{});
  }
};

}  // namespace barlow
