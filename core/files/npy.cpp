#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/npy_header.h"
#include "core/files/tensor_bytes.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>

namespace barlow {
namespace {

constexpr std::size_t kMaxHeaderBytes = 10'000;  // NumPy's own limit
constexpr std::size_t kMaxRank = 8;
constexpr std::string_view kMagic = "\x93NUMPY";

struct TypeName {
  torch::ScalarType type;
  std::string_view name;
};
constexpr std::array<TypeName, 4> kTypes = {{{torch::kFloat32, "<f4"},
                                             {torch::kFloat64, "<f8"},
                                             {torch::kInt64, "<i8"},
                                             {torch::kUInt8, "|u1"}}};

// Parses the header's Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
// and nothing else.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  bool parse() {
    if (!take("{")) {
      return false;
    }
    while (!take("}")) {
      const auto key = quoted();
      if (!key || !take(":")) {
        return false;
      }
      const bool isRead = *key == "descr"           ? readDescr()
                          : *key == "fortran_order" ? readOrder()
                          : *key == "shape"         ? readShape()
                                                    : false;
      if (!isRead || (!take(",") && !text_.starts_with("}"))) {
        return false;
      }
      skipSpace();
    }
    skipSpace();
    return text_.empty() && seen_ == 7;
  }

  std::string descr;
  bool isFortran = false;
  std::vector<std::int64_t> shape;

 private:
  void skipSpace() { text_.remove_prefix(std::min(text_.find_first_not_of(" \n"), text_.size())); }
  bool take(std::string_view token) {
    skipSpace();
    if (!text_.starts_with(token)) {
      return false;
    }
    text_.remove_prefix(token.size());
    skipSpace();
    return true;
  }
  std::optional<std::string> quoted() {
    if (!take("'")) {
      return std::nullopt;
    }
    const std::size_t end = text_.find('\'');
    if (end == std::string_view::npos) {
      return std::nullopt;
    }
    std::string value(text_.substr(0, end));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool readDescr() {
    const auto value = quoted();
    descr = value.value_or("");
    return mark(1, value.has_value());
  }
  bool readOrder() {
    isFortran = text_.starts_with("True");
    return mark(2, take("True") || take("False"));
  }
  bool readShape() {
    if (!take("(")) {
      return false;
    }
    while (!take(")")) {
      std::int64_t extent = 0;
      const auto [end, code] = std::from_chars(text_.data(), text_.data() + text_.size(), extent);
      if (code != std::errc() || extent < 0) {
        return false;
      }
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      shape.push_back(extent);
      if (!take(",") && !text_.starts_with(")")) {
        return false;
      }
    }
    return mark(4, shape.size() <= kMaxRank);
  }
  bool mark(unsigned bit, bool isGood) {
    const bool isNew = (seen_ & bit) == 0;
    seen_ |= bit;
    return isGood && isNew;
  }

  std::string_view text_;
  unsigned seen_ = 0;
};

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Exception(fmt::format("{} cannot be read as .npy: {}.", path.string(), reason));
}

// The header's text; the file then stands at the first byte of the data.
std::string readHeader(const std::filesystem::path& path, InputFile& file) {
  if (file.size() < 10) {
    refuse(path, "it is too short");
  }
  std::array<unsigned char, 8> start{};  // magic, major and minor version
  file.read(std::as_writable_bytes(std::span(start)));
  if (!std::equal(kMagic.begin(), kMagic.end(), start.begin(), [](char a, unsigned char b) {
        return static_cast<unsigned char>(a) == b;
      })) {
    refuse(path, "it does not begin as such a file does");
  }
  const int version = start[6];
  if (version < 1 || version > 3) {
    refuse(path, fmt::format("its version {} is not known here", version));
  }
  std::array<unsigned char, 4> lengthBytes{};  // two bytes in version 1
  const std::size_t lengthSize = version == 1 ? 2 : 4;
  if (file.size() < start.size() + lengthSize) {
    refuse(path, "it is too short");
  }
  file.read(std::as_writable_bytes(std::span(lengthBytes)).first(lengthSize));
  std::uint64_t length = 0;
  for (std::size_t i = lengthBytes.size(); i-- > 0;) {
    length = length << 8 | lengthBytes[i];
  }
  if (length > kMaxHeaderBytes || length > file.size() - start.size() - lengthSize) {
    refuse(path, "its header is longer than it can be");
  }
  std::string text(length, '\0');
  file.read(std::as_writable_bytes(std::span(text)));
  return text;
}

torch::ScalarType typeOf(const std::filesystem::path& path, const std::string& descr) {
  const auto known = std::find_if(
      kTypes.begin(), kTypes.end(), [&](const TypeName& item) { return item.name == descr; });
  if (known != kTypes.end()) {
    return known->type;
  }
  if (descr.find('O') != std::string::npos) {
    refuse(path,
           "it holds Python objects (a pickle), which are never opened here; save a plain array of "
           "numbers");
  }
  refuse(path,
         fmt::format("it holds '{}'; float32, float64, int64 and uint8 (little-endian) can be read",
                     descr.substr(0, 20)));
}

}  // namespace

void writeNpy(const std::filesystem::path& path, const torch::Tensor& tensor) {
  const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& item) {
    return item.type == tensor.scalar_type();
  });
  if (known == kTypes.end()) {
    throw Exception(
        fmt::format("{} cannot be written: .npy files here hold float32, float64, int64 or uint8.",
                    path.string()));
  }
  const std::string start = npyHeader(known->name, tensor.sizes().vec());
  const torch::Tensor packed = tensor.detach().to(torch::kCPU).contiguous();
  const std::array<std::span<const std::byte>, 2> pieces = {
      std::as_bytes(std::span(start)),
      std::span(static_cast<const std::byte*>(packed.const_data_ptr()), packed.nbytes())};
  writeFileAtomically(path, pieces);
}

torch::Tensor readNpy(const std::filesystem::path& path) {
  InputFile file(path);
  const std::string text = readHeader(path, file);
  HeaderParser header(text);
  if (!header.parse()) {
    refuse(path, "its header is damaged or describes records");
  }
  const torch::ScalarType type = typeOf(path, header.descr);
  if (header.isFortran && header.shape.size() > 1) {
    refuse(path, "it is in Fortran order; save it with numpy.ascontiguousarray");
  }
  const auto bytes = tensorBytes(header.shape, torch::elementSize(type));
  if (!bytes) {
    refuse(path, "its shape is too large");
  }
  if (*bytes != file.remaining()) {
    refuse(path, "its length is not what its header says");
  }
  requireMemory(path, *bytes);
  torch::Tensor tensor = torch::empty(header.shape, type);
  if (*bytes > 0) {
    file.read(std::span(static_cast<std::byte*>(tensor.mutable_data_ptr()), *bytes));
  }
  return tensor;
}

}  // namespace barlow
