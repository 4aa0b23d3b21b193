#include "core/base/error.h"
#include "core/base/json_text.h"
#include "core/files/torch_file.h"
#include "core/files/zip_writer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

namespace barlow {
namespace {

const char* storageName(torch::ScalarType type) {
  switch (type) {
    case torch::kFloat32:
      return "FloatStorage";
    case torch::kFloat64:
      return "DoubleStorage";
    case torch::kFloat16:
      return "HalfStorage";
    case torch::kBFloat16:
      return "BFloat16Storage";
    case torch::kInt64:
      return "LongStorage";
    case torch::kInt32:
      return "IntStorage";
    case torch::kUInt8:
      return "ByteStorage";
    case torch::kBool:
      return "BoolStorage";
    default:
      return nullptr;
  }
}

// Protocol 2, instruction by instruction: what the pickle module writes for the same objects, but
// for the memo, which only saves space.
class Pickle {
 public:
  void text(std::string_view value) {
    bytes_ += 'X';
    raw(value.size(), 4);
    bytes_ += value;
  }
  void integer(std::int64_t value) {
    const bool isShort = value <= INT32_MAX;
    bytes_ += isShort ? "J" : "\x8a\x08";  // BININT, LONG1
    raw(static_cast<std::uint64_t>(value), isShort ? 4 : 8);
  }
  void integers(const std::vector<std::int64_t>& values) {
    bytes_ += '(';
    for (const std::int64_t value : values) {
      integer(value);
    }
    bytes_ += 't';
  }
  void name(const std::string& module, const std::string& name) {
    bytes_ += "c" + module + "\n" + name + "\n";
  }
  void emptyOrderedDict() {
    name("collections", "OrderedDict");
    bytes_ += ")R";
  }
  void instructions(std::string_view codes) { bytes_ += codes; }
  const std::string& bytes() const { return bytes_; }

 private:
  void raw(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      bytes_ += static_cast<char>(value >> (8 * i) & 0xff);
    }
  }
  std::string bytes_;
};

// Those of a contiguous tensor; its own may be anything where an extent is 1.
std::vector<std::int64_t> stridesOf(const torch::Tensor& tensor) {
  std::vector<std::int64_t> strides(static_cast<std::size_t>(tensor.dim()), 1);
  for (std::size_t axis = strides.size(); axis-- > 1;) {
    strides[axis - 1] =
        strides[axis] * std::max<std::int64_t>(1, tensor.size(static_cast<std::int64_t>(axis)));
  }
  return strides;
}

void addTensor(Pickle& pickle, const torch::Tensor& tensor, std::size_t key) {
  pickle.name("torch._utils", "_rebuild_tensor_v2");
  pickle.instructions("((");
  pickle.text("storage");
  pickle.name("torch", storageName(tensor.scalar_type()));
  pickle.text(std::to_string(key));
  pickle.text("cpu");
  pickle.integer(tensor.numel());
  pickle.instructions("tQ");  // the storage
  pickle.integer(0);          // offset
  pickle.integers(tensor.sizes().vec());
  pickle.integers(stridesOf(tensor));
  pickle.instructions("\x89");  // requires_grad
  pickle.emptyOrderedDict();    // backward hooks
  pickle.instructions("tR");
}

}  // namespace

void writeTorchFile(const std::filesystem::path& path,
                    const NamedTensors& tensors,
                    const Notes& notes) {
  std::vector<torch::Tensor> packed;
  std::set<std::string> names;
  Pickle pickle;
  pickle.instructions("\x80\x02");
  pickle.emptyOrderedDict();
  pickle.instructions("(");
  for (const auto& [name, tensor] : tensors) {
    const auto refuse = [&, &name = name](const char* reason) {
      throw Exception(
          fmt::format("{} cannot be written: the tensor '{}' {}.", path.string(), name, reason));
    };
    if (storageName(tensor.scalar_type()) == nullptr) {
      refuse("has a type that such files cannot hold");
    }
    if (!names.insert(name).second) {
      refuse("has the name of another one");
    }
    packed.push_back(tensor.detach().to(torch::kCPU).contiguous());
    pickle.text(name);
    addTensor(pickle, packed.back(), packed.size() - 1);
  }
  pickle.instructions("u.");
  ZipWriter zip(path);
  zip.add("archive/data.pkl", pickle.bytes());
  zip.add("archive/byteorder", std::string_view("little"));
  if (!notes.empty()) {
    nlohmann::ordered_json object;
    for (const auto& [name, text] : notes) {
      object[name] = text;
    }
    zip.add("archive/notes.json", jsonText(object));
  }
  for (std::size_t i = 0; i < packed.size(); ++i) {
    zip.add(
        "archive/data/" + std::to_string(i),
        std::span(static_cast<const std::byte*>(packed[i].const_data_ptr()), packed[i].nbytes()));
  }
  zip.add("archive/version", std::string_view("3\n"));
  zip.commit();
}

}  // namespace barlow
