#include "core/device/pixel_pieces.h"

#include <utility>

namespace barlow {

PixelPieces::PixelPieces(torch::Tensor pixels, std::int64_t most)
    : pixels_(std::move(pixels)), work_(pixels_.device()) {
  if (!pixels_.is_cpu()) {
    for (Piece& piece : pieces_) {
      piece.memory = pinnedBytes(3 * most, pixels_.device());
    }
  }
}

PixelPieces::~PixelPieces() {
  for (Piece& piece : pieces_) {
    work_.freePinned(piece.memory);
  }
}

std::uint8_t* PixelPieces::begin(std::int64_t first, std::int64_t count) {
  first_ = first;
  count_ = count;
  if (pixels_.is_cpu()) {
    return pixels_.data_ptr<std::uint8_t>() + 3 * first;
  }
  std::swap(pieces_[0], pieces_[1]);
  if (pieces_[0].isRead) {
    pieces_[0].isRead->synchronize();
  }
  return pieces_[0].memory.data_ptr<std::uint8_t>();
}

void PixelPieces::end() {
  if (pixels_.is_cpu()) {
    return;
  }
  work_.run([&] {
    pixels_.narrow(0, first_, count_)
        .copy_(pieces_[0].memory.narrow(0, 0, 3 * count_).view({count_, 3}),
               /*non_blocking=*/true);
  });
  pieces_[0].isRead = work_.mark();
}

void PixelPieces::wait() const {
  for (const Piece& piece : pieces_) {
    if (piece.isRead) {
      piece.isRead->synchronize();
    }
  }
}

}  // namespace barlow
