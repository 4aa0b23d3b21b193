#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/array_file.h"
#include "core/files/npy_header.h"
#include "core/files/npy_values.h"
#include "core/files/tensor_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace barlow {
namespace {

struct TypeName {
  torch::ScalarType type;
  std::string_view name;
};
constexpr std::array<TypeName, 4> kWritten = {{{torch::kFloat32, "<f4"},
                                               {torch::kFloat64, "<f8"},
                                               {torch::kInt64, "<i8"},
                                               {torch::kUInt8, "|u1"}}};

class NpyFile final : public ArrayFile {
 public:
  explicit NpyFile(const std::filesystem::path& path)
      : path_(path.string()), source_(path), header_(readNpyHeader(path_, source_)) {
    entries_.push_back({.name = {},
                        .shape = header_.shape,
                        .isReal = c10::isFloatingType(npyType(path_, header_)),
                        .problem = {}});
  }
  torch::Tensor read(std::size_t) override { return readNpyValues(path_, header_, source_); }

 private:
  std::string path_;
  FileBytes source_;
  NpyHeader header_;
};

}  // namespace

void writeNpy(const std::filesystem::path& path, const torch::Tensor& tensor) {
  AtomicFile file(path);
  writeNpy(file, tensor);
  file.commit();
}

void writeNpy(AtomicFile& file, const torch::Tensor& tensor) {
  const auto known = std::find_if(kWritten.begin(), kWritten.end(), [&](const TypeName& item) {
    return item.type == tensor.scalar_type();
  });
  if (known == kWritten.end()) {
    throw Exception(
        fmt::format("{} cannot be written: .npy files here hold float32, float64, int64 or uint8.",
                    file.path().string()));
  }
  const std::string start = npyHeader(known->name, tensor.sizes().vec());
  const torch::Tensor packed = tensor.detach().to(torch::kCPU).contiguous();
  file.write(std::as_bytes(std::span(start)));
  file.write({static_cast<const std::byte*>(packed.const_data_ptr()), packed.nbytes()});
}

torch::Tensor readNpy(const std::filesystem::path& path) { return openNpy(path)->read(0); }

std::unique_ptr<ArrayFile> openNpy(const std::filesystem::path& path) {
  return std::make_unique<NpyFile>(path);
}

}  // namespace barlow
