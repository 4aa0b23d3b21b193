#include "core/files/torch_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/rng.h"
#include "tests/core/files/zip_bytes.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const fs::path kPythonsFiles = fs::path(BARLOW_TEST_SOURCE_DATA) / "tensor_files";

// A file that is cut to nothing and written anew may be waited for until it is on the disk.
void writeQuickly(const fs::path& path, std::string_view bytes) {
  fs::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

// Element i of a tensor in Python's files is i / 4 - 1 where the type has fractions, i elsewhere.
torch::Tensor quarters(std::vector<std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    count *= extent;
  }
  return (torch::arange(count, torch::kFloat64) / 4 - 1).reshape(shape).to(torch::kFloat32);
}

std::map<std::string, torch::Tensor> readAll(const fs::path& path) {
  const auto file = openTorchFile(path);
  std::map<std::string, torch::Tensor> tensors;
  for (std::size_t i = 0; i < file->entries().size(); ++i) {
    tensors[file->entries()[i].name] = file->read(i);
    EXPECT_EQ(tensors[file->entries()[i].name].sizes(), file->entries()[i].shape);
  }
  return tensors;
}

std::string readingOf(const fs::path& path) {
  return messageOf([&] { readAll(path); });
}

TEST(TorchFile, ReadsNestedDictionariesOfPython) {
  for (const char* name : {"python.pth", "protocol4.pth"}) {
    auto tensors = readAll(kPythonsFiles / name);
    EXPECT_EQ(tensors.size(), 25u);
    EXPECT_TRUE(torch::equal(tensors["model.state_dict.0.weight"], quarters({4, 3, 3, 3})));
    EXPECT_EQ(tensors["model.state_dict.1.num_batches_tracked"].scalar_type(), torch::kInt64);
    EXPECT_TRUE(torch::equal(tensors["parameter"], quarters({3})));
    EXPECT_TRUE(torch::equal(tensors["optimizer.state.0.mu"], quarters({2})));
    EXPECT_EQ(tensors["shared.single"].item<float>(), 2.5f);
  }
}

TEST(TorchFile, ReadsViewsOfASharedStorage) {
  auto tensors = readAll(kPythonsFiles / "python.pth");
  const torch::Tensor whole = quarters({4, 6});
  EXPECT_TRUE(torch::equal(tensors["shared.whole"], whole));
  EXPECT_TRUE(torch::equal(tensors["shared.again"], whole));
  EXPECT_TRUE(torch::equal(tensors["shared.column"], whole.select(1, 2)));
  EXPECT_TRUE(torch::equal(tensors["shared.turned"], whole.t()));
  EXPECT_TRUE(torch::equal(tensors["shared.block"], whole.slice(0, 1, 3).slice(1, 1, 4)));
  EXPECT_TRUE(tensors["shared.turned"].is_contiguous());
  tensors["shared.whole"].zero_();  // nobody else's
  EXPECT_TRUE(torch::equal(tensors["shared.again"], whole));
}

TEST(TorchFile, ReadsEveryType) {
  auto tensors = readAll(kPythonsFiles / "python.pth");
  const std::map<std::string, torch::ScalarType> types = {
      {"float32", torch::kFloat32},
      {"float64", torch::kFloat64},
      {"float16", torch::kFloat16},
      {"bfloat16", torch::kBFloat16},
      {"bn1.num_batches_tracked", torch::kInt64},
      {"int32", torch::kInt32},
      {"int16", torch::kInt16},
      {"int8", torch::kInt8},
      {"uint8", torch::kUInt8}};
  for (const auto& [name, type] : types) {
    const torch::Tensor tensor = tensors["types." + name];
    EXPECT_EQ(tensor.scalar_type(), type) << name;
    if (tensor.dim() > 0) {
      const torch::Tensor counted =
          c10::isFloatingType(type)
              ? quarters(tensor.sizes().vec())
              : torch::arange(tensor.numel()).reshape(tensor.sizes()).to(torch::kFloat32);
      EXPECT_TRUE(torch::equal(tensor.to(torch::kFloat32), counted)) << name;
    }
  }
  EXPECT_EQ(tensors["types.bn1.num_batches_tracked"].item<std::int64_t>(), 7);
  EXPECT_TRUE(torch::equal(tensors["types.bool"].to(torch::kInt64),
                           torch::tensor({1, 0, 1}, torch::kInt64)));
  EXPECT_EQ(tensors["types.empty"].sizes(), (std::vector<std::int64_t>{0, 3}));
}

