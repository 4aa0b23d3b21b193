#include "core/files/tensor_files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "tests/support/temp_dir.h"

namespace barlow {
namespace {

namespace fs = std::filesystem;

NamedTensors samples() {
  const torch::Tensor base = torch::arange(24, torch::kFloat32).view({2, 3, 4});
  return {{"float", base},
          {"double", base.to(torch::kFloat64)},
          {"half", base.to(torch::kFloat16)},
          {"bf16", base.to(torch::kBFloat16)},
          {"count", torch::tensor(7, torch::kInt64)},
          {"bytes", torch::tensor({1, 2, 255}, torch::kUInt8)},
          {"flags", torch::tensor({true, false})},
          {"empty", torch::empty({0, 3})},
          {"transposed", base.transpose(0, 2)},
          {"channels.last", torch::rand({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast)}};
}

std::string safetensorsFile(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  }
  return bytes + header + data;
}

TEST(Safetensors, EveryTypeAndLayoutSurvivesARoundTrip) {
  const TempDir dir;
  const NamedTensors written = samples();
  writeSafetensors(dir / "x.safetensors", written);
  const NamedTensors read = readSafetensors(dir / "x.safetensors");
  ASSERT_EQ(read.size(), written.size());
  for (const auto& [name, tensor] : written) {
    const auto found = std::find_if(read.begin(), read.end(), [&](const auto& item) { return item.first == name; });
    ASSERT_NE(found, read.end()) << name;
    EXPECT_EQ(found->second.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(found->second, tensor)) << name;
  }
}

TEST(Safetensors, RefusesEveryTruncation) {
  const TempDir dir;
  writeSafetensors(dir / "x", {{"a", torch::ones({2, 2})}, {"b", torch::ones({3})}});
  const std::string whole = readFileText(dir / "x", 10'000);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    writeFileAtomically(dir / "cut", std::string_view(whole).substr(0, length));
    EXPECT_THROW(readSafetensors(dir / "cut"), Exception) << length;
  }
}

TEST(Safetensors, SurvivesEveryBitFlipInTheHeader) {
  const TempDir dir;
  writeSafetensors(dir / "x", {{"a", torch::ones({2, 2})}});
  const std::string whole = readFileText(dir / "x", 10'000);
  for (std::size_t byte = 0; byte < whole.size() - 16; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
      std::ofstream(dir / "flipped", std::ios::binary) << bytes;
      try {
        for (const auto& [name, tensor] : readSafetensors(dir / "flipped")) {
          EXPECT_LE(tensor.numel(), 16);
        }
      } catch (const Exception&) {  // refused, as most are
      }
    }
  }
}

TEST(Safetensors, RefusesHostileHeaders) {
  const TempDir dir;
  const std::string data(16, '\1');
  const std::vector<std::string> headers = {
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
      R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"O","shape":[4],"data_offsets":[0,16]}})",
      R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})",
      R"({"a":{"dtype":"F32","shape":[4]}})",
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
      R"([1])",
      R"({"a":)",
  };
  for (const std::string& header : headers) {
    std::ofstream(dir / "x", std::ios::binary) << safetensorsFile(header, data);
    EXPECT_THROW(readSafetensors(dir / "x"), Exception) << header;
  }
  std::ofstream(dir / "good", std::ios::binary)
      << safetensorsFile(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", data);
  EXPECT_EQ(readSafetensors(dir / "good").size(), 1u);
}

TEST(Npy, RoundTripsAndHasNumPysLayout) {
  const TempDir dir;
  for (const torch::Tensor& tensor : {torch::rand({3, 4}), torch::rand({2, 1, 5}, torch::kFloat64), torch::arange(7),
                                      torch::tensor({1, 2}, torch::kUInt8), torch::tensor(3.5f), torch::rand({4, 3}).t()}) {
    writeNpy(dir / "x.npy", tensor);
    const torch::Tensor read = readNpy(dir / "x.npy");
    EXPECT_TRUE(torch::equal(read, tensor)) << tensor.sizes();
    EXPECT_EQ(read.sizes(), tensor.sizes());
  }
  writeNpy(dir / "x.npy", torch::ones({3, 4}));
  const std::string text = readFileText(dir / "x.npy", 10'000);
  EXPECT_EQ(text.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ((text.size() - 48) % 64, 0u) << "the data must begin at a multiple of 64";
  EXPECT_NE(text.find("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4, ), }"), std::string::npos);
}

TEST(Npy, RefusesWhatItCannotRead) {
  const TempDir dir;
  writeNpy(dir / "x.npy", torch::ones({3, 4}));
  const std::string good = readFileText(dir / "x.npy", 10'000);
  for (std::size_t length = 0; length < good.size(); ++length) {
    std::ofstream(dir / "cut.npy", std::ios::binary) << good.substr(0, length);
    EXPECT_THROW(readNpy(dir / "cut.npy"), Exception) << length;
  }
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    std::ofstream(dir / "bad.npy", std::ios::binary) << text;
    try {
      readNpy(dir / "bad.npy");
    } catch (const Exception& error) {
      return error.info().message;
    }
    return std::string();
  };
  EXPECT_NE(replaced("'<f4'", "'|O '").find("float32"), std::string::npos);
  EXPECT_NE(replaced("False", "True ").find("Fortran"), std::string::npos);
  EXPECT_NE(replaced("(3, 4", "(9, 4").find("length"), std::string::npos);
  EXPECT_NE(replaced("shape", "shope").find("damaged"), std::string::npos);
}

}  // namespace
}  // namespace barlow
