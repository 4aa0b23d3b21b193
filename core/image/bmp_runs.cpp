#include "core/image/bmp_runs.h"

#include <utility>

namespace barlow {
namespace {

using Bytes = std::span<const std::byte>;

// Runs of numbers, and marks. What they pass over keeps the number 0.
struct Runs {
  Bytes rest;
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t x = 0;  // width: the end of a row, which the mark that may follow does not end twice
  std::size_t y = 0;
  std::vector<std::uint8_t> numbers;

  bool isFull() const { return y >= height || (y + 1 == height && x == width); }
  // Where the next `count` numbers go; nothing where they would leave the row.
  std::uint8_t* take(std::size_t count) {
    if (x == width) {
      x = 0;
      ++y;
    }
    if (count > width - x) {
      return nullptr;
    }
    std::uint8_t* target = numbers.data() + y * width + x;
    x += count;
    return target;
  }
  void moveBy(std::size_t right, std::size_t rows) {
    const std::size_t place = (y + rows) * width + x + right;
    x = place % width;
    y = place / width;
  }
};

std::uint8_t halfByte(std::byte both, std::size_t index) {
  return std::to_integer<std::uint8_t>(index % 2 == 0 ? both >> 4 : both & std::byte{15});
}

bool putRun(Runs& runs, std::size_t count, std::byte value, bool isHalf) {
  std::uint8_t* target = runs.take(count);
  for (std::size_t i = 0; target != nullptr && i < count; ++i) {
    target[i] = isHalf ? halfByte(value, i) : std::to_integer<std::uint8_t>(value);
  }
  return target != nullptr;
}

// `count` numbers as they are, filled up to an even number of bytes.
bool putList(Runs& runs, std::size_t count, bool isHalf) {
  const std::size_t bytes = ((isHalf ? (count + 1) / 2 : count) + 1) / 2 * 2;
  std::uint8_t* target = runs.rest.size() < bytes ? nullptr : runs.take(count);
  if (target == nullptr) {
    return false;
  }
  for (std::size_t i = 0; i < count; ++i) {
    target[i] =
        isHalf ? halfByte(runs.rest[i / 2], i) : std::to_integer<std::uint8_t>(runs.rest[i]);
  }
  runs.rest = runs.rest.subspan(bytes);
  return true;
}

// The mark behind a zero, or a list. False: it cannot be.
bool follow(Runs& runs, std::size_t mark, bool isHalf) {
  constexpr std::size_t kEndOfRow = 0;
  constexpr std::size_t kMove = 2;  // 1 is the end of the picture
  if (mark == kEndOfRow) {
    runs.x = 0;
    ++runs.y;
    return true;
  }
  if (mark != kMove) {
    return putList(runs, mark, isHalf);
  }
  if (runs.rest.size() < 2) {
    return false;
  }
  runs.moveBy(std::to_integer<std::size_t>(runs.rest[0]),
              std::to_integer<std::size_t>(runs.rest[1]));
  runs.rest = runs.rest.subspan(2);
  return true;
}

bool expand(Runs& runs, bool isHalf) {
  constexpr std::byte kEndOfPicture{1};
  while (!runs.isFull()) {
    if (runs.rest.size() < 2) {
      return false;
    }
    const std::size_t count = std::to_integer<std::size_t>(runs.rest[0]);
    const std::byte value = runs.rest[1];
    runs.rest = runs.rest.subspan(2);
    if (count == 0 && value == kEndOfPicture) {
      return true;
    }
    const bool isGood = count > 0 ? putRun(runs, count, value, isHalf)
                                  : follow(runs, std::to_integer<std::size_t>(value), isHalf);
    if (!isGood) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<std::vector<std::uint8_t>> expandBmpRuns(std::span<const std::byte> runs,
                                                       const PixelSize& size,
                                                       bool isHalf) {
  Runs state;
  state.rest = runs;
  state.width = static_cast<std::size_t>(size.width);
  state.height = static_cast<std::size_t>(size.height);
  state.numbers.resize(state.width * state.height);
  if (!expand(state, isHalf)) {
    return std::nullopt;
  }
  return std::move(state.numbers);
}

}  // namespace barlow
