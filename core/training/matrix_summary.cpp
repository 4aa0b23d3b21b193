#include "core/training/matrix_summary.h"

#include "core/base/check.h"

#include <algorithm>
#include <vector>

namespace barlow {
namespace {

using torch::Tensor;

// Bounds of block i: [i D / m, (i + 1) D / m), as MatrixPicture::blockStart.
std::vector<std::int64_t> blockBounds(std::int64_t dimensions, std::int64_t side) {
  std::vector<std::int64_t> bounds;
  for (std::int64_t block = 0; block <= side; ++block) {
    bounds.push_back(block * dimensions / side);
  }
  return bounds;
}

// Columns gathered so that every block has the same width: short blocks repeat their last column,
// whose copies are told apart by `weight` 0. Repeats change neither a maximum nor a minimum.
struct Blocks {
  Tensor columns;  // [m * width]
  Tensor weight;   // [m * width] 1, or 0 for a repeat
  Tensor count;    // [m] columns of each block
  std::int64_t width = 0;
};

Blocks makeBlocks(std::int64_t dimensions, std::int64_t side, const torch::Device& device) {
  const auto bounds = blockBounds(dimensions, side);
  Blocks blocks;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    blocks.width = std::max(blocks.width, bounds[i + 1] - bounds[i]);
  }
  std::vector<std::int64_t> columns;
  std::vector<float> weight;
  std::vector<float> count;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    for (std::int64_t k = 0; k < blocks.width; ++k) {
      columns.push_back(std::min(bounds[i] + k, bounds[i + 1] - 1));
      weight.push_back(bounds[i] + k < bounds[i + 1] ? 1.0f : 0.0f);
    }
    count.push_back(static_cast<float>(bounds[i + 1] - bounds[i]));
  }
  blocks.columns = torch::tensor(columns, torch::kInt64).to(device);
  blocks.weight = torch::tensor(weight).to(device);
  blocks.count = torch::tensor(count).to(device);
  return blocks;
}

std::vector<float> toVector(const Tensor& tensor) {
  const Tensor packed = tensor.to(torch::kCPU, torch::kFloat32).contiguous();
  const auto* data = packed.const_data_ptr<float>();
  return {data, data + packed.numel()};
}

}  // namespace

MatrixPicture summarizeMatrix(const Tensor& a, const Tensor& b, std::int64_t maxSide) {
  torch::NoGradGuard noGrad;
  BARLOW_CHECK(a.dim() == 2 && a.sizes() == b.sizes())
      << "views differ: " << a.sizes() << " and " << b.sizes();
  const auto n = static_cast<double>(a.size(0));
  const std::int64_t dimensions = a.size(1);
  MatrixPicture picture;
  picture.dimensions = dimensions;
  picture.side = std::min(dimensions, maxSide);
  picture.diagonal = toVector((a * b).sum(0) / n);
  if (picture.side == dimensions) {
    const Tensor c = torch::mm(a.t(), b) / n;
    picture.peak = picture.mean = toVector(c);
    picture.rms = toVector(c.abs());
    return picture;
  }
  const std::int64_t m = picture.side;
  const Blocks blocks = makeBlocks(dimensions, m, a.device());
  const std::int64_t w = blocks.width;
  const Tensor left = a.index_select(1, blocks.columns).t().contiguous();  // [m w, N]
  const Tensor right = b.index_select(1, blocks.columns).contiguous();     // [N, m w]

  // The mean of a block is the product of the block means: no pass over C.
  const Tensor meanA = (left * blocks.weight.unsqueeze(1)).view({m, w, -1}).sum(1) /
                       blocks.count.unsqueeze(1);                                       // [m, N]
  const Tensor meanB = (right * blocks.weight).view({-1, m, w}).sum(2) / blocks.count;  // [N, m]
  picture.mean = toVector(torch::mm(meanA, meanB) / n);

  // Peak and RMS need every value; C is made in strips of whole blocks of about 4 MB, which stay in
  // the cache.
  const Tensor area = blocks.count.unsqueeze(1) * blocks.count;  // [m, m]
  const std::int64_t strip = std::max<std::int64_t>(1, (1 << 20) / (w * m * w));
  Tensor peak = torch::empty({m, m}, a.options());
  Tensor squares = torch::empty({m, m}, a.options());
  for (std::int64_t begin = 0; begin < m; begin += strip) {
    const std::int64_t rows = std::min(strip, m - begin);
    const Tensor c = torch::mm(left.slice(0, begin * w, (begin + rows) * w), right)
                         .div_(n)
                         .view({rows, w, m, w});
    const Tensor high = c.amax({1, 3});
    const Tensor low = c.amin({1, 3});
    peak.slice(0, begin, begin + rows).copy_(torch::where(high >= -low, high, low));
    const Tensor weighted =
        c.square_()
            .mul_(blocks.weight.view({m, w}).slice(0, begin, begin + rows).view({rows, w, 1, 1}))
            .mul_(blocks.weight.view({1, 1, m, w}));
    squares.slice(0, begin, begin + rows).copy_(weighted.sum({1, 3}));
  }
  picture.peak = toVector(peak);
  picture.rms = toVector((squares / area).sqrt());
  return picture;
}

}  // namespace barlow
