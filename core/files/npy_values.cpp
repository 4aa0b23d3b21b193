#include "core/files/npy_values.h"

#include "core/files/tensor_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

namespace barlow {
namespace {

struct TypeName {
  torch::ScalarType type;
  std::string_view name;  // behind the order of the bytes
};
constexpr std::array<TypeName, 12> kTypes = {{{torch::kFloat16, "f2"},
                                              {torch::kFloat32, "f4"},
                                              {torch::kFloat64, "f8"},
                                              {torch::kInt8, "i1"},
                                              {torch::kInt16, "i2"},
                                              {torch::kInt32, "i4"},
                                              {torch::kInt64, "i8"},
                                              {torch::kUInt8, "u1"},
                                              {torch::kUInt16, "u2"},
                                              {torch::kUInt32, "u4"},
                                              {torch::kUInt64, "u8"},
                                              {torch::kBool, "b1"}}};

void swapBytes(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t begin = 0; begin + size <= bytes.size(); begin += size) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                 bytes.begin() + static_cast<std::ptrdiff_t>(begin + size));
  }
}

}  // namespace

torch::ScalarType npyType(const std::string& file, const NpyHeader& header) {
  const std::string_view name = header.type;
  // NumPy calls the type of ml_dtypes so; two bytes of anything else are "|V2".
  if (name == "<V2" || name == ">V2" || name == "bfloat16") {
    return torch::kBFloat16;
  }
  const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& item) {
    return name.size() == 3 && name.substr(1) == item.name;
  });
  const bool hasOrder = !name.empty() && (name[0] == '<' || name[0] == '>' || name[0] == '=' ||
                                          (name[0] == '|' && name.back() == '1'));
  if (known != kTypes.end() && hasOrder) {
    return known->type;
  }
  if (name.find('O') != std::string_view::npos) {
    refuseNpy(file,
              "it holds Python objects (a pickle), which are never opened here; save a plain array "
              "of numbers");
  }
  refuseNpy(file,
            fmt::format("it holds '{}'; float16, float32, float64, bfloat16 and whole numbers can "
                        "be read, so save it with .astype('float32')",
                        name.substr(0, 20)));
}

torch::Tensor readNpyValues(const std::string& file, const NpyHeader& header, ByteSource& source) {
  const torch::ScalarType type = npyType(file, header);
  const std::size_t size = torch::elementSize(type);
  const auto bytes = tensorBytes(header.shape, size);
  if (!bytes) {
    refuseNpy(file, "its shape is too large");
  }
  if (*bytes != source.remaining()) {
    refuseNpy(file, "its length is not what its header says");
  }
  const bool isTurned = header.isFortran && header.shape.size() > 1;
  requireMemory(file, isTurned ? 2 * *bytes : *bytes);
  std::vector<std::int64_t> shape = header.shape;
  if (isTurned) {
    std::reverse(shape.begin(), shape.end());
  }
  torch::Tensor tensor = torch::empty(shape, type);
  if (*bytes > 0) {
    const std::span values(static_cast<std::byte*>(tensor.mutable_data_ptr()), *bytes);
    source.read(values);
    if (header.type.starts_with('>') && size > 1) {
      swapBytes(values, size);
    }
    // Any other value of a bool is undefined behaviour later on.
    if (type == torch::kBool && !std::all_of(values.begin(), values.end(), [](std::byte value) {
          return value <= std::byte{1};
        })) {
      refuseNpy(file, "it has truth values other than 0 and 1");
    }
  }
  if (!isTurned) {
    return tensor;
  }
  std::vector<std::int64_t> axes(shape.size());
  std::iota(axes.rbegin(), axes.rend(), 0);
  return tensor.permute(axes).contiguous();
}

}  // namespace barlow
