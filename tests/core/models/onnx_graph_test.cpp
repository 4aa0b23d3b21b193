// ONNX files are read back by the format's rules and computed node by node, so that they are also
// tested where Python has no onnxruntime (tests/end_to_end has that).
#include "core/models/onnx_graph.h"

#include "core/base/atomic_file.h"
#include "tests/support/messages.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

namespace barlow {
namespace {

using testing::HasSubstr;

// A message of protobuf: its fields in order, each a number, or bytes.
struct Field {
  int number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
};

std::uint64_t takeVarint(std::string_view& rest) {
  std::uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(rest.at(0));
    rest.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
}

std::vector<Field> fieldsOf(std::string_view message) {
  std::vector<Field> fields;
  while (!message.empty()) {
    const std::uint64_t key = takeVarint(message);
    Field field{.number = static_cast<int>(key >> 3), .bytes = {}};
    switch (key & 7) {
      case 0:
        field.value = takeVarint(message);
        break;
      case 2: {
        const std::uint64_t size = takeVarint(message);
        field.bytes = message.substr(0, size);
        message.remove_prefix(size);
        break;
      }
      case 5:
        field.bytes = message.substr(0, 4);
        message.remove_prefix(4);
        break;
      default:
        ADD_FAILURE() << "wire type " << (key & 7);
        return fields;
    }
    fields.push_back(field);
  }
  return fields;
}

std::vector<std::string> textsOf(const std::vector<Field>& fields, int number) {
  std::vector<std::string> texts;
  for (const Field& field : fields) {
    if (field.number == number) {
      texts.emplace_back(field.bytes);
    }
  }
  return texts;
}

struct Node {
  std::string operation;
  std::vector<std::string> inputs;
  std::string output;
  std::map<std::string, std::vector<std::int64_t>> attributes;
};

struct Model {
  std::uint64_t opset = 0;
  std::map<std::string, std::string> notes;
  std::vector<Node> nodes;
  std::map<std::string, torch::Tensor> weights;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

Node nodeOf(std::string_view bytes) {
  const auto fields = fieldsOf(bytes);
  Node node{.operation = textsOf(fields, 4).at(0),
            .inputs = textsOf(fields, 1),
            .output = textsOf(fields, 2).at(0),
            .attributes = {}};
  for (const std::string& attribute : textsOf(fields, 5)) {
    const auto parts = fieldsOf(attribute);
    auto& values = node.attributes[textsOf(parts, 1).at(0)];
    for (const Field& part : parts) {
      if (part.number == 3 || part.number == 8) {
        values.push_back(static_cast<std::int64_t>(part.value));
      }
    }
  }
  return node;
}

torch::Tensor weightOf(const std::vector<Field>& fields) {
  std::vector<std::int64_t> shape;
  for (const Field& field : fields) {
    if (field.number == 1) {
      shape.push_back(static_cast<std::int64_t>(field.value));
    }
  }
  torch::Tensor values = torch::empty(shape);
  const std::string bytes = textsOf(fields, 9).at(0);
  EXPECT_EQ(bytes.size(), values.nbytes());
  std::memcpy(values.data_ptr(), bytes.data(), bytes.size());
  return values;
}

Model modelOf(const std::string& bytes) {
  Model model;
  for (const Field& field : fieldsOf(bytes)) {
    if (field.number == 8) {
      model.opset = fieldsOf(field.bytes).back().value;
    } else if (field.number == 14) {
      const auto note = fieldsOf(field.bytes);
      model.notes[std::string(note.at(0).bytes)] = std::string(note.at(1).bytes);
    } else if (field.number == 7) {
      for (const Field& part : fieldsOf(field.bytes)) {
        if (part.number == 1) {
          model.nodes.push_back(nodeOf(part.bytes));
        } else if (part.number == 5) {
          const auto fields = fieldsOf(part.bytes);
          model.weights[textsOf(fields, 8).at(0)] = weightOf(fields);
        } else if (part.number == 11) {
          model.inputs.push_back(textsOf(fieldsOf(part.bytes), 1).at(0));
        } else if (part.number == 12) {
          model.outputs.push_back(textsOf(fieldsOf(part.bytes), 1).at(0));
        }
      }
    }
  }
  return model;
}

std::map<std::string, torch::Tensor> computed(const Model& model, const torch::Tensor& input) {
  auto values = model.weights;
  values[model.inputs.at(0)] = input;
  for (const Node& node : model.nodes) {
    const auto in = [&](std::size_t i) { return values.at(node.inputs.at(i)); };
    const auto ints = [&](const char* name) { return node.attributes.at(name); };
    torch::Tensor& out = values[node.output];
    if (node.operation == "Conv") {
      out = torch::conv2d(in(0), in(1), {}, ints("strides"), {ints("pads")[0], ints("pads")[1]});
      EXPECT_EQ(ints("kernel_shape"), in(1).sizes().slice(2).vec());
    } else if (node.operation == "BatchNormalization") {
      out = torch::batch_norm(in(0), in(1), in(2), in(3), in(4), false, 0, 1e-5, false);
    } else if (node.operation == "Relu") {
      out = in(0).relu();
    } else if (node.operation == "MaxPool") {
      out = torch::max_pool2d(
          in(0), ints("kernel_shape"), ints("strides"), {ints("pads")[0], ints("pads")[1]});
    } else if (node.operation == "Add") {
      out = in(0) + in(1);
    } else if (node.operation == "GlobalAveragePool") {
      out = in(0).mean({2, 3}, true);
    } else if (node.operation == "Flatten") {
      out = in(0).flatten(1);
    } else if (node.operation == "Gemm") {
      EXPECT_EQ(ints("transB"), std::vector<std::int64_t>{1});
      out = torch::linear(in(0), in(1), node.inputs.size() > 2 ? in(2) : torch::Tensor());
    } else if (node.operation == "Identity") {
      out = in(0);
    } else {
      ADD_FAILURE() << node.operation;
    }
  }
  return values;
}

TEST(OnnxGraph, ComputesWhatTheNetworkDoes) {
  const torch::NoGradGuard noGrad;
  const TempDir dir;
  std::vector<ModelParams> forms(5);
  for (ModelParams& form : forms) {
    form.width = 8;
    form.projector = {24, 16, 12};
  }
  forms[0].backbone = Backbone::Tiny;
  forms[1].backbone = Backbone::ResNet18;
  forms[2].backbone = Backbone::ResNet34;
  forms[2].stem = Stem::Imagenet;
  forms[2].projectorBias = true;
  forms[2].projectorNorm = false;
  forms[3].backbone = Backbone::ResNet50;
  forms[3].stem = Stem::Imagenet;
  forms[3].projectorLastNorm = true;
  forms[3].projectorLastAffine = false;
  forms[4].backbone = Backbone::ResNet50;
  forms[4].projector = {10};
  for (const ModelParams& form : forms) {
    Encoder network(form);
    initializeWeights(network, 4);
    for (auto& [name, tensor] : namedState(network)) {
      if (tensor.is_floating_point() && tensor.dim() == 1) {  // else all of them are 0 and 1
        tensor.add_(torch::arange(tensor.numel()) / static_cast<double>(10 * tensor.numel()));
      }
    }
    network->train(false);
    OnnxFile file = onnxGraph(network, form, {.hasBackbone = true, .hasProjector = true}, 40);
    file.addNote("mean", "[0.5]");
    file.write(dir / "x.onnx", "x");
    const Model model = modelOf(readFileText(dir / "x.onnx", 1 << 26));
    EXPECT_GE(model.opset, 17u);
    EXPECT_EQ(model.notes.at("mean"), "[0.5]");
    EXPECT_THAT(model.inputs, testing::ElementsAre("images"));
    EXPECT_THAT(model.outputs, testing::ElementsAre("features", "embedding"));
    const torch::Tensor images = torch::arange(3 * 3 * 40 * 40).sin().reshape({3, 3, 40, 40});
    const auto values = computed(model, images);
    EXPECT_TRUE(torch::allclose(values.at("features"), network->represent(images), 1e-4, 1e-5));
    EXPECT_TRUE(torch::allclose(values.at("embedding"), network->forward(images), 1e-4, 1e-5));

    onnxGraph(network, form, {.hasBackbone = false, .hasProjector = true}, 40)
        .write(dir / "x.onnx", "x");
    const Model head = modelOf(readFileText(dir / "x.onnx", 1 << 26));
    EXPECT_TRUE(torch::allclose(computed(head, network->represent(images)).at("embedding"),
                                network->forward(images),
                                1e-4,
                                1e-5));
  }
}

TEST(OnnxGraph, SaysWhereItCannotBeWritten) {
  ModelParams form;
  form.backbone = Backbone::Tiny;
  form.width = 4;
  const OnnxFile file = onnxGraph(Encoder(form), form, {}, 32);
  EXPECT_THAT(messageOf([&] { file.write("/dev/full", "x"); }), HasSubstr("/dev/full"));
  const TempDir dir;
  EXPECT_THAT(messageOf([&] { file.write(dir / "no/x.onnx", "x"); }), HasSubstr("no/x.onnx"));
}

}  // namespace
}  // namespace barlow
