#pragma once

#include "core/base/job_control.h"
#include "core/matrix/framed_picture.h"
#include "core/matrix/pyramid.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

namespace barlow {

/// The PNGs of exportMatrix(). False or nothing after a stop.

using ByteSink = std::function<void(std::span<const std::byte>)>;
using TextPainter = std::function<void(FramedPicture&)>;  // may be empty

bool writePicturePng(const MatrixPyramid& pyramid,
                     const PictureRequest& request,
                     const TextPainter& drawTexts,
                     const ByteSink& sink,
                     const JobControl& control);
std::optional<std::uint64_t> estimatedPicturePng(const MatrixPyramid& pyramid,
                                                 const PictureRequest& request,
                                                 const TextPainter& drawTexts,
                                                 const JobControl& control);

/// One pixel per cell. The kColorSteps colours of a scale become 252 of a palette, so that a pixel
/// is at most three steps from its exact colour: the file has half the size, and is made four times
/// as fast.
bool writeFullPng(const MatrixPyramid& pyramid,
                  const RenderSettings& settings,
                  const ByteSink& sink,
                  const JobControl& control);
std::optional<std::uint64_t> estimatedFullPng(const MatrixPyramid& pyramid,
                                              const RenderSettings& settings,
                                              const JobControl& control);

}  // namespace barlow
