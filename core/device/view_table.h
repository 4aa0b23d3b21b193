#pragma once

#include "core/device/resident_images.h"
#include "core/report/view_plan.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace barlow {

/// A column of a ViewTable: `count` numbers from byte `begin` on.
struct Column {
  std::int64_t begin = 0;
  std::int64_t count = 0;
};

/// Views that are made together: rows [first, first + rows) of a step. Those with jitter come
/// first, sorted by how many of its steps come before the hue. So every step works on neighbours,
/// and the hue turns once for all of them.
struct ViewChunk {
  std::int64_t first = 0;
  std::int64_t rows = 0;
  /// One of the two directions in which crops are resized, one after the other.
  struct Pass {
    std::int64_t most = 1;  // positions of the largest crop
    // By row. Pixels are counted in int32 or, where there are more, in int64.
    Column last;    // the crop's positions less one
    Column stride;  // pixels from one position to the next
    Column entry;   // int32, of the ResampleTable
  };
  Pass firstPass;  // across, and down where that comes first (passOrder() of core/image/resample.h)
  Pass secondPass;  // the other
  Column corner;    // by row: pixel at the crop's corner
  Column turned;  // int64, rows in the chunk that are resized down first: they come out transposed

  /// Brightness, contrast or saturation of rows [begin, end) of the chunk: a blend with black, the
  /// mean grey or the grey version.
  struct Blend {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    Column factor;       // float
    Column grayShare;    // float: 1 for saturation, else 0
    Column meanDivisor;  // int64: pixels of a view for contrast, else more than any sum
  };
  std::int64_t jittered = 0;
  std::array<Blend, 3> before;  // the hue
  std::array<Blend, 3> after;
  Column hueShift;  // uint8, of the jittered rows

  Column grayRows;  // int64, in the chunk
  Column blurRows;  // int64, in the chunk
  // By blurred row, float: radius of the box, and its weights (core/augment/box_blur.h) in units of
  // 2^-10: that of a pixel inside less that of one at the edge, and that of one at the edge.
  Column blurRadius;
  Column blurInner;
  Column blurEdge;
};

/// What a device must be told to make both views of N images: one block of bytes, which takes one
/// copy. Rows of a step are the 2 N views in the order in which they are made.
struct ViewTable {
  std::vector<std::byte> bytes;
  std::vector<ViewChunk> chunks;
  std::int64_t count = 0;  // 2 N
  bool isWide = false;     // pixels are counted in int64
  Column rows;             // int64 [2, N]: where a batch's views are
  Column levels;           // int32 [2, N, 3]: where normalizedLevels() of a channel begin
};

struct ViewTableOptions {
  int side = 0;
  int pillow = 0;                // AugmentParams::pillow
  std::uint64_t chunkBytes = 0;  // for what lies between the steps of a chunk
  bool isWide = false;           // pixels are counted in int64 also where they are few
};

/// Row n of view A is image samples[n] distorted by plansA[n]. Host only; any thread.
ViewTable makeViewTable(const ResidentImages& images,
                        std::span<const std::int64_t> samples,
                        std::span<const ViewPlan> plansA,
                        std::span<const ViewPlan> plansB,
                        const ViewTableOptions& options);

}  // namespace barlow
