#include "core/models/onnx_graph.h"

#include "core/base/check.h"

#include <map>
#include <string>

namespace barlow {
namespace {

using Names = std::vector<std::string>;

constexpr float kEpsilon = 1e-5f;  // of every BatchNorm here

// Follows ResNetImpl, TinyConvNetImpl and MlpHead layer by layer; each function adds the nodes of
// one and gives the name of its output.
class GraphBuilder {
 public:
  explicit GraphBuilder(const Encoder& network) {
    for (const auto& [name, tensor] : namedState(network)) {
      state_[name] = tensor;
    }
  }

  std::string backbone(const ModelParams& model) {
    return model.backbone == Backbone::Tiny ? tiny() : resnet(model);
  }

  // Linear layers, each with what stands behind it: as many as there are.
  std::string projector(const ModelParams& model, std::string x) {
    int child = 0;
    const auto name = [&] { return "projector." + std::to_string(child); };
    for (std::size_t layer = 0; layer < model.projector.size(); ++layer) {
      const bool isLast = layer + 1 == model.projector.size();
      Names inputs = {x, weight(name() + ".weight")};
      if (has(name() + ".bias")) {
        inputs.push_back(weight(name() + ".bias"));
      }
      x = node("Gemm", inputs, name(), {{"transB", std::int64_t{1}}});
      ++child;
      if (isLast ? model.projectorLastNorm : model.projectorNorm) {
        x = norm(x, name());
        ++child;
      }
      if (!isLast) {
        x = relu(x, name());
        ++child;
      }
    }
    return x;
  }

  OnnxFile& file() { return file_; }

 private:
  bool has(const std::string& name) const { return state_.contains(name); }

  std::string weight(const std::string& name) {
    const auto found = state_.find(name);
    BARLOW_CHECK(found != state_.end()) << name;
    file_.addWeight(name, found->second);
    return name;
  }

  std::string node(const std::string& operation,
                   const Names& inputs,
                   const std::string& name,
                   const std::vector<OnnxFile::Attribute>& attributes = {}) {
    const std::string output = name + ".output";
    file_.addNode(operation, inputs, output, attributes);
    return output;
  }

  std::string convolution(const std::string& x, const std::string& name, std::int64_t stride) {
    const std::int64_t kernel = state_.at(name + ".weight").size(2);
    const std::int64_t pad = kernel / 2;
    return node("Conv",
                {x, weight(name + ".weight")},
                name,
                {{"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
                 {"strides", std::vector<std::int64_t>{stride, stride}},
                 {"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}});
  }

  std::string norm(const std::string& x, const std::string& name) {
    if (!has(name + ".weight")) {  // one that does not learn
      const torch::Tensor& mean = state_.at(name + ".running_mean");
      state_[name + ".weight"] = torch::ones_like(mean);
      state_[name + ".bias"] = torch::zeros_like(mean);
    }
    return node("BatchNormalization",
                {x,
                 weight(name + ".weight"),
                 weight(name + ".bias"),
                 weight(name + ".running_mean"),
                 weight(name + ".running_var")},
                name,
                {{"epsilon", kEpsilon}});
  }

  std::string relu(const std::string& x, const std::string& name) {
    return node("Relu", {x}, name + ".relu");
  }

  std::string block(const std::string& x, const std::string& name, std::int64_t stride) {
    const bool isBottleneck = has(name + ".conv3.weight");
    std::string y = convolution(x, name + ".conv1", isBottleneck ? 1 : stride);
    y = relu(norm(y, name + ".bn1"), name + ".1");
    y = norm(convolution(y, name + ".conv2", isBottleneck ? stride : 1), name + ".bn2");
    if (isBottleneck) {
      y = relu(y, name + ".2");
      y = norm(convolution(y, name + ".conv3", 1), name + ".bn3");
    }
    std::string shortcut = x;
    if (has(name + ".downsample.0.weight")) {
      shortcut = norm(convolution(x, name + ".downsample.0", stride), name + ".downsample.1");
    }
    return relu(node("Add", {y, shortcut}, name + ".add"), name);
  }

  std::string average(const std::string& x) {
    const std::string pooled = node("GlobalAveragePool", {x}, "backbone.avgpool");
    file_.addNode("Flatten", {pooled}, "features", {{"axis", std::int64_t{1}}});
    return "features";
  }

  std::string resnet(const ModelParams& model) {
    const bool hasPooling = model.stem == Stem::Imagenet;
    std::string x = convolution("images", "backbone.conv1", hasPooling ? 2 : 1);
    x = relu(norm(x, "backbone.bn1"), "backbone");
    if (hasPooling) {
      x = node("MaxPool",
               {x},
               "backbone.maxpool",
               {{"kernel_shape", std::vector<std::int64_t>{3, 3}},
                {"strides", std::vector<std::int64_t>{2, 2}},
                {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
    }
    for (int stage = 1; stage <= 4; ++stage) {
      const std::string layer = "backbone.layer" + std::to_string(stage);
      for (int i = 0; has(layer + "." + std::to_string(i) + ".conv1.weight"); ++i) {
        x = block(x, layer + "." + std::to_string(i), i == 0 && stage > 1 ? 2 : 1);
      }
    }
    return average(x);
  }

  std::string tiny() {
    std::string x = "images";
    for (int stage = 1; stage <= 4; ++stage) {
      const std::string number = std::to_string(stage);
      x = norm(convolution(x, "backbone.conv" + number, 2), "backbone.bn" + number);
      x = relu(x, "backbone." + number);
    }
    return average(x);
  }

  std::map<std::string, torch::Tensor> state_;
  OnnxFile file_;
};

}  // namespace

OnnxFile onnxGraph(const Encoder& network,
                   const ModelParams& model,
                   OnnxParts parts,
                   std::int64_t imageSize) {
  const torch::NoGradGuard noGrad;
  GraphBuilder builder(network);
  const OnnxFile::Extent batch = std::string("batch");
  const std::vector<OnnxFile::Extent> features = {batch, network->features()};
  std::string x = "features";
  if (parts.hasBackbone) {
    builder.file().addInput("images", {batch, std::int64_t{3}, imageSize, imageSize});
    x = builder.backbone(model);
    builder.file().addOutput("features", features);
  } else {
    builder.file().addInput("features", features);
  }
  if (parts.hasProjector) {
    builder.file().addNode("Identity", {builder.projector(model, x)}, "embedding");
    builder.file().addOutput("embedding", {batch, network->dimensions()});
  }
  return std::move(builder.file());
}

}  // namespace barlow
