#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/array_file.h"
#include "core/files/tensor_bytes.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <tuple>

namespace barlow {
namespace {

constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kMaxTensors = 100'000;
constexpr std::size_t kMaxRank = 16;
constexpr int kMaxDepth = 2;  // of the brackets inside the outermost
constexpr const char* kMetadata = "__metadata__";

struct TypeName {
  torch::ScalarType type;
  const char* name;
};
constexpr std::array<TypeName, 15> kTypes = {{{torch::kFloat32, "F32"},
                                              {torch::kFloat64, "F64"},
                                              {torch::kFloat16, "F16"},
                                              {torch::kBFloat16, "BF16"},
                                              {torch::kInt64, "I64"},
                                              {torch::kInt32, "I32"},
                                              {torch::kInt16, "I16"},
                                              {torch::kInt8, "I8"},
                                              {torch::kUInt8, "U8"},
                                              {torch::kBool, "BOOL"},
                                              {torch::kUInt16, "U16"},
                                              {torch::kUInt32, "U32"},
                                              {torch::kUInt64, "U64"},
                                              {torch::kFloat8_e4m3fn, "F8_E4M3"},
                                              {torch::kFloat8_e5m2, "F8_E5M2"}}};

struct Entry {
  std::string name;
  std::string typeName;
  std::optional<torch::ScalarType> type;  // nothing where it is not known here
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

class SafetensorsFile final : public ArrayFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path) : path_(path), file_(path) {
    tensors_ = readEntries();
    for (const Entry& entry : tensors_) {
      entries_.push_back({.name = entry.name,
                          .shape = entry.shape,
                          .isReal = entry.type && c10::isFloatingType(*entry.type),
                          .problem = entry.type ? std::string() : unknownType(entry)});
    }
  }

  torch::Tensor read(std::size_t index) override {
    const Entry& entry = tensors_.at(index);
    if (!entry.type) {
      throw Exception(unknownType(entry));
    }
    requireMemory(path_, entry.end - entry.begin);
    return readTensor(entry);
  }

  NamedTensors readAll() {
    for (const ArrayEntry& entry : entries_) {
      if (!entry.problem.empty()) {
        throw Exception(entry.problem);
      }
    }
    requireMemory(path_, dataBytes_);
    NamedTensors tensors;
    for (const Entry& entry : tensors_) {
      tensors.emplace_back(entry.name, readTensor(entry));
    }
    return tensors;
  }

 private:
  std::string unknownType(const Entry& entry) const {
    return fmt::format("{}: tensor '{}' has the type {}, which is not known here.",
                       path_.string(),
                       entry.name.substr(0, 100),
                       entry.typeName.substr(0, 20));
  }

  void require(bool condition, const std::string& reason, const std::string& detail = {}) const {
    if (!condition) {
      throw Exception(fmt::format("{} is no sound safetensors file: {}.", path_.string(), reason),
                      detail);
    }
  }

  // Everything that the header says, checked before memory is taken for any tensor. In the order of
  // the data.
  std::vector<Entry> readEntries() {
    const nlohmann::json header = parseHeader(readHeader());
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name == kMetadata) {
        requireMetadata(value);
        metadata_ = value.get<std::map<std::string, std::string>>();
      } else {
        entries.push_back(entryOf(name, value));
      }
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::uint64_t expected = 0;
    for (const Entry& entry : entries) {
      require(entry.begin == expected, "its tensors overlap or leave holes");
      expected = entry.end;
    }
    require(expected == dataBytes_, "its length is not what its header says");
    return entries;
  }

  std::string readHeader() {
    require(file_.size() >= 10, "it is too short");
    std::array<std::byte, 8> prefix{};
    file_.read(prefix);
    std::uint64_t length = 0;
    for (std::size_t i = prefix.size(); i-- > 0;) {
      length = length << 8 | std::to_integer<std::uint64_t>(prefix[i]);
    }
    require(length <= kMaxHeaderBytes, "its header is longer than the format allows");
    require(length <= file_.size() - prefix.size(), "its header is longer than the file");
    dataBytes_ = file_.size() - prefix.size() - length;
    dataBegin_ = prefix.size() + length;
    std::string text(length, '\0');
    file_.read(std::as_writable_bytes(std::span(text)));
    require(text.starts_with('{'), "its header does not begin with '{'");
    return text;
  }

  // The parser keeps the last of two equal names and any amount of nesting, so both are watched
  // while it works.
  nlohmann::json parseHeader(const std::string& text) const {
    using Event = nlohmann::json::parse_event_t;
    std::vector<std::set<std::string>> names;  // of the objects that are open
    std::size_t values = 0;
    const auto watch = [&](int depth, Event event, nlohmann::json& parsed) {
      if (event == Event::object_start) {
        names.emplace_back();
      } else if (event == Event::object_end) {
        names.pop_back();
      } else if (event == Event::key) {
        require(names.back().insert(parsed.get<std::string>()).second,
                "a name stands twice in its header");
        require(names.back().size() <= kMaxTensors, "it has too many tensors");
      } else if (event == Event::value) {
        require(++values <= kMaxTensors * (kMaxRank + 3), "its header has too many numbers");
      }
      const bool isOpening = event == Event::object_start || event == Event::array_start;
      require(!isOpening || depth <= kMaxDepth, "its header is nested too deeply");
      return true;
    };
    try {
      return parseJsonWatched(text, watch);
    } catch (const nlohmann::json::exception& error) {
      require(false, "its header is no JSON", error.what());
    }
    return {};
  }

