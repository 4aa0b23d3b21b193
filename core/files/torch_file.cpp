#include "core/files/torch_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/member_bytes.h"
#include "core/files/pickle.h"
#include "core/files/tensor_bytes.h"
#include "core/files/zip_directory.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>

namespace barlow {
namespace {

namespace fs = std::filesystem;
using Kind = PickleTree::Kind;
using Index = PickleTree::Index;

constexpr std::uint64_t kMaxPickleBytes = 64u << 20;
constexpr std::uint64_t kMaxNoteBytes = 1u << 20;
constexpr std::size_t kMaxTensors = 100'000;
constexpr std::size_t kMaxVisits = 4'000'000;  // a pickle may show the same list many times
constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxRank = 16;
constexpr std::size_t kMaxNameBytes = 1000;

struct StorageType {
  std::string_view name;
  torch::ScalarType type;
};
constexpr std::array<StorageType, 10> kStorageTypes = {{{"torch.FloatStorage", torch::kFloat32},
                                                        {"torch.DoubleStorage", torch::kFloat64},
                                                        {"torch.HalfStorage", torch::kFloat16},
                                                        {"torch.BFloat16Storage", torch::kBFloat16},
                                                        {"torch.LongStorage", torch::kInt64},
                                                        {"torch.IntStorage", torch::kInt32},
                                                        {"torch.ShortStorage", torch::kInt16},
                                                        {"torch.CharStorage", torch::kInt8},
                                                        {"torch.ByteStorage", torch::kUInt8},
                                                        {"torch.BoolStorage", torch::kBool}}};

// A tensor as the pickle describes it.
struct Description {
  std::string key;  // of its storage: the member data/KEY
  std::optional<torch::ScalarType> type;
  std::int64_t elements = 0;  // of its storage
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  const ZipMember* member = nullptr;
};

std::int64_t countOf(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    count *= extent;
  }
  return count;
}

class TorchFile final : public ArrayFile {
 public:
  explicit TorchFile(const fs::path& path) : path_(path), file_(path) {
    requireArchive();
    directory_ = readZipDirectory(path_, file_);
    findMembers();
    const PickleTree tree(path_.string(), textOf(*pickle_, kMaxPickleBytes));
    visit(tree, tree.root(), "", 0);
  }

  torch::Tensor read(std::size_t index) override {
    const ArrayEntry& entry = entries_.at(index);
    if (!entry.problem.empty()) {
      throw Exception(entry.problem);
    }
    const Description& tensor = tensors_.at(index);
    const std::uint64_t size = torch::elementSize(*tensor.type);
    requireMemory(path_,
                  tensor.member->bytes + static_cast<std::uint64_t>(countOf(tensor.shape)) * size);
    if (tensor.key != storageKey_ || !storage_.defined()) {
      storage_ = readStorage(tensor, entry.name);
      storageKey_ = tensor.key;
    }
    torch::Tensor values = storage_.as_strided(tensor.shape, tensor.strides, tensor.offset);
    if (values.is_contiguous() && values.numel() == storage_.numel()) {
      storage_.reset();  // all of it: given away instead of copied
      return values;
    }
    return values.clone(torch::MemoryFormat::Contiguous);
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Exception(fmt::format("{} is no sound file of PyTorch: {}.", path_.string(), reason));
  }

  // Before version 1.6 torch.save() wrote pickles one after the other, and none of them is opened.
  void requireArchive() {
    std::array<char, 4> start{};
    file_.read(std::as_writable_bytes(std::span(start))
                   .first(static_cast<std::size_t>(std::min<std::uint64_t>(file_.size(), 4))));
    const std::string_view bytes(start.data(), start.size());
    if (bytes.starts_with("\x80")) {
      throw Exception(fmt::format(
          "{0} is in the format of PyTorch before 1.6, which is not read here; save it again in "
          "Python: torch.save(torch.load('{0}', weights_only=True, map_location='cpu'), '{0}').",
          path_.string()));
    }
    if (!bytes.starts_with("PK")) {
      throw Exception(fmt::format(
          "{} is no file of PyTorch; weights are .pth files of torch.save() or safetensors.",
          path_.string()));
    }
  }

