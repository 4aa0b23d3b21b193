#include "core/files/array_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace barlow {

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
    return openNpz(path);
  }
  if (bytes[8] == '{' || ending == ".safetensors") {  // behind the header's length
    return openSafetensors(path);
  }
  throw Exception(fmt::format(
      "{} is none of .npy, .npz and .safetensors; save the array with numpy.save.", path.string()));
}

}  // namespace barlow
