#include "core/files/embedding_file.h"

#include "core/base/atomic_file.h"
#include "core/files/npy_header.h"
#include "core/files/tensor_files.h"
#include "tests/core/files/zip_bytes.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kPythonsFiles = fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files";

torch::Tensor quarters(std::vector<std::int64_t> shape, torch::ScalarType type = torch::kFloat32) {
  return (torch::arange(6, torch::kFloat64) / 4 - 1).view(shape).to(type);
}

std::string npyOf(const torch::Tensor& floats) {
  return npyHeader("<f4", floats.sizes().vec()) +
         std::string(static_cast<const char*>(floats.const_data_ptr()), floats.nbytes());
}

TEST(EmbeddingFile, ReadsEveryTypeOfNumber) {
  for (const char* file : {"fortran.npy", "bfloat16.npy", "big_endian16.npy", "float32.npy"}) {
    const torch::Tensor z = readEmbeddingFile(kPythonsFiles / file);
    EXPECT_EQ(z.scalar_type(), torch::kFloat32) << file;
    EXPECT_TRUE(torch::equal(z, quarters({2, 3}))) << file;
  }
  EXPECT_TRUE(torch::equal(readEmbeddingFile(kPythonsFiles / "big_endian64.npy"),
                           quarters({2, 3}, torch::kFloat64)));
  const TempDir dir;
  writeNpy(
      dir / "whole.npy",
      torch::tensor({std::int64_t{1} << 40 | 1, std::int64_t{2}, std::int64_t{3}, std::int64_t{4}},
                    torch::kInt64)
          .view({2, 2}));
  EXPECT_EQ(readEmbeddingFile(dir / "whole.npy")[0][0].item<double>(), (1ll << 40) + 1)
      << "no digit is lost";
}

TEST(EmbeddingFile, DropsAxesOfOneAndNoOthers) {
  const TempDir dir;
  for (const std::vector<std::int64_t>& shape : std::vector<std::vector<std::int64_t>>{
           {1, 2, 3}, {2, 3, 1, 1}, {2, 1, 3}, {1, 1, 2, 3, 1}}) {
    writeNpy(dir / "z.npy", quarters(shape));
    EXPECT_TRUE(torch::equal(readEmbeddingFile(dir / "z.npy"), quarters({2, 3})));
  }
  writeNpy(dir / "z.npy", torch::zeros({2, 3, 4}));
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(dir / "z.npy"); }),
              AllOf(HasSubstr("[2, 3, 4]"), HasSubstr("[N, D]"), HasSubstr("z.npy")));
  writeNpy(dir / "z.npy", torch::zeros({5}));
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(dir / "z.npy"); }), HasSubstr("[5]"));
}

TEST(EmbeddingFile, ChoosesByNumberOfDimensionsByNameAndByWish) {
  const fs::path others = kPythonsFiles / "others.safetensors";
  EXPECT_TRUE(torch::equal(readEmbeddingFile(others), quarters({2, 3})))
      << "the one that can be read";
  const TempDir dir;
  writeSafetensors(dir / "s", {{"other", torch::zeros({2, 3})}, {"Embeddings", quarters({2, 3})}});
  EXPECT_TRUE(torch::equal(readEmbeddingFile(dir / "s"), quarters({2, 3}))) << "by its usual name";
  EXPECT_TRUE(torch::equal(readEmbeddingFile(dir.path() / "s:other"), torch::zeros({2, 3})));
  writeSafetensors(dir / "s", {{"p", torch::zeros({2, 3})}, {"q", quarters({2, 3})}});
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(dir / "s"); }),
              AllOf(HasSubstr("p [2, 3], q [2, 3]"), HasSubstr(":NAME")));
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(dir.path() / "s:x"); }),
              AllOf(HasSubstr("no array 'x'"), HasSubstr("q [2, 3]")));
  EXPECT_TRUE(torch::equal(readEmbeddingFile(kPythonsFiles / "stored.npz:z_a"), quarters({3, 2})));
  EXPECT_TRUE(
      torch::equal(readEmbeddingFile(kPythonsFiles / "stored.npz:z_a.npy"), quarters({3, 2})));
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(others.string() + ":scales"); }),
              HasSubstr("F8_E8M0"));
}

