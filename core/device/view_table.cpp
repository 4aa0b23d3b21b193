#include "core/device/view_table.h"

#include "core/augment/box_blur.h"
#include "core/base/check.h"
#include "core/device/color_tables.h"
#include "core/device/resample_table.h"
#include "core/image/resample.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace barlow {
namespace {

// One view of the batch.
struct Row {
  const ViewPlan* plan = nullptr;
  const ResidentImages::Place* place = nullptr;
  std::int64_t at = 0;    // in the batch, [2, N]
  bool isTurned = false;  // resized down first

  // Of its first or second pass.
  bool isAcross(bool isFirst) const { return isFirst != isTurned; }
  std::int64_t extent(bool isFirst) const {
    return isAcross(isFirst) ? plan->crop.width : plan->crop.height;
  }
  std::int64_t area() const {
    return static_cast<std::int64_t>(plan->crop.width) * plan->crop.height;
  }
  // Steps of the jitter before the hue.
  int stepsBeforeHue() const {
    const auto& order = plan->jitter->order;
    return static_cast<int>(std::find(order.begin(), order.end(), ColorOp::Hue) - order.begin());
  }
  int group() const { return plan->jitter ? stepsBeforeHue() : 4; }  // without jitter: last
  // Step `i` of the three that are no hue.
  ColorOp blend(int i) const {
    return plan->jitter->order[static_cast<std::size_t>(i < stepsBeforeHue() ? i : i + 1)];
  }
};

class Writer {
 public:
  explicit Writer(ViewTable& table) : table_(table) {}

  // One number of each of `rows`.
  template <class Value, class Function>
  Column column(std::span<const Row> rows, const Function& valueOf) {
    return numbers<Value>(static_cast<std::int64_t>(rows.size()), [&](std::int64_t i) {
      return valueOf(rows[static_cast<std::size_t>(i)]);
    });
  }
  template <class Function>
  Column pixels(std::span<const Row> rows, const Function& valueOf) {
    return table_.isWide ? column<std::int64_t>(rows, valueOf)
                         : column<std::int32_t>(rows, valueOf);
  }
  template <class Value, class Function>
  Column numbers(std::int64_t count, const Function& valueOf) {
    const std::size_t begin = table_.bytes.size();
    const std::size_t size = static_cast<std::size_t>(count) * sizeof(Value);
    table_.bytes.resize(begin + (size + 7) / 8 * 8);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto value = static_cast<Value>(valueOf(i));
      std::memcpy(table_.bytes.data() + begin + static_cast<std::size_t>(i) * sizeof(Value),
                  &value,
                  sizeof(Value));
    }
    return {static_cast<std::int64_t>(begin), count};
  }

 private:
  ViewTable& table_;
};

ViewChunk::Blend makeBlend(Writer& writer,
                           std::span<const Row> rows,
                           std::int64_t begin,
                           std::int64_t end,
                           int side,
                           const std::function<ColorOp(const Row&)>& stepOf) {
  const auto some = rows.subspan(static_cast<std::size_t>(begin),
                                 static_cast<std::size_t>(std::max<std::int64_t>(0, end - begin)));
  ViewChunk::Blend blend;
  blend.begin = begin;
  blend.end = std::max(begin, end);
  blend.factor = writer.column<float>(some, [&](const Row& row) {
    const ViewPlan::Jitter& jitter = *row.plan->jitter;
    const ColorOp step = stepOf(row);
    return step == ColorOp::Brightness ? jitter.brightness
           : step == ColorOp::Contrast ? jitter.contrast
                                       : jitter.saturation;
  });
  blend.grayShare = writer.column<float>(
      some, [&](const Row& row) { return stepOf(row) == ColorOp::Saturation ? 1 : 0; });
  blend.meanDivisor = writer.column<std::int64_t>(some, [&](const Row& row) {
    const std::int64_t pixels = static_cast<std::int64_t>(side) * side;
    return stepOf(row) == ColorOp::Contrast ? pixels : std::numeric_limits<std::int64_t>::max();
  });
  return blend;
}

