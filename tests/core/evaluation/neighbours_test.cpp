#include "core/evaluation/neighbours.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>
#include <torch/nn/functional/normalization.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace barlow {
namespace {

torch::Tensor noise(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  return torch::randn({rows, columns}, at::detail::createCPUGenerator(seed), torch::kFloat32);
}

TEST(LargestOf, EqualsASortWhateverThePieces) {
  // Many equal numbers: of them the first places are wanted.
  const torch::Tensor values = (noise(1, 5000, 3).view(-1) * 20).round().contiguous();
  const float* first = values.const_data_ptr<float>();
  std::vector<std::pair<float, std::int32_t>> all;
  for (std::int32_t i = 0; i < 5000; ++i) {
    all.emplace_back(first[i], i);
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
    return left.first > right.first;
  });
  for (const std::size_t k : {1u, 7u, 200u, 4999u, 5000u}) {
    for (const std::int64_t piece : {1, 33, 1024, 5000}) {
      LargestOf largest(k);
      for (std::int64_t begin = 0; begin < 5000; begin += piece) {
        largest.add(first + begin, std::min<std::int64_t>(piece, 5000 - begin), begin);
      }
      const std::vector<std::pair<float, std::int32_t>> expected(
          all.begin(), all.begin() + static_cast<std::ptrdiff_t>(k));
      EXPECT_EQ(largest.sorted(), expected) << k << " of pieces of " << piece;
    }
  }
}

// A bank that is taken in tiles, and one that is not.
TEST(Neighbours, AreThoseOfAllProductsWithAnyBank) {
  const torch::Tensor queries = noise(1100, 6, 5);
  for (const std::int64_t rows : {300, 9000}) {
    const torch::Tensor bank = noise(rows, 6, 4);
    for (const bool isEuclidean : {false, true}) {
      double progress = 0;
      const Neighbours found = findNeighbours(
          bank, queries, {.k = 9, .isEuclidean = isEuclidean}, {}, [&](double share) {
            EXPECT_GE(share, progress);
            progress = share;
          });
      EXPECT_EQ(progress, 1.0);
      const torch::Tensor x = queries.to(torch::kFloat64);
      const torch::Tensor y = bank.to(torch::kFloat64);
      const torch::Tensor exact =
          isEuclidean ? -torch::cdist(x, y)
                      : torch::mm(x / x.norm(2, {1}, true), (y / y.norm(2, {1}, true)).t());
      const auto best = exact.topk(9);
      EXPECT_TRUE(torch::equal(std::get<1>(best), found.index)) << rows << isEuclidean;
      EXPECT_TRUE(torch::allclose(std::get<0>(best).to(torch::kFloat32), found.similarity));
    }
  }
}

TEST(Neighbours, OfImagesThatHardlyDifferAreFoundAllTheSame) {
  const torch::Tensor bank = torch::ones({20000, 4});
  bank[17000][3] = -1.0f;
  const torch::Tensor query = bank.slice(0, 17000, 17001);
  const Neighbours found = findNeighbours(bank, query, {.k = 5});
  EXPECT_TRUE(torch::equal(found.index, torch::tensor({{17000, 0, 1, 2, 3}})))
      << "the first of equal ones";
}

// So many that the last of them point the other way.
TEST(Neighbours, OfHalfTheBankAreThoseOfAllProducts) {
  const torch::Tensor bank = noise(9000, 24, 6);
  const torch::Tensor queries = noise(40, 24, 7);
  const torch::Tensor exact = torch::mm(torch::nn::functional::normalize(queries),
                                        torch::nn::functional::normalize(bank).t());
  for (const int k : {1, 200, 5000, 9000}) {
    const Neighbours found = findNeighbours(bank, queries, {.k = k});
    ASSERT_EQ(found.index.sizes(), torch::IntArrayRef({40, k}));
    EXPECT_TRUE(torch::allclose(std::get<0>(exact.topk(k)), found.similarity, 1e-5, 1e-6)) << k;
    EXPECT_TRUE(torch::allclose(exact.gather(1, found.index), found.similarity, 1e-5, 1e-6)) << k;
  }
}

// What half precision loses differs from one part of the bank to the next, and so does whom it may
// leave out.
TEST(Neighbours, OfABankInAnOrderAreThoseOfAllProducts) {
  const torch::Tensor common = noise(1, 64, 8).abs();
  torch::Tensor bank =
      common + noise(20'000, 64, 9) * torch::linspace(0.05, 0.6, 20'000).view({-1, 1});
  const torch::Tensor queries = common + noise(700, 64, 10) * 0.3;
  for (const bool isReversed : {false, true}) {
    if (isReversed) {
      bank = bank.flip(0).contiguous();
    }
    const torch::Tensor x = torch::nn::functional::normalize(queries.to(torch::kFloat64));
    const torch::Tensor y = torch::nn::functional::normalize(bank.to(torch::kFloat64));
    const torch::Tensor exact = torch::mm(x, y.t());
    const Neighbours found = findNeighbours(bank, queries, {.k = 20});
    EXPECT_TRUE(torch::allclose(
        std::get<0>(exact.topk(20)).to(torch::kFloat32), found.similarity, 1e-5, 1e-6));
    EXPECT_TRUE(torch::allclose(
        exact.gather(1, found.index).to(torch::kFloat32), found.similarity, 1e-5, 1e-6));
  }
}

TEST(Neighbours, AreNeverRowsThatAreNoNumbers) {
  torch::Tensor bank = noise(9000, 5, 6);
  bank[17].fill_(std::numeric_limits<float>::quiet_NaN());
  const Neighbours found = findNeighbours(bank, noise(30, 5, 7), {.k = 8});
  EXPECT_FALSE(found.index.eq(17).any().item<bool>());
  EXPECT_FALSE(torch::isnan(found.similarity).any().item<bool>());
  const Neighbours none = findNeighbours(bank.fill_(NAN), noise(3, 5, 7), {.k = 8});
  EXPECT_TRUE(torch::isnan(none.similarity).all().item<bool>());
}

TEST(Neighbours, StopInTheMiddle) {
  std::stop_source stop;
  const Neighbours found =
      findNeighbours(noise(9000, 4, 1), noise(3000, 4, 2), {}, stop.get_token(), [&](double) {
        stop.request_stop();
      });
  EXPECT_FALSE(found.index.defined());
}

}  // namespace
}  // namespace barlow