  void requireMetadata(const nlohmann::json& value) const {
    require(value.is_object() &&
                std::all_of(
                    value.begin(), value.end(), [](const auto& item) { return item.is_string(); }),
            "its metadata is not made of texts");
  }

  Entry entryOf(const std::string& name, const nlohmann::json& value) const {
    const auto bad = [&](const char* what) {
      return fmt::format("tensor '{}' has {}", name.substr(0, 100), what);
    };
    require(value.is_object() && value.size() == 3 && value.contains("dtype") &&
                value.contains("shape") && value.contains("data_offsets"),
            bad("not exactly dtype, shape and data_offsets"));
    Entry entry;
    entry.name = name;
    require(value["dtype"].is_string(), bad("no proper type"));
    entry.typeName = value["dtype"].get<std::string>();
    const auto type = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& known) {
      return entry.typeName == known.name;
    });
    if (type != kTypes.end()) {
      entry.type = type->type;
    }
    require(value["shape"].is_array() && value["shape"].size() <= kMaxRank, bad("no proper shape"));
    for (const auto& extent : value["shape"]) {
      require(extent.is_number_unsigned(), bad("no proper shape"));
      const auto size = extent.get<std::uint64_t>();
      require(size < (1ull << 62), bad("a shape that is too large"));
      entry.shape.push_back(static_cast<std::int64_t>(size));
    }
    const auto bytes = tensorBytes(entry.shape, entry.type ? torch::elementSize(*entry.type) : 1);
    require(bytes.has_value(), bad("a shape that is too large"));
    const auto& offsets = value["data_offsets"];
    require(offsets.is_array() && offsets.size() == 2 && offsets[0].is_number_unsigned() &&
                offsets[1].is_number_unsigned(),
            bad("no proper offsets"));
    entry.begin = offsets[0];
    entry.end = offsets[1];
    require(entry.begin <= entry.end && entry.end <= dataBytes_, bad("offsets outside the file"));
    // The format goes on growing: a type that is not known has a size that is not known.
    require(!entry.type || entry.end - entry.begin == *bytes,
            bad("another size than its shape says"));
    return entry;
  }

  torch::Tensor readTensor(const Entry& entry) {
    torch::Tensor tensor = torch::empty(entry.shape, *entry.type);
    if (entry.end > entry.begin) {
      file_.seek(dataBegin_ + entry.begin);
      const std::span bytes(static_cast<std::byte*>(tensor.mutable_data_ptr()),
                            entry.end - entry.begin);
      file_.read(bytes);
      // Any other value of a bool is undefined behaviour later on.
      require(*entry.type != torch::kBool ||
                  std::all_of(bytes.begin(),
                              bytes.end(),
                              [](std::byte value) { return value <= std::byte{1}; }),
              fmt::format("tensor '{}' has truth values other than 0 and 1",
                          entry.name.substr(0, 100)));
    }
    return tensor;
  }

  std::filesystem::path path_;
  InputFile file_;
  std::uint64_t dataBegin_ = 0;
  std::uint64_t dataBytes_ = 0;
  std::vector<Entry> tensors_;  // as entries_
};

const char* nameOf(torch::ScalarType type) {
  const auto known = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const TypeName& item) { return item.type == type; });
  return known == kTypes.end() ? nullptr : known->name;
}

}  // namespace

void writeSafetensors(const std::filesystem::path& path,
                      const NamedTensors& tensors,
                      const Notes& notes) {
  const auto refuse = [&](const std::string& name, const char* reason) {
    throw Exception(
        fmt::format("{} cannot be written: the tensor '{}' {}.", path.string(), name, reason));
  };
  nlohmann::ordered_json header;
  header[kMetadata]["format"] = "pt";
  for (const auto& [name, text] : notes) {
    header[kMetadata][name] = text;
  }
  std::set<std::string> names = {kMetadata};
  std::vector<torch::Tensor> packed;  // keeps the bytes alive until they are written
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const char* type = nameOf(tensor.scalar_type());
    if (type == nullptr) {
      refuse(name, "has a type that such files cannot hold");
    }
    if (!names.insert(name).second) {
      refuse(name, "has the name of another one");
    }
    packed.push_back(tensor.detach().to(torch::kCPU).contiguous());
    header[name] = {{"dtype", type},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + packed.back().nbytes()}}};
    offset += packed.back().nbytes();
  }
  std::string text = jsonText(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins aligned
  std::array<std::byte, 8> prefix{};
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    prefix[i] = static_cast<std::byte>(text.size() >> (8 * i) & 0xff);
  }
  std::vector<std::span<const std::byte>> pieces = {prefix, std::as_bytes(std::span(text))};
  for (const torch::Tensor& tensor : packed) {
    pieces.emplace_back(static_cast<const std::byte*>(tensor.const_data_ptr()), tensor.nbytes());
  }
  writeFileAtomically(path, pieces);
}

NamedTensors readSafetensors(const std::filesystem::path& path) {
  return SafetensorsFile(path).readAll();
}

std::unique_ptr<ArrayFile> openSafetensors(const std::filesystem::path& path) {
  return std::make_unique<SafetensorsFile>(path);
}

}  // namespace barlow