void addJitter(Writer& writer, std::span<const Row> rows, int side, ViewChunk& chunk) {
  std::array<std::int64_t, 6> begins{};  // of the groups
  for (const Row& row : rows) {
    for (int group = row.group() + 1; group < 6; ++group) {
      ++begins[static_cast<std::size_t>(group)];
    }
  }
  chunk.jittered = begins[4];
  for (int i = 0; i < 3; ++i) {
    const auto at = static_cast<std::size_t>(i);
    // Before the hue: rows with more than i such steps. After it: those with at most 2 - i.
    chunk.before[at] =
        makeBlend(writer, rows, begins[at + 1], chunk.jittered, side, [i](const Row& row) {
          return row.blend(i);
        });
    chunk.after[at] = makeBlend(writer, rows, 0, begins[3 - at], side, [i](const Row& row) {
      return row.blend(row.stepsBeforeHue() + i);
    });
  }
  chunk.hueShift = writer.column<std::uint8_t>(
      rows.first(static_cast<std::size_t>(chunk.jittered)), [](const Row& row) {
        // core/augment/hue.cpp adjustHue: truncated towards zero, then modulo 256
        return static_cast<std::uint8_t>(static_cast<int>(row.plan->jitter->hue * 255.0));
      });
}

// Those of the chunk of which something is true.
Column addRows(Writer& writer, std::span<const Row> rows, bool (*isTrue)(const Row&)) {
  std::vector<std::int64_t> some;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (isTrue(rows[i])) {
      some.push_back(static_cast<std::int64_t>(i));
    }
  }
  return writer.numbers<std::int64_t>(static_cast<std::int64_t>(some.size()), [&](std::int64_t i) {
    return some[static_cast<std::size_t>(i)];
  });
}

void addBlur(Writer& writer, std::span<const Row> rows, ViewChunk& chunk) {
  std::vector<std::int64_t> blurred;
  std::vector<Box> boxes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].plan->blurSigma > 0.0) {
      blurred.push_back(static_cast<std::int64_t>(i));
      boxes.emplace_back(boxRadius(static_cast<float>(rows[i].plan->blurSigma)));
    }
  }
  const auto column = [&](const auto& valueOf) {
    return writer.numbers<float>(static_cast<std::int64_t>(boxes.size()), [&](std::int64_t i) {
      return valueOf(boxes[static_cast<std::size_t>(i)]);
    });
  };
  constexpr double kUnit = 1.0 / (1 << 10);
  chunk.blurRows = writer.numbers<std::int64_t>(
      static_cast<std::int64_t>(blurred.size()),
      [&](std::int64_t i) { return blurred[static_cast<std::size_t>(i)]; });
  chunk.blurRadius = column([](const Box& box) { return box.radius; });
  chunk.blurInner = column([](const Box& box) {
    return (static_cast<double>(box.weight) - static_cast<double>(box.edgeWeight)) * kUnit;
  });
  chunk.blurEdge = column([](const Box& box) { return box.edgeWeight * kUnit; });
}

ViewChunk::Pass addPass(Writer& writer, std::span<const Row> rows, bool isFirst) {
  ViewChunk::Pass pass;
  for (const Row& row : rows) {
    pass.most = std::max(pass.most, row.extent(isFirst));
  }
  pass.last = writer.pixels(rows, [&](const Row& row) { return row.extent(isFirst) - 1; });
  pass.stride = writer.pixels(rows, [&](const Row& row) {
    return row.isAcross(isFirst) ? std::int64_t{1} : std::int64_t{row.place->width};
  });
  pass.entry = writer.column<std::int32_t>(rows, [&](const Row& row) {
    return ResampleTable::entry(static_cast<int>(row.extent(isFirst)),
                                row.isAcross(isFirst) && row.plan->flip);
  });
  return pass;
}

void addCrops(Writer& writer, std::span<const Row> rows, ViewChunk& chunk) {
  chunk.firstPass = addPass(writer, rows, /*isFirst=*/true);
  chunk.secondPass = addPass(writer, rows, /*isFirst=*/false);
  chunk.corner = writer.pixels(rows, [](const Row& row) {
    const ViewPlan::Crop& crop = row.plan->crop;
    return row.place->first + static_cast<std::int64_t>(crop.y) * row.place->width + crop.x;
  });
  chunk.turned = addRows(writer, rows, [](const Row& row) { return row.isTurned; });
}

// Bytes that lie between the steps for one view with crops of up to `first` by `second` positions
// in the directions of the two passes: pixels and their places, both products and their matrices;
// then colours, and the blur's matrix.
std::int64_t bytesOfView(std::int64_t first, std::int64_t second, std::int64_t side, bool isWide) {
  const std::int64_t crop = first * second * (isWide ? 23 : 19) + 36 * second * side +
                            16 * side * std::max(first, second) + 24 * side * side;
  return std::max(crop, 36 * side * side + 48 * side * side);
}

