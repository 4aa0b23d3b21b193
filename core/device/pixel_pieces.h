#pragma once

#include "core/device/side_work.h"
#include "core/torch.h"

#include <array>
#include <cstdint>
#include <optional>

namespace barlow {

/// Pixels on their way to a device, uint8 [pixels, 3]: two pieces of page-locked memory in turn,
/// one being filled while the other is copied. For the CPU they are written where they stay.
/// One thread.
class PixelPieces {
 public:
  /// `most`: pixels of a piece.
  PixelPieces(torch::Tensor pixels, std::int64_t most);
  ~PixelPieces();
  PixelPieces(const PixelPieces&) = delete;
  PixelPieces& operator=(const PixelPieces&) = delete;

  /// Where pixels [first, first + count) are to be written, until end().
  std::uint8_t* begin(std::int64_t first, std::int64_t count);
  void end();
  /// Waits until all of them are where they stay.
  void wait() const;

 private:
  struct Piece {
    torch::Tensor memory;  // uint8 [3 most]
    std::optional<c10::Event> isRead;
  };
  torch::Tensor pixels_;
  SideWork work_;
  std::array<Piece, 2> pieces_;
  std::int64_t first_ = 0;  // of the piece being written
  std::int64_t count_ = 0;
};

}  // namespace barlow