TEST(TorchFile, ReadsATensorWithoutAName) {
  const auto file = openArrayFile(kPythonsFiles / "bare.pth");
  ASSERT_EQ(file->entries().size(), 1u);
  EXPECT_EQ(file->entries()[0].name, "");
  EXPECT_TRUE(torch::equal(file->read(0), quarters({4, 6})));
}

// Issue 18: a pickle can name any function of Python, and none is called here.
TEST(TorchFile, RefusesWhatIsNoTensorByItsName) {
  const std::map<std::string, std::string> reasons = {
      {"code.pth", "posix.system"},
      {"object.pth", "collections.Counter"},
      {"numpy.pth", "numpy"},
      {"sparse.pth", "_rebuild_sparse_tensor"},
      {"legacy.pth", "before 1.6"},
  };
  for (const auto& [name, reason] : reasons) {
    const std::string message = readingOf(kPythonsFiles / name);
    EXPECT_THAT(message, AllOf(HasSubstr(reason), HasSubstr((kPythonsFiles / name).string())));
    EXPECT_THAT(message, HasSubstr("torch.save(")) << "what to do";
  }
  const auto file = openTorchFile(kPythonsFiles / "complex.pth");
  EXPECT_EQ(file->entries()[0].problem, "");
  EXPECT_THAT(messageOf([&] { file->read(1); }),
              AllOf(HasSubstr("'other'"), HasSubstr("ComplexFloat")));
}

TEST(TorchFile, WritesWhatItReads) {
  const TempDir dir;
  const torch::Tensor turned = quarters({3, 4}).t();
  const NamedTensors tensors = {{"a.weight", turned},
                                {"half", quarters({2, 2}).to(torch::kFloat16)},
                                {"count", torch::tensor(7)},
                                {"flags", torch::tensor({true, false})},
                                {"none", torch::empty({0, 3})}};
  writeTorchFile(dir / "x.pth", tensors, {{"image_size", "32"}});
  EXPECT_EQ(openTorchFile(dir / "x.pth")->metadata().at("image_size"), "32");
  auto read = readAll(dir / "x.pth");
  ASSERT_EQ(read.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_TRUE(torch::equal(read[name], tensor)) << name;
    EXPECT_EQ(read[name].scalar_type(), tensor.scalar_type()) << name;
  }
  EXPECT_THAT(messageOf([&] { writeTorchFile(dir / "no/x.pth", tensors); }), HasSubstr("no/x.pth"));
  EXPECT_THAT(messageOf([&] { writeTorchFile("/dev/full", tensors); }), HasSubstr("/dev/full"));
  EXPECT_THAT(messageOf([&] {
                writeTorchFile(dir / "y.pth", {{"a", turned}, {"a", turned}});
              }),
              HasSubstr("another one"));
}

// One float32 tensor of `elements`, and a pickle that says `shape`, `strides` and `offset` of it.
std::string archive(const std::string& offset,
                    const std::string& shape,
                    const std::string& strides,
                    std::vector<ZipPiece> more = {}) {
  const std::string pickle = "\x80\x02}X\1" + std::string(3, '\0') +
                             "a"
                             "ctorch._utils\n_rebuild_tensor_v2\n((X\7" +
                             std::string(3, '\0') + "storagectorch\nFloatStorage\nX\1" +
                             std::string(3, '\0') + "0X\3" + std::string(3, '\0') + "cpuK\4tQ" +
                             offset + shape + strides + "\x89}tRs.";
  std::vector<ZipPiece> pieces = {{.name = "x/data.pkl", .content = pickle}};
  if (more.empty()) {
    pieces.push_back({.name = "x/data/0", .content = std::string(16, '\0')});
  }
  pieces.insert(pieces.end(), more.begin(), more.end());
  return zipOf(pieces);
}

