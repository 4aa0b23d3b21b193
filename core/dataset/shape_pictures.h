#pragma once

#include "core/base/rgb_image.h"
#include "core/base/rng.h"

namespace barlow {

/// Pictures of the generated sets, 32 x 32 (SyntheticShapes says what they are for).

/// `shapes:1`: figures of one of the first eight kinds, brighter than a plain ground.
RgbImage firstShapesPicture(int kind, Rng& rng);

/// `shapes:2`: figures of one of twelve kinds, all dark or all bright and all filled alike, each
/// on a ground of its own, four of sixteen textures. Which textures, which filling and whether
/// dark or bright are drawn independently of the kind: facts that both views of a picture share.
RgbImage secondShapesPicture(int kind, Rng& rng);

}  // namespace barlow
