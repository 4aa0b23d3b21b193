#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/tensor_files.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kPythonsFiles = fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files";

// Without the fsync of a product's write, which makes loops over every byte slow.
void writeQuickly(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

struct Golden {
  const char* file;
  torch::Tensor tensor;
};

// The values of make_tensor_files.py.
std::vector<Golden> goldens() {
  const auto quarters = [](std::int64_t count) {
    return torch::arange(count, torch::kFloat64) / 4 - 1;
  };
  return {{"float32.npy", quarters(6).reshape({2, 3}).to(torch::kFloat32)},
          {"float64.npy", quarters(3)},
          {"int64.npy", torch::arange(4)},
          {"uint8.npy", torch::arange(3, torch::kUInt8)},
          {"scalar.npy", torch::tensor(2.5f)},
          {"empty.npy", torch::empty({0, 3})}};
}

TEST(Npy, ReadsWhatNumPyWrote) {
  for (const Golden& golden : goldens()) {
    const torch::Tensor read = readNpy(kPythonsFiles / golden.file);
    EXPECT_EQ(read.scalar_type(), golden.tensor.scalar_type()) << golden.file;
    EXPECT_EQ(read.sizes(), golden.tensor.sizes()) << golden.file;
    EXPECT_TRUE(torch::equal(read, golden.tensor)) << golden.file;
  }
  const torch::Tensor quarters = goldens()[0].tensor;
  for (const char* file : {"version2.npy", "version3.npy", "fortran.npy"}) {
    EXPECT_TRUE(torch::equal(readNpy(kPythonsFiles / file), quarters)) << file;
  }
}

TEST(Npy, ReadsOtherOrdersOfBytesAndSmallerTypes) {
  const torch::Tensor quarters = goldens()[0].tensor;
  const std::vector<Golden> others = {
      {"big_endian.npy", torch::arange(3, torch::kFloat32)},
      {"big_endian64.npy", quarters.to(torch::kFloat64)},
      {"big_endian16.npy", quarters.to(torch::kFloat16)},  // in Fortran order
      {"bfloat16.npy", quarters.to(torch::kBFloat16)},
      {"uint16.npy", torch::arange(3).to(torch::kUInt16)}};
  for (const Golden& golden : others) {
    const torch::Tensor read = readNpy(kPythonsFiles / golden.file);
    EXPECT_EQ(read.scalar_type(), golden.tensor.scalar_type()) << golden.file;
    EXPECT_EQ(read.sizes(), golden.tensor.sizes()) << golden.file;
    EXPECT_TRUE(read.is_contiguous()) << golden.file;
    EXPECT_TRUE(torch::equal(read.to(torch::kFloat64), golden.tensor.to(torch::kFloat64)))
        << golden.file;
  }
}

TEST(Npy, WritesTheSameBytesAsNumPy) {
  const TempDir dir;
  for (const Golden& golden : goldens()) {
    writeNpy(dir / "ours.npy", golden.tensor);
    EXPECT_EQ(readFileText(dir / "ours.npy", 10'000),
              readFileText(kPythonsFiles / golden.file, 10'000))
        << golden.file;
  }
}

TEST(Npy, EveryLayoutSurvivesARoundTrip) {
  const TempDir dir;
  const torch::Tensor base = torch::arange(120, torch::kFloat32);
  for (const torch::Tensor& tensor :
       {base.view({10, 12}).t(),
        base.view({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast),
        base.slice(0, 0, 120, 7),
        base.view({1, 2, 3, 1, 4, 5, 1, 1}),
        torch::ones({2}, torch::requires_grad())}) {
    writeNpy(dir / "x.npy", tensor);
    const torch::Tensor read = readNpy(dir / "x.npy");
    EXPECT_EQ(read.sizes(), tensor.sizes());
    EXPECT_TRUE(torch::equal(read, tensor)) << tensor.sizes();
  }
  const float infinity = std::numeric_limits<float>::infinity();
  writeNpy(dir / "x.npy",
           torch::tensor({std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}));
  const torch::Tensor read = readNpy(dir / "x.npy");
  EXPECT_TRUE(read[0].isnan().item<bool>());
  EXPECT_EQ(read[1].item<float>(), infinity);
  EXPECT_EQ(read[2].item<float>(), -infinity);
}

TEST(Npy, RefusesEveryTruncationAndEveryAddition) {
  const TempDir dir;
  const std::string whole = readFileText(kPythonsFiles / "float32.npy", 10'000);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    writeQuickly(dir / "cut.npy", std::string_view(whole).substr(0, length));
    EXPECT_THROW(readNpy(dir / "cut.npy"), Exception) << length;
  }
  writeFileAtomically(dir / "longer.npy", whole + '\0');
  EXPECT_THROW(readNpy(dir / "longer.npy"), Exception);
}

TEST(Npy, NoFlippedBitOfTheHeaderChangesTheTensor) {
  const TempDir dir;
  const torch::Tensor written = goldens()[0].tensor;
  const std::string whole = readFileText(kPythonsFiles / "float32.npy", 10'000);
  const std::size_t order = whole.find("<f4");  // one bit from ">f4", which is as sound
  for (std::size_t byte = 0; byte < 128; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
      writeQuickly(dir / "flipped.npy", bytes);
      try {
        const torch::Tensor read = readNpy(dir / "flipped.npy");
        ASSERT_EQ(read.scalar_type(), written.scalar_type()) << byte;
        ASSERT_EQ(read.sizes(), written.sizes()) << byte;
        EXPECT_TRUE(byte == order || torch::equal(read, written)) << byte;
      } catch (const Exception&) {  // refused, as most are
      }
    }
  }
}

TEST(Npy, SaysWhyItRefusesSoundFilesOfOtherKinds) {
  const auto refusal = [](const char* file) {
    return messageOf([&] { readNpy(kPythonsFiles / file); });
  };
  EXPECT_THAT(refusal("float8.npy"), testing::AllOf(HasSubstr("'<V1'"), HasSubstr("float32")));
  EXPECT_THAT(refusal("objects.npy"), HasSubstr("pickle"));
  EXPECT_THAT(refusal("records.npy"), HasSubstr("records"));
  EXPECT_THAT(refusal("python.safetensors"), HasSubstr("does not begin"));
  EXPECT_THAT(refusal("nothing.npy"), HasSubstr("does not exist"));
}

TEST(Npy, RefusesHostileHeaders) {
  struct Case {
    std::string header;
    const char* reason;
  };
  const std::vector<Case> cases = {
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", "length"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (4,), }", "length"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4.0,), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648, 2147483648, 4), }",
       "too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 4), }",
       "too large"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 4), }",
       "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'shape': (4,), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': 1, }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': None, 'shape': (4,), }", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4,), } + [0]", "damaged"},
      {"{'descr': '<f4', 'fortran_order': False, 'shape': (4", "damaged"},
      {"{'descr': '<f4", "damaged"},
      {"{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", "'<c8'"},
      {"{'descr': '<f16', 'fortran_order': False, 'shape': (1,), }", "'<f16'"},
      {"{'descr': '|V2', 'fortran_order': False, 'shape': (8,), }", "'|V2'"},
      {"{'descr': '|f4', 'fortran_order': False, 'shape': (4,), }", "'|f4'"},
      {"", "damaged"},
      {std::string(10'001, ' '), "longer"},
  };
  const TempDir dir;
  const auto write = [&](const std::string& header) {
    std::string bytes("\x93NUMPY\x02\0", 8);
    for (int i = 0; i < 4; ++i) {
      bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
    }
    writeFileAtomically(dir / "x.npy", bytes + header + std::string(16, '\0'));
  };
  for (const Case& bad : cases) {
    write(bad.header);
    const std::string message = messageOf([&] { readNpy(dir / "x.npy"); });
    EXPECT_THAT(message, HasSubstr(bad.reason)) << bad.header.substr(0, 100);
    EXPECT_THAT(message, HasSubstr((dir / "x.npy").string()));
  }
  write("{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 2L), }");  // of Python 2
  EXPECT_TRUE(torch::equal(readNpy(dir / "x.npy"), torch::zeros({2, 2})));
  write("{'shape':(4),'fortran_order':True,'descr':'<f4'}");
  EXPECT_TRUE(torch::equal(readNpy(dir / "x.npy"), torch::zeros({4})));
}

