#include "core/files/pickle.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <utility>

namespace barlow {
namespace {

using Kind = PickleTree::Kind;
using Index = PickleTree::Index;

// A checkpoint of 100,000 tensors has about 2 million.
constexpr std::size_t kMaxNodes = 2'000'000;
constexpr std::size_t kMaxItems = 4 * kMaxNodes;
constexpr std::size_t kMaxNameBytes = 200;

// What a call of a name that is known here makes of its arguments.
enum class Call { None, OrderedDict, Tensor, Parameter, Size };

struct KnownName {
  std::string_view name;
  Call call;
};
constexpr std::array<KnownName, 15> kNames = {{
    {"collections.OrderedDict", Call::OrderedDict},
    {"torch._utils._rebuild_tensor_v2", Call::Tensor},
    {"torch._utils._rebuild_parameter", Call::Parameter},
    {"torch.Size", Call::Size},
    {"torch.FloatStorage", Call::None},
    {"torch.DoubleStorage", Call::None},
    {"torch.HalfStorage", Call::None},
    {"torch.BFloat16Storage", Call::None},
    {"torch.LongStorage", Call::None},
    {"torch.IntStorage", Call::None},
    {"torch.ShortStorage", Call::None},
    {"torch.CharStorage", Call::None},
    {"torch.ByteStorage", Call::None},
    {"torch.BoolStorage", Call::None},
    {"torch.ComplexFloatStorage", Call::None},  // known, so that its tensor alone is refused
}};

}  // namespace

/// The machine that a pickle is a program for, without the instructions that could do harm.
class PickleReader {
 public:
  PickleReader(const std::string& file, PickleTree& tree)
      : file_(file), tree_(tree), rest_(tree.bytes_) {}

  void run() {
    while (true) {
      const auto code = static_cast<unsigned char>(take(1)[0]);
      if (code == '.') {
        tree_.root_ = pop();
        return;
      }
      if (!runMark(code) && !runValue(code) && !runContainer(code) && !runMemo(code) &&
          !runCall(code)) {
        refuse(
            fmt::format("its pickle has the instruction 0x{:02x}, which is not known here", code));
      }
    }
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw Exception(fmt::format("{} is no sound file of PyTorch: {}.", file_, reason));
  }

  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      refuse("its pickle is cut short");
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  // Little-endian and not negative.
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    const std::string_view taken = take(bytes);
    for (std::size_t i = bytes; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(taken[i]);
    }
    return value;
  }

  std::string_view line() {
    const std::size_t end = rest_.substr(0, kMaxNameBytes).find('\n');
    if (end == std::string_view::npos) {
      refuse("its pickle is damaged");
    }
    const std::string_view text = take(end);
    take(1);
    return text;
  }

  void push(Index index) {
    if (stack_.size() >= kMaxNodes) {
      refuse("its pickle is too large");
    }
    stack_.push_back(index);
  }

  void push(PickleTree::Node node) {
    if (tree_.nodes_.size() >= kMaxNodes) {
      refuse("its pickle is too large");
    }
    tree_.nodes_.push_back(std::move(node));
    push(static_cast<Index>(tree_.nodes_.size() - 1));
  }