TEST(TorchFile, BelievesNoShapeAndNoOffset) {
  const TempDir dir;
  const auto reading = [&](const std::string& bytes) {
    writeQuickly(dir / "x.pth", bytes);
    return readingOf(dir / "x.pth");
  };
  using namespace std::string_literals;
  EXPECT_EQ(reading(archive("K\0"s, "K\4\x85"s, "K\1\x85"s)), "");
  EXPECT_EQ(reading(archive("K\1"s, "K\3\x85"s, "K\1\x85"s)), "");
  const std::string huge = "\x8a\5\0\0\0\0\1"s;  // 2^32
  EXPECT_THAT(reading(archive("K\1"s, "K\4\x85"s, "K\1\x85"s)),
              HasSubstr("larger than its values"));
  EXPECT_THAT(reading(archive("K\0"s, "K\5\x85"s, "K\0\x85"s)),
              HasSubstr("larger than its values"));
  EXPECT_THAT(reading(archive("K\0"s, "K\2\x85"s, huge + "\x85"s)),
              HasSubstr("larger than its values"));
  EXPECT_THAT(reading(archive("K\0"s, "(" + huge + huge + huge + "t", "(K\0K\0K\0t"s)),
              HasSubstr("larger than its values"));
  EXPECT_THAT(reading(archive("J\xff\xff\xff\xff"s, "K\4\x85"s, "K\1\x85"s)), HasSubstr("shape"));
  EXPECT_THAT(reading(archive("K\0"s, "K\4\x85"s, ")"s)), HasSubstr("shape"));
  EXPECT_THAT(reading(archive("K\0"s, "K\4"s, "K\1\x85"s)), HasSubstr("shape"));
  const auto with = [&](std::vector<ZipPiece> pieces) {
    return reading(archive("K\0"s, "K\4\x85"s, "K\1\x85"s, std::move(pieces)));
  };
  EXPECT_THAT(with({{.name = "x/data/1", .content = "?"}}), HasSubstr("no values in the file"));
  EXPECT_THAT(with({{.name = "x/data/0", .content = std::string(15, '\0')}}),
              HasSubstr("another size"));
  EXPECT_EQ(with({{.name = "x/data/0", .content = std::string(16, '\0'), .isDeflated = true}}), "");
  EXPECT_THAT(with({{.name = "x/data/0", .content = "", .isDeflated = true, .size = 16}}),
              HasSubstr("cut short"));
  EXPECT_THAT(with({{.name = "x/data/0", .content = "", .isDeflated = true, .size = 1ull << 31}}),
              HasSubstr("another size"));
  EXPECT_THAT(with({{.name = "x/data/0", .content = std::string(16, '\0'), .begin = 1u << 30}}),
              HasSubstr("outside the file"));
  EXPECT_THAT(with({{.name = "x/data/0", .content = std::string(16, '\0')},
                    {.name = "x/byteorder", .content = "big"}}),
              HasSubstr("order of bytes"));
  EXPECT_THAT(with({{.name = "y/data.pkl", .content = "."}}), HasSubstr("more than one"));
}

TEST(TorchFile, BoundsWhatAPickleMayBuild) {
  const TempDir dir;
  const auto reading = [&](const std::string& pickle) {
    writeQuickly(dir / "x.pth", zipOf({{.name = "x/data.pkl", .content = pickle}}));
    return readingOf(dir / "x.pth");
  };
  using namespace std::string_literals;
  // Every list holds the one before it twice: 2^64 places in some hundred bytes.
  std::string doubled = "]q\0"s;
  for (char i = 0; i < 64; ++i) {
    doubled += "](h"s + i + "h"s + i + "eq"s + static_cast<char>(i + 1);
  }
  EXPECT_THAT(reading(doubled + "."), HasSubstr("nested too deeply"));
  EXPECT_THAT(reading("]q\0h\0a."s), HasSubstr("nested too deeply")) << "a list in itself";
  EXPECT_THAT(reading(std::string(3'000'000, 'N') + "."), HasSubstr("too large"));
  EXPECT_THAT(reading(std::string(3'000'000, '(') + "."), HasSubstr("too large"));
  // One dictionary of many pairs, asked for again and again.
  std::string copied = "]q\0("s;
  for (int i = 0; i < 1000; ++i) {
    copied += "NN\x86";
  }
  copied += "e0"s;
  for (int i = 0; i < 20'000; ++i) {
    copied += "ccollections\nOrderedDict\nh\0\x85R0"s;
  }
  EXPECT_THAT(reading(copied + "."), HasSubstr("too large"));
  for (const std::string& bad : {""s,
                                 "."s,
                                 "0."s,
                                 "(0."s,
                                 "e."s,
                                 "X\xff\xff\xff\xff"s,
                                 "h\5."s,
                                 "\x93."s,
                                 "R."s,
                                 "NQ."s,
                                 "NR."s,
                                 "Nb."s,
                                 "}(Nu."s,
                                 "cnone"s,
                                 "\x80\x09."s}) {
    EXPECT_NE(reading(bad), "") << bad;
  }
  EXPECT_THAT(reading("N."), "") << "sound, and without tensors";
}