// How many of `rows`, which begin with the largest crop, are made together: what fits, and where
// that is enough work already, only those that fill at least half of the canvas.
std::size_t rowsTogether(std::span<const Row> rows, const ViewTableOptions& options, bool isWide) {
  std::int64_t first = 1;
  std::int64_t second = 1;
  std::size_t count = 0;
  for (const Row& row : rows) {
    first = std::max(first, row.extent(/*isFirst=*/true));
    second = std::max(second, row.extent(/*isFirst=*/false));
    const auto bytes =
        static_cast<std::uint64_t>(bytesOfView(first, second, options.side, isWide)) * (count + 1);
    const bool isSmall = 2 * row.area() < first * second;
    if (count > 0 && bytes > (isSmall ? options.chunkBytes / 4 : options.chunkBytes)) {
      break;
    }
    ++count;
  }
  return count;
}

// Both views of all samples, the largest crops first.
std::vector<Row> rowsOf(const ResidentImages& images,
                        std::span<const std::int64_t> samples,
                        std::span<const ViewPlan> plansA,
                        std::span<const ViewPlan> plansB,
                        const ViewTableOptions& options) {
  const int side = options.side;
  std::vector<Row> rows;
  for (const auto& plans : {plansA, plansB}) {
    for (std::size_t n = 0; n < samples.size(); ++n) {
      const ViewPlan::Crop& crop = plans[n].crop;
      rows.push_back(
          {&plans[n],
           &images.place(samples[n]),
           static_cast<std::int64_t>(rows.size()),
           passOrder(options.pillow, crop.width, crop.height, side, side) == PassOrder::DownFirst});
    }
  }
  std::stable_sort(
      rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.area() > b.area(); });
  return rows;
}

// Where the batch's views are among `rows`, and what is solarised.
void addBatchOrder(Writer& writer, std::span<const Row> rows, ViewTable& table) {
  std::vector<std::int64_t> places(rows.size());
  std::vector<std::int64_t> thresholds(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto at = static_cast<std::size_t>(rows[i].at);
    places[at] = static_cast<std::int64_t>(i);
    thresholds[at] = std::clamp<std::int64_t>(
        rows[i].plan->solarizeThreshold.value_or(kThresholds - 1), 0, kThresholds - 1);
  }
  table.rows = writer.numbers<std::int64_t>(
      table.count, [&](std::int64_t i) { return places[static_cast<std::size_t>(i)]; });
  table.levels = writer.numbers<std::int32_t>(3 * table.count, [&](std::int64_t i) {
    return thresholds[static_cast<std::size_t>(i / 3)] * kLevelsOfThreshold + i % 3 * 256;
  });
}

}  // namespace

ViewTable makeViewTable(const ResidentImages& images,
                        std::span<const std::int64_t> samples,
                        std::span<const ViewPlan> plansA,
                        std::span<const ViewPlan> plansB,
                        const ViewTableOptions& options) {
  BARLOW_CHECK(!samples.empty() && samples.size() == plansA.size() &&
               samples.size() == plansB.size())
      << "two plans for every sample";
  std::vector<Row> rows = rowsOf(images, samples, plansA, plansB, options);
  ViewTable table;
  table.count = static_cast<std::int64_t>(rows.size());
  table.isWide =
      options.isWide || images.pixels().size(0) > std::numeric_limits<std::int32_t>::max();
  Writer writer(table);
  for (std::size_t begin = 0; begin < rows.size();) {
    const std::size_t size = rowsTogether(std::span(rows).subspan(begin), options, table.isWide);
    const auto some = std::span(rows).subspan(begin, size);
    std::stable_sort(
        some.begin(), some.end(), [](const Row& a, const Row& b) { return a.group() < b.group(); });
    ViewChunk& chunk = table.chunks.emplace_back();
    chunk.first = static_cast<std::int64_t>(begin);
    chunk.rows = static_cast<std::int64_t>(size);
    addCrops(writer, some, chunk);
    addJitter(writer, some, options.side, chunk);
    chunk.grayRows = addRows(writer, some, [](const Row& row) { return row.plan->gray; });
    addBlur(writer, some, chunk);
    begin += size;
  }
  addBatchOrder(writer, rows, table);
  return table;
}

}  // namespace barlow
