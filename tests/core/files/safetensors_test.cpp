#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/array_file.h"
#include "core/files/tensor_files.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path kPythonsFiles = fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files";

// Without the fsync of a product's write, which makes loops over every byte slow.
void writeQuickly(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string fileOf(const std::string& header, const std::string& data) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  }
  return bytes + header + data;
}

// Element i is i / 4 - 1, as in make_tensor_files.py.
torch::Tensor quarters(const std::vector<std::int64_t>& shape, torch::ScalarType type) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    count *= extent;
  }
  return (torch::arange(count, torch::kFloat64) / 4 - 1).reshape(shape).to(type);
}

void expectSame(const NamedTensors& read, const NamedTensors& expected) {
  ASSERT_EQ(read.size(), expected.size());
  const std::map<std::string, torch::Tensor> found(read.begin(), read.end());
  for (const auto& [name, tensor] : expected) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_EQ(found.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_EQ(found.at(name).sizes(), tensor.sizes()) << name;
    EXPECT_TRUE(torch::equal(found.at(name), tensor)) << name;
  }
}

TEST(Safetensors, ReadsWhatPythonWrote) {
  expectSame(readSafetensors(kPythonsFiles / "python.safetensors"),
             {{"float32", quarters({2, 3}, torch::kFloat32)},
              {"float64", quarters({3}, torch::kFloat64)},
              {"float16", quarters({5}, torch::kFloat16)},
              {"bfloat16", quarters({2, 2}, torch::kBFloat16)},
              {"bn1.num_batches_tracked", torch::tensor(7, torch::kInt64)},
              {"int32", torch::arange(3, torch::kInt32)},
              {"int16", torch::arange(3, torch::kInt16)},
              {"int8", torch::arange(3, torch::kInt8)},
              {"uint8", torch::arange(3, torch::kUInt8)},
              {"bool", torch::tensor({true, false, true})},
              {"empty", torch::empty({0, 3})}});
}

