#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace barlow {

/// A pickle from anywhere, read as data: numbers, texts, lists, tuples, dictionaries, and the
/// tensors that torch.save() writes. Nothing in it is ever run; whatever else it names is refused
/// by its name. Not copied and not moved, as its texts lie in its bytes.
class PickleTree {
 public:
  using Index = std::uint32_t;
  enum class Kind {
    None,
    Bool,     // integer
    Integer,  // integer
    Real,     // real
    Text,     // text
    List,     // items
    Tuple,    // items
    Dict,     // items: key, value, key, value ...
    Name,     // text: one of the names that are known here, "torch.FloatStorage"
    Storage,  // items: its type (Name), its key (Text), its place (Text), its elements (Integer)
    Tensor,   // items: storage, offset, shape, strides ...
  };
  struct Node {
    Kind kind = Kind::None;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text = {};
    std::vector<Index> items = {};
  };

  /// Throws Exception that names `file`, where the bytes are no pickle or ask for more than that.
  PickleTree(const std::string& file, std::string bytes);
  PickleTree(const PickleTree&) = delete;
  PickleTree& operator=(const PickleTree&) = delete;

  Index root() const { return root_; }
  const Node& at(Index index) const { return nodes_[index]; }

 private:
  friend class PickleReader;
  std::string bytes_;
  std::deque<Node> nodes_;
  Index root_ = 0;
};

}  // namespace barlow