// Keyed random damage to sound files: every one is read or refused with a sentence, and no reading
// takes more memory than the file can account for.
TEST(TorchFile, SurvivesDamageOfAnyKind) {
  const TempDir dir;
  int refused = 0;
  int read = 0;
  for (const char* name : {"python.pth", "protocol4.pth"}) {
    const std::string whole = readFileText(kPythonsFiles / name, 100'000);
    for (std::uint64_t round = 0; round < 1500; ++round) {
      Rng rng = Rng::keyed(18, {round});
      std::string bytes = whole;
      const std::uint64_t changes = 1 + rng.below(4);
      for (std::uint64_t change = 0; change < changes; ++change) {
        // Half of them where the pickle lies, the others anywhere.
        const std::uint64_t place = rng.below(rng.chance(0.5) ? 2300 : bytes.size());
        switch (rng.below(4)) {
          case 0:
            bytes[place] = static_cast<char>(rng.next());
            break;
          case 1:
            bytes[place] = static_cast<char>(bytes[place] ^ (1 << rng.below(8)));
            break;
          case 2:
            bytes.replace(
                place, std::min<std::size_t>(8, bytes.size() - place), "\xff\xff\xff\x7f");
            break;
          default:
            bytes.replace(place, 16, whole.substr(rng.below(whole.size() - 16), 16));
        }
      }
      writeQuickly(dir / "x.pth", bytes);
      try {
        const auto file = openTorchFile(dir / "x.pth");
        for (std::size_t i = 0; i < file->entries().size(); ++i) {
          try {
            EXPECT_LE(file->read(i).nbytes(), bytes.size()) << name << " " << round;
            ++read;
          } catch (const Exception&) {
            ++refused;
          }
        }
      } catch (const Exception&) {
        ++refused;
      }
    }
    for (std::size_t length = 0; length < whole.size(); length += 31) {
      writeQuickly(dir / "x.pth", std::string_view(whole).substr(0, length));
      EXPECT_NE(readingOf(dir / "x.pth"), "") << length;
    }
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 1000) << "damage that is always seen at once tests little";
}

// The same with damage inside the pickle that the checksum of the archive does not give away.
TEST(TorchFile, SurvivesPicklesOfAnyKind) {
  const TempDir dir;
  const std::string whole = archive("K\1", "K\3\x85", "K\1\x85");
  const std::size_t begin = whole.find("\x80\x02");
  const std::string pickle = whole.substr(begin, whole.find("s.", begin) + 2 - begin);
  int read = 0;
  for (std::uint64_t round = 0; round < 5000; ++round) {
    Rng rng = Rng::keyed(19, {round});
    std::string bytes = pickle;
    const std::uint64_t changes = 1 + rng.below(3);
    for (std::uint64_t change = 0; change < changes; ++change) {
      const std::size_t place = rng.below(bytes.size());
      if (rng.chance(0.3)) {
        bytes.erase(place, 1 + rng.below(3));
      } else if (rng.chance(0.5)) {
        bytes.insert(place, 1, "()}]tseul.0122qhRQbNK\x85\x86\x87\x88\x8a"[rng.below(25)]);
      } else {
        bytes[place] = static_cast<char>(rng.next());
      }
      if (bytes.empty()) {
        bytes = pickle;
      }
    }
    writeQuickly(dir / "x.pth",
                 zipOf({{.name = "x/data.pkl", .content = bytes},
                        {.name = "x/data/0", .content = std::string(16, '\1')}}));
    try {
      const auto file = openTorchFile(dir / "x.pth");
      for (std::size_t i = 0; i < file->entries().size(); ++i) {
        EXPECT_LE(file->read(i).nbytes(), 16u) << round;
        ++read;
      }
    } catch (const Exception& error) {
      EXPECT_THAT(error.info().message, HasSubstr("x.pth"));
    }
  }
  EXPECT_GT(read, 10);
}

}  // namespace
}  // namespace barlow