TEST(Npy, DoesNotBelieveASparseFile) {
  const TempDir dir;
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': (8796093022208,), }";
  std::string bytes("\x93NUMPY\x01\0", 8);
  bytes += {static_cast<char>(header.size()), '\0'};
  writeFileAtomically(dir / "x.npy", bytes + header);
  std::error_code error;
  fs::resize_file(dir / "x.npy", fs::file_size(dir / "x.npy") + 8796093022208u, error);
  if (error) {
    GTEST_SKIP() << "this file system has no such large sparse files: " << error.message();
  }
  EXPECT_THAT(messageOf([&] { readNpy(dir / "x.npy"); }), HasSubstr("memory"));
}

TEST(Npy, SaysWhatCannotBeWritten) {
  const TempDir dir;
  EXPECT_THAT(messageOf([&] { writeNpy(dir / "x.npy", torch::zeros({2}, torch::kBFloat16)); }),
              testing::AllOf(HasSubstr((dir / "x.npy").string()), HasSubstr("float32")));
  EXPECT_FALSE(fs::exists(dir / "x.npy"));
  EXPECT_THAT(messageOf([&] { writeNpy(dir / "missing/x.npy", torch::zeros({2})); }),
              HasSubstr("missing/x.npy"));
}

}  // namespace
}  // namespace barlow
