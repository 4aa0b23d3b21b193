#include "core/studio/augment_files.h"

#include "core/augment/augment.h"
#include "core/base/atomic_file.h"
#include "core/base/json_text.h"
#include "core/image/decode.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace barlow {
namespace {

nlohmann::ordered_json viewEntry(const std::string& image,
                                 View view,
                                 const std::string& file,
                                 const ViewPlan& plan) {
  nlohmann::ordered_json entry;
  entry["image"] = image;
  entry["view"] = view == View::A ? "a" : "b";
  entry["file"] = file;
  entry.update(parseOrderedJson(toJson(plan)));
  return entry;
}

}  // namespace

AugmentFilesReport augmentFiles(const AugmentFilesRequest& request) {
  makeFolder(request.folder);
  AugmentFilesReport report;
  nlohmann::ordered_json views = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    const Result<RgbImage> image = readImage(request.images[i], request.exif);
    if (!image) {
      report.problems.push_back({request.images[i].string(), image.error().message});
      continue;
    }
    if (request.exif == ExifTurn::Ignore && asksForTurn(request.images[i])) {
      ++report.notTurned;
    }
    for (int k = 0; k < request.count; ++k) {
      ++report.pairs;
      for (const View view : {View::A, View::B}) {
        const ViewKey key{
            .seed = request.seed, .epoch = k, .sample = static_cast<std::int64_t>(i), .view = view};
        const ViewPlan plan = drawViewPlan(request.augment, key, image->width, image->height);
        const std::string file =
            fmt::format("{:04}-{}.png", report.pairs, view == View::A ? "a" : "b");
        writePng(request.folder / file, applyViewPlan(*image, plan, request.augment, request.side));
        auto entry = viewEntry(request.images[i].filename().string(), view, file, plan);
        entry["kernel"] = toText(request.augment.kernel);
        entry["pillow"] = request.augment.pillow;
        if (request.augment.flipLast) {
          entry["order"] = {"crop", "jitter", "gray", "blur", "solarize", "flip"};
        }
        views.push_back(std::move(entry));
      }
    }
  }
  writeFileAtomically(request.folder / "views.json", jsonText(views, 2) + "\n");
  return report;
}

}  // namespace barlow
