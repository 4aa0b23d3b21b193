#include "core/files/array_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/torch_file.h"
#include "core/files/zip_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace barlow {
namespace {

// Archives of NumPy and of PyTorch differ by what is in them.
std::unique_ptr<ArrayFile> openArchive(const std::filesystem::path& path) {
  bool isTorch = false;
  {
    InputFile file(path);
    for (const ZipMember& member : readZipDirectory(path, file)) {
      isTorch = isTorch || member.name.ends_with("data.pkl");
    }
  }
  return isTorch ? openTorchFile(path) : openNpz(path);
}

}  // namespace

std::unique_ptr<ArrayFile> openArrayFile(const std::filesystem::path& path) {
  std::array<char, 9> start{};
  {
    InputFile file(path);
    file.read(std::as_writable_bytes(std::span(start))
                  .first(static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), 9))));
  }
  const std::string_view bytes(start.data(), start.size());
  const auto ending = path.extension();
  if (bytes.starts_with("\x93NUMPY") || ending == ".npy") {
    return openNpy(path);
  }
  if (bytes.starts_with("PK") || ending == ".npz") {
    return openArchive(path);
  }
  if (bytes.starts_with("\x80\x02") || ending == ".pth" || ending == ".pt") {
    return openTorchFile(path);  // which says what is wrong with it
  }
  if (bytes[8] == '{' || ending == ".safetensors") {  // behind the header's length
    return openSafetensors(path);
  }
  throw Exception(
      fmt::format("{} is none of .npy, .npz, .safetensors and .pth; save arrays with numpy.save, "
                  "and weights with "
                  "torch.save(model.state_dict(), FILE).",
                  path.string()));
}

}  // namespace barlow