  // All names begin with that of the archive, whatever it was called when it was saved.
  void findMembers() {
    constexpr std::string_view kPickle = "data.pkl";
    for (const ZipMember& member : directory_) {
      const std::string& name = member.name;
      if (name == kPickle || name.ends_with("/data.pkl")) {
        if (pickle_ != nullptr) {
          refuse("it holds more than one data.pkl");
        }
        pickle_ = &member;
      }
    }
    if (pickle_ == nullptr) {
      throw Exception(fmt::format(
          "{} is an archive without weights of PyTorch (no data.pkl); they are .pth files of "
          "torch.save() or safetensors.",
          path_.string()));
    }
    const std::string archive = pickle_->name.substr(0, pickle_->name.size() - kPickle.size());
    const std::string prefix = archive + "data/";
    for (const ZipMember& member : directory_) {
      if (member.name.starts_with(prefix)) {
        storages_[member.name.substr(prefix.size())] = &member;
      } else if (member.name == archive + "notes.json") {
        takeNotes(textOf(member, kMaxNoteBytes));
      } else if (member.name.ends_with("byteorder") && textOf(member, 16) != "little") {
        refuse("it was written on a machine with another order of bytes");
      }
    }
  }

  void takeNotes(const std::string& text) {
    const auto notes = parseJsonQuietly(text);
    if (notes.is_object()) {
      for (const auto& [name, value] : notes.items()) {
        if (value.is_string()) {
          metadata_[name] = value.get<std::string>();
        }
      }
    }
  }

  std::string textOf(const ZipMember& member, std::uint64_t most) {
    if (member.bytes > most) {
      refuse(fmt::format("'{}' is too large", member.name.substr(0, 100)));
    }
    MemberBytes source(path_, file_, member);
    std::string text(static_cast<std::size_t>(member.bytes), '\0');
    source.read(std::as_writable_bytes(std::span(text)));
    return text;
  }

  void visit(const PickleTree& tree, Index index, const std::string& name, std::size_t depth) {
    if (++visits_ > kMaxVisits || depth > kMaxDepth || name.size() > kMaxNameBytes) {
      refuse("its dictionaries are nested too deeply");
    }
    const PickleTree::Node& node = tree.at(index);
    const auto below = [&](const std::string& part) {
      return name.empty() ? part : fmt::format("{}.{}", name, part);
    };
    if (node.kind == Kind::Tensor) {
      addTensor(tree, node, name);
    } else if (node.kind == Kind::Dict) {
      for (std::size_t i = 0; i + 1 < node.items.size(); i += 2) {
        const PickleTree::Node& value = tree.at(node.items[i + 1]);
        if (value.kind == Kind::Tensor || !value.items.empty()) {
          visit(tree, node.items[i + 1], below(keyText(tree.at(node.items[i]))), depth + 1);
        }
      }
    } else if (node.kind == Kind::List || node.kind == Kind::Tuple) {
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        visit(tree, node.items[i], below(std::to_string(i)), depth + 1);
      }
    }
  }

  std::string keyText(const PickleTree::Node& key) const {
    if (key.kind == Kind::Integer) {
      return std::to_string(key.integer);
    }
    if (key.kind != Kind::Text || key.text.size() > kMaxNameBytes) {
      refuse("a tensor in it has no proper name");
    }
    return std::string(key.text);
  }

  // What is wrong with the pickle is an Exception, what is wrong with the tensor its problem.
  void addTensor(const PickleTree& tree, const PickleTree::Node& node, const std::string& name) {
    if (entries_.size() >= kMaxTensors) {
      refuse("it has too many tensors");
    }
    if (!names_.insert(name).second) {
      refuse(fmt::format("the tensor '{}' stands twice in it", name.substr(0, 100)));
    }
    if (node.items.size() < 4 || tree.at(node.items[0]).kind != Kind::Storage) {
      refuse(fmt::format("the tensor '{}' has no values", name.substr(0, 100)));
    }
    const PickleTree::Node& storage = tree.at(node.items[0]);
    Description tensor;
    const std::string_view typeName = tree.at(storage.items[0]).text;
    const auto type = std::find_if(kStorageTypes.begin(),
                                   kStorageTypes.end(),
                                   [&](const StorageType& item) { return item.name == typeName; });
    if (type != kStorageTypes.end()) {
      tensor.type = type->type;
    }
    tensor.key = tree.at(storage.items[1]).text;
    tensor.elements = tree.at(storage.items[3]).integer;
    tensor.offset = integerOf(tree, node.items[1], name);
    tensor.shape = integersOf(tree, node.items[2], name);
    tensor.strides = integersOf(tree, node.items[3], name);
    if (const auto found = storages_.find(tensor.key); found != storages_.end()) {
      tensor.member = found->second;
    }
    const std::string problem =
        tensor.type ? problemOf(tensor) : fmt::format("has the type {}, unknown here", typeName);
    entries_.push_back({.name = name,
                        .shape = tensor.shape,
                        .isReal = tensor.type && c10::isFloatingType(*tensor.type),
                        .problem = problem.empty() ? std::string() : sentence(name, problem)});
    tensors_.push_back(std::move(tensor));
  }

