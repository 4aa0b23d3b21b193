#include "core/base/error.h"
#include "core/files/array_file.h"
#include "core/files/member_bytes.h"
#include "core/files/npy_header.h"
#include "core/files/npy_values.h"
#include "core/files/zip_directory.h"

#include <fmt/format.h>

#include <string_view>

namespace barlow {
namespace {

constexpr std::string_view kEnding = ".npy";

class NpzFile final : public ArrayFile {
 public:
  explicit NpzFile(const std::filesystem::path& path) : path_(path), file_(path) {
    for (const ZipMember& member : readZipDirectory(path_, file_)) {
      if (member.name.ends_with(kEnding)) {
        members_.push_back(member);
        entries_.push_back(entryOf(member));
      }
    }
    if (members_.empty()) {
      throw Exception(path_.string() + " holds no arrays of NumPy; save them with numpy.savez.");
    }
  }

  torch::Tensor read(std::size_t index) override {
    const ZipMember& member = members_.at(index);
    MemberBytes source(path_, file_, member);
    const NpyHeader header = readNpyHeader(nameOf(member), source);
    return readNpyValues(nameOf(member), header, source);
  }

 private:
  static std::string shortName(const ZipMember& member) {
    return member.name.substr(0, member.name.size() - kEnding.size());
  }
  std::string nameOf(const ZipMember& member) const {
    return fmt::format("{}:{}", path_.string(), shortName(member));
  }

  // Unpacks no more than the header of the array.
  ArrayEntry entryOf(const ZipMember& member) {
    ArrayEntry entry{.name = shortName(member), .shape = {}, .problem = {}};
    try {
      MemberBytes source(path_, file_, member);
      const NpyHeader header = readNpyHeader(nameOf(member), source);
      entry.shape = header.shape;
      entry.isReal = c10::isFloatingType(npyType(nameOf(member), header));
    } catch (const Exception& error) {
      entry.problem = error.info().message;
    }
    return entry;
  }

  std::filesystem::path path_;
  InputFile file_;
  std::vector<ZipMember> members_;  // as entries_
};

}  // namespace

std::unique_ptr<ArrayFile> openNpz(const std::filesystem::path& path) {
  return std::make_unique<NpzFile>(path);
}

}  // namespace barlow
