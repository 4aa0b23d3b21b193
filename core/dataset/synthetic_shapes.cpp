#include "core/dataset/synthetic_shapes.h"

#include "core/base/parallel.h"
#include "core/base/rng.h"
#include "core/base/system.h"
#include "core/dataset/shape_pictures.h"

#include <atomic>

namespace barlow {
namespace {

using Part = SyntheticShapes::Part;
using Edition = SyntheticShapes::Edition;

// In the order of isInFigure().
std::vector<std::string> namesOf(Edition edition) {
  std::vector<std::string> names = {
      "disc", "ring", "triangle", "frame", "cross", "star", "bars", "crescent"};
  if (edition == Edition::Second) {
    names.insert(names.end(), {"square", "diamond", "saltire", "two discs"});
  }
  return names;
}

std::vector<RgbImage> makeImages(Part part, Edition edition) {
  const std::size_t count = part == Part::Train ? 6000 : 1000;
  const std::size_t classes = namesOf(edition).size();
  std::vector<RgbImage> images(count);
  std::atomic<std::size_t> next = 0;
  runOnThreads(usableCores(), "shapes", [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      Rng rng = Rng::keyed(0, {Rng::kShapes, static_cast<std::uint64_t>(part), i});
      const int kind = static_cast<int>(i % classes);
      images[i] = edition == Edition::First ? firstShapesPicture(kind, rng)
                                            : secondShapesPicture(kind, rng);
    }
  });
  return images;
}

// Made once per process: a window that looks at them and a run that trains on them share them.
template <Part part, Edition edition>
const std::vector<RgbImage>& made() {
  static const std::vector<RgbImage> images = makeImages(part, edition);
  return images;
}

const std::vector<RgbImage>& imagesOf(Part part, Edition edition) {
  if (edition == Edition::First) {
    return part == Part::Train ? made<Part::Train, Edition::First>()
                               : made<Part::Test, Edition::First>();
  }
  return part == Part::Train ? made<Part::Train, Edition::Second>()
                             : made<Part::Test, Edition::Second>();
}

}  // namespace

SyntheticShapes::SyntheticShapes(Part part, Edition edition)
    : classNames_(namesOf(edition)), images_(imagesOf(part, edition)) {}

Result<RgbImage> SyntheticShapes::image(std::int64_t index) const {
  return images_.at(static_cast<std::size_t>(index));
}

}  // namespace barlow
