#include "core/files/onnx_file.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>
#include <string_view>

namespace barlow {
namespace {

// Field numbers and values of onnx.proto3.
namespace model {
constexpr int kIrVersion = 1, kProducer = 2, kProducerVersion = 3, kGraph = 7, kOpset = 8,
              kNote = 14;
constexpr std::uint64_t kIr = 8;  // what came with opset 17 and 18
constexpr std::uint64_t kOpsetVersion = 17;
}  // namespace model
namespace graph {
constexpr int kNode = 1, kName = 2, kWeight = 5, kInput = 11, kOutput = 12;
}
namespace node {
constexpr int kInput = 1, kOutput = 2, kName = 3, kOperation = 4, kAttribute = 5;
}
namespace attribute {
constexpr int kName = 1, kFloat = 2, kInt = 3, kInts = 8, kType = 20;
constexpr std::uint64_t kIsFloat = 1, kIsInt = 2, kIsInts = 7;
}  // namespace attribute
namespace tensor {
constexpr int kExtent = 1, kType = 2, kName = 8, kBytes = 9;
constexpr std::uint64_t kIsFloat = 1;
}  // namespace tensor

constexpr std::uint64_t kMostBytes = (1ull << 31) - 1;

void appendVarint(std::string& bytes, std::uint64_t value) {
  while (value >= 0x80) {
    bytes += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes += static_cast<char>(value);
}

enum Wire { kVarint = 0, kLengthDelimited = 2, kFixed32 = 5 };

void appendKey(std::string& bytes, int field, Wire wire) {
  appendVarint(bytes, static_cast<std::uint64_t>(field) << 3 | static_cast<unsigned>(wire));
}

void appendNumber(std::string& bytes, int field, std::uint64_t value) {
  appendKey(bytes, field, kVarint);
  appendVarint(bytes, value);
}

// What precedes the bytes of a text or of a message.
std::string lengthOf(int field, std::uint64_t length) {
  std::string bytes;
  appendKey(bytes, field, kLengthDelimited);
  appendVarint(bytes, length);
  return bytes;
}

void appendBytes(std::string& bytes, int field, std::string_view value) {
  bytes += lengthOf(field, value.size());
  bytes += value;
}

void appendFloat(std::string& bytes, int field, float value) {
  appendKey(bytes, field, kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int i = 0; i < 4; ++i) {
    bytes += static_cast<char>(bits >> (8 * i) & 0xff);
  }
}

// ValueInfoProto{name, TypeProto{Tensor{float, shape}}}
std::string valueInfo(const std::string& name, const std::vector<OnnxFile::Extent>& shape) {
  std::string extents;
  for (const OnnxFile::Extent& extent : shape) {
    std::string one;
    if (const auto* number = std::get_if<std::int64_t>(&extent)) {
      appendNumber(one, 1, static_cast<std::uint64_t>(*number));
    } else {
      appendBytes(one, 2, std::get<std::string>(extent));
    }
    appendBytes(extents, 1, one);
  }
  std::string tensorType;
  appendNumber(tensorType, 1, tensor::kIsFloat);
  appendBytes(tensorType, 2, extents);
  std::string type;
  appendBytes(type, 1, tensorType);
  std::string info;
  appendBytes(info, 1, name);
  appendBytes(info, 2, type);
  return info;
}

std::string attributeBytes(const OnnxFile::Attribute& item) {
  std::string bytes;
  appendBytes(bytes, attribute::kName, item.first);
  if (const auto* number = std::get_if<std::int64_t>(&item.second)) {
    appendNumber(bytes, attribute::kInt, static_cast<std::uint64_t>(*number));
    appendNumber(bytes, attribute::kType, attribute::kIsInt);
  } else if (const auto* real = std::get_if<float>(&item.second)) {
    appendFloat(bytes, attribute::kFloat, *real);
    appendNumber(bytes, attribute::kType, attribute::kIsFloat);
  } else {
    for (const std::int64_t value : std::get<std::vector<std::int64_t>>(item.second)) {
      appendNumber(bytes, attribute::kInts, static_cast<std::uint64_t>(value));
    }
    appendNumber(bytes, attribute::kType, attribute::kIsInts);
  }
  return bytes;
}

}  // namespace

void OnnxFile::addInput(const std::string& name, const std::vector<Extent>& shape) {
  appendBytes(ends_, graph::kInput, valueInfo(name, shape));
}

void OnnxFile::addOutput(const std::string& name, const std::vector<Extent>& shape) {
  appendBytes(ends_, graph::kOutput, valueInfo(name, shape));
}

void OnnxFile::addWeight(const std::string& name, const torch::Tensor& values) {
  const auto same = std::find_if(
      weights_.begin(), weights_.end(), [&](const auto& w) { return w.first == name; });
  if (same == weights_.end()) {
    weights_.emplace_back(name, values.detach().to(torch::kCPU, torch::kFloat32).contiguous());
  }
}

void OnnxFile::addNode(const std::string& operation,
                       const std::vector<std::string>& inputs,
                       const std::string& output,
                       const std::vector<Attribute>& attributes) {
  std::string bytes;
  for (const std::string& input : inputs) {
    appendBytes(bytes, node::kInput, input);
  }
  appendBytes(bytes, node::kOutput, output);
  appendBytes(bytes, node::kName, output);
  appendBytes(bytes, node::kOperation, operation);
  for (const Attribute& item : attributes) {
    appendBytes(bytes, node::kAttribute, attributeBytes(item));
  }
  appendBytes(nodes_, graph::kNode, bytes);
}

void OnnxFile::addNote(const std::string& key, const std::string& text) {
  std::string entry;
  appendBytes(entry, 1, key);
  appendBytes(entry, 2, text);
  appendBytes(notes_, model::kNote, entry);
}

void OnnxFile::write(const std::filesystem::path& path, const std::string& graphName) const {
  std::string start = nodes_;
  appendBytes(start, graph::kName, graphName);
  start += ends_;
  std::vector<std::string> heads;  // of the weights: everything but their bytes
  std::uint64_t graphBytes = start.size();
  for (const auto& [name, values] : weights_) {
    std::string head;
    for (const std::int64_t extent : values.sizes()) {
      appendNumber(head, tensor::kExtent, static_cast<std::uint64_t>(extent));
    }
    appendNumber(head, tensor::kType, tensor::kIsFloat);
    appendBytes(head, tensor::kName, name);
    head += lengthOf(tensor::kBytes, values.nbytes());
    heads.push_back(lengthOf(graph::kWeight, head.size() + values.nbytes()) + head);
    graphBytes += heads.back().size() + values.nbytes();
  }
  if (graphBytes + notes_.size() + 1000 > kMostBytes) {
    throw Exception(fmt::format(
        "{} would be larger than 2 GiB, where ONNX files end; export safetensors, or the backbone "
        "alone.",
        path.string()));
  }
  std::string head;
  appendNumber(head, model::kIrVersion, model::kIr);
  appendBytes(head, model::kProducer, "Barlow Studio");
  appendBytes(head, model::kProducerVersion, BARLOW_VERSION);
  std::string opset;
  appendBytes(opset, 1, "");
  appendNumber(opset, 2, model::kOpsetVersion);
  appendBytes(head, model::kOpset, opset);
  head += notes_;
  head += lengthOf(model::kGraph, graphBytes) + start;
  std::vector<std::span<const std::byte>> pieces = {std::as_bytes(std::span(head))};
  for (std::size_t i = 0; i < heads.size(); ++i) {
    const torch::Tensor& values = weights_[i].second;
    pieces.push_back(std::as_bytes(std::span(heads[i])));
    pieces.emplace_back(static_cast<const std::byte*>(values.const_data_ptr()), values.nbytes());
  }
  writeFileAtomically(path, pieces);
}

}  // namespace barlow