TEST(Safetensors, WritesTheSameBytesAsPython) {
  const TempDir dir;
  writeSafetensors(dir / "ours", readSafetensors(kPythonsFiles / "python.safetensors"));
  EXPECT_EQ(readFileText(dir / "ours", 10'000),
            readFileText(kPythonsFiles / "python.safetensors", 10'000));
}

TEST(Safetensors, EveryLayoutSurvivesARoundTripInOrder) {
  const TempDir dir;
  const torch::Tensor base = torch::arange(24, torch::kFloat32).view({2, 3, 4});
  const NamedTensors written = {
      {"z last letter first", base},
      {"transposed", base.transpose(0, 2)},
      {"slice", base.slice(2, 1, 3)},
      {"expanded", torch::ones({1, 3}).expand({4, 3})},
      {"channels_last",
       torch::arange(120).view({2, 3, 4, 5}).contiguous(torch::MemoryFormat::ChannelsLast)},
      {"needs gradient", torch::ones({2}, torch::requires_grad())},
      {"scalar", torch::tensor(0.1, torch::kFloat64)},
      {"half", base.to(torch::kBFloat16)},
      {"quote\" and \\ and \u00e9", torch::zeros({1})}};
  writeSafetensors(dir / "x", written);
  const NamedTensors read = readSafetensors(dir / "x");
  expectSame(read, written);
  for (std::size_t i = 0; i < written.size(); ++i) {
    EXPECT_EQ(read[i].first, written[i].first);
    EXPECT_TRUE(read[i].second.is_contiguous());
  }
  writeSafetensors(dir / "none", {});
  EXPECT_TRUE(readSafetensors(dir / "none").empty());
}

TEST(Safetensors, RefusesEveryTruncationAndEveryAddition) {
  const TempDir dir;
  writeSafetensors(dir / "x", {{"a", torch::ones({2, 2})}, {"b", torch::ones({3})}});
  const std::string whole = readFileText(dir / "x", 10'000);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    writeQuickly(dir / "cut", std::string_view(whole).substr(0, length));
    EXPECT_THROW(readSafetensors(dir / "cut"), Exception) << length;
  }
  writeFileAtomically(dir / "longer", whole + '\0');
  EXPECT_THROW(readSafetensors(dir / "longer"), Exception);
}

TEST(Safetensors, NoFlippedBitOfTheHeaderChangesTheTensors) {
  const TempDir dir;
  const NamedTensors written = {{"a", torch::ones({2, 2})}, {"b", torch::full({3}, 2.0)}};
  writeSafetensors(dir / "x", written);
  const std::string whole = readFileText(dir / "x", 10'000);
  int accepted = 0;
  for (std::size_t byte = 0; byte < whole.size() - 28; ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << bit));
      writeQuickly(dir / "flipped", bytes);
      NamedTensors read;
      try {
        read = readSafetensors(dir / "flipped");
      } catch (const Exception&) {
        continue;
      }
      // What passes has another name or another text in the metadata; a checkpoint's hashes notice
      // that.
      ++accepted;
      ASSERT_EQ(read.size(), written.size()) << byte;
      for (std::size_t i = 0; i < written.size(); ++i) {
        EXPECT_EQ(read[i].second.scalar_type(), written[i].second.scalar_type()) << byte;
        EXPECT_EQ(read[i].second.sizes(), written[i].second.sizes()) << byte;
        EXPECT_TRUE(torch::equal(read[i].second, written[i].second)) << byte;
      }
    }
  }
  EXPECT_LT(accepted, 200) << "names and metadata have about 20 bytes";
}

TEST(Safetensors, RefusesHostileHeaders) {
  struct Case {
    std::string header;
    const char* reason;
  };
  const std::string nested = std::string(100'000, '[');
  const std::vector<Case> cases = {
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,12]}})", "another size"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}})", "outside"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}})", "outside"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}})", "overlap or leave holes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}})",
       "overlap or leave holes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})",
       "overlap or leave holes"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}})",
       "twice"},
      {R"({"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "twice"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "length"},
      {R"({})", "length"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}})",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[2147483648,2147483649],"data_offsets":[0,16]}})",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[0,2147483648,2147483649],"data_offsets":[0,0]}})",
       "too large"},
      {R"({"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,16]}})",
       "no proper shape"},
      {R"({"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}})", "no proper shape"},
      {R"({"a":{"dtype":"F32","shape":[4.0],"data_offsets":[0,16]}})", "no proper shape"},
      {R"({"a":{"dtype":"F32","shape":4,"data_offsets":[0,16]}})", "no proper shape"},
      {R"({"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,16],"data_offsets":[0,16]}})",
       "no proper shape"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}})", "no proper offsets"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[-16,0]}})", "no proper offsets"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":["0","16"]}})", "no proper offsets"},
      {R"({"a":{"dtype":"O","shape":[4],"data_offsets":[0,16]}})", "type"},
      {R"({"a":{"dtype":32,"shape":[4],"data_offsets":[0,16]}})", "type"},
      {R"({"a":{"dtype":"F32","shape":[4]}})", "not exactly"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16],"more":1}})", "not exactly"},
      {R"({"a":7})", "not exactly"},
      {R"({"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})",
       "metadata"},
      {R"({"__metadata__":[],"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "metadata"},
      {R"({"a":{"dtype":"F32","shape":[[4]],"data_offsets":[0,16]}})", "nested"},
      {R"({"a":)" + nested, "nested"},
      {R"([1,2,3])", "begin with '{'"},
      {R"( {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}})", "begin with '{'"},
      {R"({"a":)", "no JSON"},
      {R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} {})", "no JSON"},
      {"{\"\xff\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", "no JSON"},
  };
  const TempDir dir;
  const std::string data(16, '\1');
  for (const Case& bad : cases) {
    writeFileAtomically(dir / "bad", fileOf(bad.header, data));
    const std::string message = messageOf([&] { readSafetensors(dir / "bad"); });
    EXPECT_THAT(message, HasSubstr(bad.reason)) << bad.header.substr(0, 200);
    EXPECT_THAT(message, HasSubstr((dir / "bad").string()));
  }
  writeFileAtomically(
      dir / "good", fileOf(R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}   )", data));
  EXPECT_EQ(readSafetensors(dir / "good").size(), 1u);
}