TEST(EmbeddingFile, AFileWithAColonInItsNameIsThatFile) {
  const TempDir dir;
  writeNpy(dir.path() / "z:1.npy", quarters({2, 3}));
  writeNpy(dir.path() / "z", quarters({3, 2}));
  EXPECT_EQ(readEmbeddingFile(dir.path() / "z:1.npy").size(0), 2);
  EXPECT_EQ(arrayPathOf(dir.path() / "nothing:1").file, dir.path() / "nothing:1");
}

TEST(EmbeddingFile, FindsBothViewsInOneFile) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const EmbeddingViews views = readEmbeddingViews(kPythonsFiles / name);
    EXPECT_TRUE(torch::equal(views.a, quarters({3, 2}))) << "by name, not by place";
    EXPECT_TRUE(torch::equal(views.b, quarters({3, 2}, torch::kFloat64) + 1));
    EXPECT_TRUE(holdsSeveralEmbeddings(kPythonsFiles / name));
    EXPECT_FALSE(holdsSeveralEmbeddings((kPythonsFiles / name).string() + ":z_a"));
  }
  const TempDir dir;
  writeFileAtomically(dir / "x",
                      zipOf({{.name = "text.npy", .content = npyOf(quarters({2, 3}))},
                             {.name = "image.npy", .content = npyOf(quarters({2, 3}) * 2)}}));
  EXPECT_TRUE(torch::equal(readEmbeddingViews(dir / "x").a, quarters({2, 3})))
      << "the only two, as they come";
  writeSafetensors(
      dir / "x",
      {{"y", torch::zeros({2, 3})}, {"view_2", torch::ones({2, 3})}, {"View-1", quarters({2, 3})}});
  EXPECT_TRUE(torch::equal(readEmbeddingViews(dir / "x").a, quarters({2, 3})));
}

TEST(EmbeddingFile, SaysWhichTwoItCouldNotChoose) {
  const TempDir dir;
  const auto saying = [&](const NamedTensors& tensors) {
    writeSafetensors(dir / "x", tensors);
    return messageOf([&] { readEmbeddingViews(dir / "x"); });
  };
  const torch::Tensor z = torch::zeros({2, 3});
  EXPECT_THAT(saying({{"p", z}, {"q", z}, {"r", z}}),
              AllOf(HasSubstr("p [2, 3]"), HasSubstr("z_a and z_b"), HasSubstr(":NAME")));
  EXPECT_THAT(saying({{"p", z}}), AllOf(HasSubstr("p [2, 3]"), HasSubstr("two files")));
  EXPECT_THAT(saying({{"p", torch::zeros({2, 3, 4})}}), HasSubstr("p [2, 3, 4]"));
  const ZipPiece lzma{.name = "z_a.npy", .content = "?", .method = 14};
  writeFileAtomically(dir / "x", zipOf({lzma}));
  EXPECT_THAT(messageOf([&] { readEmbeddingViews(dir / "x"); }),
              AllOf(HasSubstr("z_a.npy"), HasSubstr("savez_compressed")));
  writeFileAtomically(dir / "x",
                      zipOf({lzma, {.name = "z_b.npy", .content = npyOf(quarters({2, 3}))}}));
  EXPECT_THAT(messageOf([&] { readEmbeddingViews(dir / "x"); }),
              HasSubstr("z_a (cannot be read), z_b [2, 3]"));
  writeFileAtomically(dir / "notes.txt", std::string("nothing to see here"));
  EXPECT_THAT(messageOf([&] { readEmbeddingViews(dir / "notes.txt"); }),
              AllOf(HasSubstr("notes.txt"), HasSubstr(".npz")));
  writeFileAtomically(dir / "empty", std::string());
  EXPECT_THAT(messageOf([&] { readEmbeddingFile(dir / "empty"); }), HasSubstr("none of"));
}

}  // namespace
}  // namespace barlow