  // What lies below the newest mark belongs to somebody else.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  Index top() const {
    if (stack_.size() <= floor()) {
      refuse("its pickle is damaged");
    }
    return stack_.back();
  }
  Index pop() {
    const Index index = top();
    stack_.pop_back();
    return index;
  }
  std::vector<Index> popMark() {
    if (marks_.empty()) {
      refuse("its pickle is damaged");
    }
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Index> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<Index> popSome(std::size_t count) {
    std::vector<Index> items(count);
    for (std::size_t i = count; i-- > 0;) {
      items[i] = pop();
    }
    return items;
  }

  PickleTree::Node& topOf(Kind kind) {
    PickleTree::Node& node = tree_.nodes_[top()];
    if (node.kind != kind) {
      refuse("its pickle is damaged");
    }
    return node;
  }

  void pushText(std::string_view text) { push({.kind = Kind::Text, .text = text}); }
  void pushInteger(std::int64_t value) { push({.kind = Kind::Integer, .integer = value}); }
  // A few bytes may ask for the items of another node once more, so those are counted as well.
  void pushItems(Kind kind, std::vector<Index> items) {
    items_ += items.size();
    if (items_ > kMaxItems) {
      refuse("its pickle is too large");
    }
    push({.kind = kind, .items = std::move(items)});
  }

  bool runMark(unsigned char code) {
    switch (code) {
      case 0x80:  // PROTO
        if (number(1) > 5) {
          refuse("its pickle is of a version that is not known here");
        }
        return true;
      case 0x95:  // FRAME: how much follows, for who reads ahead
        take(8);
        return true;
      case '(':  // MARK
        if (marks_.size() >= kMaxNodes) {
          refuse("its pickle is too large");
        }
        marks_.push_back(stack_.size());
        return true;
      case '0':  // POP
        if (stack_.size() == floor() && !marks_.empty()) {
          marks_.pop_back();
        } else {
          pop();
        }
        return true;
      case '1':  // POP_MARK
        popMark();
        return true;
      case '2':  // DUP
        push(top());
        return true;
      default:
        return false;
    }
  }

  bool runValue(unsigned char code) {
    switch (code) {
      case 'N':
        push({.kind = Kind::None});
        return true;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push({.kind = Kind::Bool, .integer = code == 0x88});
        return true;
      case 'J':  // BININT
        pushInteger(static_cast<std::int32_t>(static_cast<std::uint32_t>(number(4))));
        return true;
      case 'K':  // BININT1
        pushInteger(static_cast<std::int64_t>(number(1)));
        return true;
      case 'M':  // BININT2
        pushInteger(static_cast<std::int64_t>(number(2)));
        return true;
      case 0x8a:  // LONG1
        pushLong(number(1));
        return true;
      case 0x8b:  // LONG4
        pushLong(number(4));
        return true;
      case 'G': {  // BINFLOAT, big-endian
        std::uint64_t bits = 0;
        for (const char c : take(8)) {
          bits = bits << 8 | static_cast<unsigned char>(c);
        }
        push({.kind = Kind::Real, .real = std::bit_cast<double>(bits)});
        return true;
      }
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING, of Python 2
      case 'B':  // BINBYTES
        pushText(take(number(4)));
        return true;
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING
      case 'C':   // SHORT_BINBYTES
        pushText(take(number(1)));
        return true;
      case 0x8d:  // BINUNICODE8
      case 0x8e:  // BINBYTES8
        pushText(take(number(8)));
        return true;
      default:
        return false;
    }
  }

  // Two's complement. One of more than 64 bits is a seed or a hash, never a size.
  void pushLong(std::uint64_t bytes) {
    const std::string_view digits = take(bytes);
    if (bytes > 8) {
      push({.kind = Kind::Real});
      return;
    }
    std::uint64_t value = bytes > 0 && (digits.back() & 0x80) != 0 ? ~0ull : 0;
    for (std::size_t i = bytes; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(digits[i]);
    }
    pushInteger(static_cast<std::int64_t>(value));
  }

  bool runContainer(unsigned char code) {
    switch (code) {
      case ')':
        pushItems(Kind::Tuple, {});
        return true;
      case 't':
        pushItems(Kind::Tuple, popMark());
        return true;
      case 0x85:  // TUPLE1 to TUPLE3
      case 0x86:
      case 0x87:
        pushItems(Kind::Tuple, popSome(code - 0x84u));
        return true;
      case ']':
        pushItems(Kind::List, {});
        return true;
      case 'l':
        pushItems(Kind::List, popMark());
        return true;
      case '}':
        pushItems(Kind::Dict, {});
        return true;
      case 'd':
        pushItems(Kind::Dict, pairsOf(popMark()));
        return true;
      case 'a':  // APPEND
        add(Kind::List, popSome(1));
        return true;
      case 'e':  // APPENDS
        add(Kind::List, popMark());
        return true;
      case 's':  // SETITEM
        add(Kind::Dict, popSome(2));
        return true;
      case 'u':  // SETITEMS
        add(Kind::Dict, pairsOf(popMark()));
        return true;
      default:
        return false;
    }
  }

  std::vector<Index> pairsOf(std::vector<Index> items) const {
    if (items.size() % 2 != 0) {
      refuse("its pickle is damaged");
    }
    return items;
  }

  void add(Kind kind, const std::vector<Index>& items) {
    std::vector<Index>& own = topOf(kind).items;
    own.insert(own.end(), items.begin(), items.end());
  }

  bool runMemo(unsigned char code) {
    switch (code) {
      case 'q':  // BINPUT
        remember(number(1));
        return true;
      case 'r':  // LONG_BINPUT
        remember(number(4));
        return true;
      case 0x94:  // MEMOIZE
        remember(memo_.size());
        return true;
      case 'h':  // BINGET
        recall(number(1));
        return true;
      case 'j':  // LONG_BINGET
        recall(number(4));
        return true;
      default:
        return false;
    }
  }

  void remember(std::uint64_t key) {
    if (memo_.size() >= kMaxNodes) {
      refuse("its pickle is too large");
    }
    memo_[key] = top();
  }
  void recall(std::uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) {
      refuse("its pickle is damaged");
    }
    push(found->second);
  }

  bool runCall(unsigned char code) {
    switch (code) {
      case 'c': {  // GLOBAL
        const std::string_view module = line();
        pushName(module, line());
        return true;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::string_view name = tree_.nodes_[pop()].text;
        const std::string_view module = tree_.nodes_[pop()].text;
        pushName(module, name);
        return true;
      }
      case 'R':
        reduce();
        return true;
      case 'b':  // BUILD: attributes of a dictionary (torch's version numbers), which say nothing
        pop();
        topOf(Kind::Dict);
        return true;
      case 'Q':  // BINPERSID
        pushStorage();
        return true;
      case 'i':   // INST
      case 'o':   // OBJ
      case 0x81:  // NEWOBJ
      case 0x92:  // NEWOBJ_EX
        refuse("it makes objects of Python, which are no weights");
      default:
        return false;
    }
  }

  void pushName(std::string_view module, std::string_view name) {
    const std::string full = fmt::format("{}.{}", module, name);
    const auto known =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& k) { return k.name == full; });
    if (known == kNames.end()) {
      throw Exception(fmt::format(
          "{} is not opened: it asks Python for '{}', which weights have no need of. If you trust "
          "it, save its weights alone: torch.save(model.state_dict(), FILE), or as safetensors.",
          file_,
          plainLine(full.substr(0, kMaxNameBytes))));
    }
    push({.kind = Kind::Name, .text = known->name});
  }

  void reduce() {
    const std::vector<Index> arguments = topOf(Kind::Tuple).items;
    pop();
    const std::string_view name = topOf(Kind::Name).text;
    pop();
    const auto known =
        std::find_if(kNames.begin(), kNames.end(), [&](const auto& k) { return k.name == name; });
    switch (known->call) {
      case Call::OrderedDict:
        pushItems(Kind::Dict, pairsIn(arguments));
        return;
      case Call::Tensor:
        pushItems(Kind::Tensor, arguments);
        return;
      case Call::Parameter:
      case Call::Size:
        if (arguments.empty()) {
          refuse("its pickle is damaged");
        }
        push(arguments.front());
        return;
      case Call::None:
        break;
    }
    refuse(fmt::format("it calls '{}'", name));
  }

  // Of OrderedDict([(key, value), ...]).
  std::vector<Index> pairsIn(const std::vector<Index>& arguments) const {
    std::vector<Index> pairs;
    if (arguments.empty()) {
      return pairs;
    }
    for (const Index item : tree_.nodes_[arguments.front()].items) {
      const PickleTree::Node& pair = tree_.nodes_[item];
      if (pair.items.size() != 2 || pairs.size() >= kMaxNodes) {
        refuse("its pickle is damaged");
      }
      pairs.insert(pairs.end(), pair.items.begin(), pair.items.end());
    }
    return pairs;
  }

  // ("storage", type, key, place, elements)
  void pushStorage() {
    const std::vector<Index> items = topOf(Kind::Tuple).items;
    pop();
    const auto is = [&](std::size_t i, Kind kind) { return tree_.nodes_[items[i]].kind == kind; };
    if (items.size() != 5 || !is(0, Kind::Text) || tree_.nodes_[items[0]].text != "storage" ||
        !is(1, Kind::Name) || !is(2, Kind::Text) || !is(4, Kind::Integer)) {
      refuse("its pickle is damaged");
    }
    pushItems(Kind::Storage, {items.begin() + 1, items.end()});
  }

  const std::string& file_;
  PickleTree& tree_;
  std::string_view rest_;
  std::vector<Index> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, Index> memo_;
  std::size_t items_ = 0;  // of all nodes
};

PickleTree::PickleTree(const std::string& file, std::string bytes) : bytes_(std::move(bytes)) {
  PickleReader(file, *this).run();
}

}  // namespace barlow