TEST(Safetensors, RefusesTooManyTensorsAndTooLongHeaders) {
  const TempDir dir;
  std::string header = "{";
  for (int i = 0; i <= 100'000; ++i) {
    header += "\"" + std::to_string(i) + "\":1,";
  }
  writeFileAtomically(dir / "many", fileOf(header + "\"x\":1}", ""));
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "many"); }), HasSubstr("too many"));
  std::string length(8, '\xff');
  writeFileAtomically(dir / "long", length + "{}");
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "long"); }),
              HasSubstr("longer than the format allows"));
  writeFileAtomically(dir / "beyond", std::string("\x40\0\0\0\0\0\0\0{}", 10));
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "beyond"); }),
              HasSubstr("longer than the file"));
}

TEST(Safetensors, RefusesTruthValuesOtherThanZeroAndOne) {
  const TempDir dir;
  writeFileAtomically(dir / "x",
                      fileOf(R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\1\2"));
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "x"); }), HasSubstr("truth values"));
}

TEST(Safetensors, ReadsOneOfSeveralWhateverTheOthersAre) {
  const auto file = openSafetensors(kPythonsFiles / "others.safetensors");
  std::map<std::string, std::size_t> places;
  for (const ArrayEntry& entry : file->entries()) {
    places[entry.name] = places.size();
  }
  ASSERT_EQ(places.size(), 3u);
  EXPECT_TRUE(torch::equal(file->read(places["z"]), quarters({2, 3}, torch::kFloat16)));
  EXPECT_TRUE(torch::equal(file->read(places["mask"]), torch::tensor({true, false})));
  EXPECT_THAT(messageOf([&] { file->read(places["scales"]); }),
              testing::AllOf(HasSubstr("'scales'"), HasSubstr("F8_E8M0")));
  EXPECT_THAT(messageOf([&] { readSafetensors(kPythonsFiles / "others.safetensors"); }),
              HasSubstr("F8_E8M0"))
      << "all of them cannot be had";
}

TEST(Safetensors, DoesNotBelieveASparseFile) {
  const TempDir dir;
  constexpr std::uint64_t kBytes = 1ull << 43;  // 8 TiB
  writeFileAtomically(
      dir / "x",
      fileOf(R"({"a":{"dtype":"U8","shape":[8796093022208],"data_offsets":[0,8796093022208]}})",
             ""));
  std::error_code error;
  fs::resize_file(dir / "x", fs::file_size(dir / "x") + kBytes, error);
  if (error) {
    GTEST_SKIP() << "this file system has no such large sparse files: " << error.message();
  }
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "x"); }), HasSubstr("memory"));
}

TEST(Safetensors, SaysWhatCannotBeWritten) {
  const TempDir dir;
  EXPECT_THAT(messageOf([&] {
                writeSafetensors(dir / "x", {{"c", torch::zeros({2}, torch::kComplexFloat)}});
              }),
              testing::AllOf(HasSubstr((dir / "x").string()), HasSubstr("'c'"), HasSubstr("type")));
  EXPECT_THAT(messageOf([&] {
                writeSafetensors(dir / "x", {{"a", torch::zeros({2})}, {"a", torch::zeros({2})}});
              }),
              HasSubstr("name of another"));
  EXPECT_THAT(messageOf([&] {
                writeSafetensors(dir / "x", {{"__metadata__", torch::zeros({2})}});
              }),
              HasSubstr("name of another"));
  EXPECT_FALSE(fs::exists(dir / "x"));
  EXPECT_THAT(messageOf([&] { writeSafetensors(dir / "missing/x", {}); }), HasSubstr("missing/x"));
  EXPECT_THAT(messageOf([&] { readSafetensors(dir / "missing"); }), HasSubstr("does not exist"));
}

}  // namespace
}  // namespace barlow