  std::string sentence(const std::string& name, const std::string& problem) const {
    return fmt::format("{}: the tensor '{}' {}.", path_.string(), name.substr(0, 100), problem);
  }

  std::int64_t integerOf(const PickleTree& tree, Index index, const std::string& name) const {
    const PickleTree::Node& node = tree.at(index);
    if (node.kind != Kind::Integer || node.integer < 0 || node.integer >= 1ll << 48) {
      refuse(fmt::format("the tensor '{}' has no proper shape", name.substr(0, 100)));
    }
    return node.integer;
  }

  std::vector<std::int64_t> integersOf(const PickleTree& tree,
                                       Index index,
                                       const std::string& name) const {
    const PickleTree::Node& node = tree.at(index);
    if (node.kind != Kind::Tuple || node.items.size() > kMaxRank) {
      refuse(fmt::format("the tensor '{}' has no proper shape", name.substr(0, 100)));
    }
    std::vector<std::int64_t> values;
    for (const Index item : node.items) {
      values.push_back(integerOf(tree, item, name));
    }
    return values;
  }

  // Every value lies in the storage, none is asked for more often than it is there, and the storage
  // lies in the file: so that no tensor takes more memory than its file can account for.
  static std::string problemOf(const Description& tensor) {
    if (tensor.strides.size() != tensor.shape.size()) {
      return "has no proper shape";
    }
    const std::uint64_t elementBytes = torch::elementSize(*tensor.type);
    const auto bytes = tensorBytes(tensor.shape, elementBytes);
    if (tensor.elements < 0 || tensor.elements >= 1ll << 48 || !bytes ||
        *bytes / elementBytes > static_cast<std::uint64_t>(tensor.elements)) {
      return "has a shape that is larger than its values";
    }
    if (tensor.member == nullptr) {
      return "has no values in the file";
    }
    if (tensor.member->bytes != static_cast<std::uint64_t>(tensor.elements) * elementBytes) {
      return "has values of another size than it says";
    }
    std::int64_t last = tensor.offset;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      std::int64_t step = 0;
      if (tensor.shape[axis] > 1 &&
          (__builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &step) ||
           __builtin_add_overflow(last, step, &last))) {
        return "has a shape that is larger than its values";
      }
    }
    return *bytes == 0 || last < tensor.elements ? ""
                                                 : "has a shape that is larger than its values";
  }

  torch::Tensor readStorage(const Description& tensor, const std::string& name) {
    torch::Tensor storage = torch::empty({tensor.elements}, *tensor.type);
    MemberBytes source(path_, file_, *tensor.member);
    const std::span bytes(static_cast<std::byte*>(storage.mutable_data_ptr()), storage.nbytes());
    source.read(bytes);
    // Any other value of a bool is undefined behaviour later on.
    if (*tensor.type == torch::kBool &&
        std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; })) {
      throw Exception(sentence(name, "has truth values other than 0 and 1"));
    }
    return storage;
  }

  fs::path path_;
  InputFile file_;
  std::vector<ZipMember> directory_;
  const ZipMember* pickle_ = nullptr;
  std::map<std::string, const ZipMember*> storages_;  // by key
  std::set<std::string> names_;
  std::size_t visits_ = 0;
  std::vector<Description> tensors_;  // as entries_
  std::string storageKey_;            // of `storage_`: neighbours often share theirs
  torch::Tensor storage_;
};

}  // namespace

std::unique_ptr<ArrayFile> openTorchFile(const fs::path& path) {
  return std::make_unique<TorchFile>(path);
}

}  // namespace barlow
