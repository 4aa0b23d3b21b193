#pragma once

#include "core/files/tensor_files.h"
#include "core/torch.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace barlow {

/// A network as ONNX (opset 17), which other programs run: the graph node by node, written in
/// protobuf's wire format by hand, as nothing more of protobuf is needed. Names are the caller's
/// and link the nodes.
class OnnxFile {
 public:
  /// A number, or the name of an extent that is chosen when the network runs ("batch").
  using Extent = std::variant<std::int64_t, std::string>;
  using Attribute =
      std::pair<std::string, std::variant<std::int64_t, float, std::vector<std::int64_t>>>;

  void addInput(const std::string& name, const std::vector<Extent>& shape);
  void addOutput(const std::string& name, const std::vector<Extent>& shape);
  /// float32; kept until write(). One that has this name already is the same one.
  void addWeight(const std::string& name, const torch::Tensor& values);
  void addNode(const std::string& operation,
               const std::vector<std::string>& inputs,
               const std::string& output,
               const std::vector<Attribute>& attributes = {});
  void addNote(const std::string& key, const std::string& text);

  /// Atomically. Throws Exception naming the path; also above 2 GiB, where protobuf ends.
  void write(const std::filesystem::path& path, const std::string& graphName) const;

 private:
  std::string nodes_;
  std::string ends_;  // inputs and outputs
  std::string notes_;
  NamedTensors weights_;
};

}  // namespace barlow
