#include "io/pickle_graph.h"

#include <bit>
#include <charconv>
#include <optional>

#include <tenon/value.h>

#include "io/pickle_opcodes.h"
#include "io/pickle_text.h"

namespace tenon::io {
namespace {

using Index = PickleGraph::Index;
using Kind = PickleGraph::Kind;

constexpr std::size_t longest_integer = 8192;  // bytes
constexpr std::size_t most_digits = 4300;      // of one that is written as text: Python's own limit

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

/// Runs the instructions. What it makes are entries in the graph; the stack and the memo hold their numbers.
class PickleMachine {
 public:
  PickleMachine(PickleGraph& graph, std::span<const std::byte> bytes) : graph_(graph), bytes_(bytes) {
    // These are everywhere and never change.
    none_ = make(Kind::none, int64_t{0});
    false_ = make(Kind::boolean, int64_t{0});
    true_ = make(Kind::boolean, int64_t{1});
    empty_tuple_ = make(Kind::tuple, std::unique_ptr<PickleGraph::Parts>());
  }

  void run() {
    if (bytes_.empty()) damaged("there is no pickle: it is empty");
    bool more = true;
    while (more) {
      begin_ = at_;
      more = step(number<uint8_t>());
    }
    if (stack_.size() != 1 || !marks_.empty())
      damaged(fmt::format("it ends with {} objects on the stack instead of one", stack_.size()));
    graph_.root_ = stack_.back();
    graph_.length_ = at_;
  }

 private:
  // ---- bytes
  [[noreturn]] void damaged(std::string_view how) const {
    fail(graph_.operation_, "{}: damaged pickle, byte {}: {}", graph_.place_, begin_, how);
  }
  std::span<const std::byte> take(uint64_t n) {
    if (n > bytes_.size() - at_)
      damaged(fmt::format("it ends too early: {} bytes are needed, there are {}", n, bytes_.size() - at_));
    const auto part = bytes_.subspan(at_, static_cast<std::size_t>(n));
    at_ += part.size();
    return part;
  }
  template <class T>
  T number() {
    T value = 0;
    const auto part = take(sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = static_cast<T>(value | static_cast<T>(static_cast<T>(part[i]) << (8 * i)));
    return value;
  }
  std::string_view line() {
    const std::string_view rest = as_text(bytes_.subspan(at_));
    const auto end = rest.find('\n');
    if (end == rest.npos) damaged("a line without an end");
    at_ += end + 1;
    return rest.substr(0, end);
  }
  template <class T>
  T number_in(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) damaged("expected a number");
    return value;
  }

  // ---- objects
  template <class D>
  Index make(Kind kind, D data) {
    if (graph_.objects_.size() >= PickleGraph::nothing) damaged("it makes too many objects");
    graph_.objects_.push_back({kind, static_cast<uint32_t>(begin_), std::move(data)});
    return static_cast<Index>(graph_.objects_.size() - 1);
  }
  void push(Index i) { stack_.push_back(i); }
  Index pop() {
    if (stack_.size() <= floor()) damaged("it takes more from the stack than there is");
    const Index i = stack_.back();
    stack_.pop_back();
    return i;
  }
  Index top() {
    if (stack_.size() <= floor()) damaged("it needs an object on the stack, and there is none");
    return stack_.back();
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Index> pop_to_mark() {
    if (marks_.empty()) damaged("it needs a mark on the stack, and there is none");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Index> items(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return items;
  }
  std::vector<Index> pop_some(std::size_t n) {
    std::vector<Index> items(n);
    while (n > 0) items[--n] = pop();
    return items;
  }
  PickleGraph::Parts& parts(Index i) {
    auto& p = std::get<std::unique_ptr<PickleGraph::Parts>>(graph_.objects_[i].data);
    if (!p) p = std::make_unique<PickleGraph::Parts>();
    return *p;
  }
  Index empty(Kind kind) { return make(kind, std::unique_ptr<PickleGraph::Parts>()); }
  Index with_items(Kind kind, std::vector<Index> items) {
    if (items.empty()) return kind == Kind::tuple ? empty_tuple_ : empty(kind);
    const Index i = empty(kind);
    parts(i).items = std::move(items);
    return i;
  }
  Index text(std::string_view t) {
    if (!is_utf8(t)) damaged("a text that is not UTF-8");
    return make(Kind::text, t);
  }
  std::string_view keep(std::string t) { return graph_.texts_.emplace_back(std::move(t)); }
  Index long_integer(std::span<const std::byte> two_complement) {
    if (two_complement.size() > longest_integer)
      damaged(fmt::format("an integer of {} bytes; up to {} are read", two_complement.size(), longest_integer));
    const BigInt i = BigInt::from_bytes(two_complement);
    return i.fits_64_bits() ? make(Kind::integer, i.to_int64()) : make(Kind::big_integer, as_text(two_complement));
  }
  Index global(std::string_view module, std::string_view name) {
    return make(Kind::global, keep(std::string(module) + "\n" + std::string(name)));
  }
  Index call(Index function, Index arguments, Kind kind) {
    const Kind given = graph_.kind(function);
    if (given != Kind::global) damaged("it calls something that is not a name");
    if (graph_.kind(arguments) != Kind::tuple) damaged("it calls with arguments that are not a tuple");
    const Index i = empty(kind);
    parts(i).function = function;
    parts(i).arguments = arguments;
    return i;
  }

  // ---- what is added to what is there
  bool can_be_added_to(Index i, Kind kind) const {
    const Kind k = graph_.kind(i);
    return k == kind || k == Kind::call || k == Kind::creation;
  }
  void add_items(Index to, const std::vector<Index>& items, Kind kind) {
    if (!can_be_added_to(to, kind)) damaged("it adds items to what has none");
    auto& all = parts(to).items;
    all.insert(all.end(), items.begin(), items.end());
  }
  void add_entries(Index to, const std::vector<Index>& entries) {
    if (!can_be_added_to(to, Kind::dict)) damaged("it adds entries to what is no dict");
    if (entries.size() % 2 != 0) damaged("a key without a value");
    auto& all = parts(to).entries;
    all.insert(all.end(), entries.begin(), entries.end());
  }
  void put(uint64_t place) {
    // A pickle cannot have put more objects than it has bytes; a larger number would only cost memory.
    if (place > at_) damaged(fmt::format("the memo's place {} is beyond what it can need", place));
    if (place >= memo_.size()) memo_.resize(static_cast<std::size_t>(place) + 1, PickleGraph::nothing);
    memo_[static_cast<std::size_t>(place)] = top();
    memo_count_ += 1;
  }
  void get(uint64_t place) {
    if (place >= memo_.size() || memo_[static_cast<std::size_t>(place)] == PickleGraph::nothing)
      damaged(fmt::format("it takes object {} from the memo, which was never put there", place));
    push(memo_[static_cast<std::size_t>(place)]);
  }

  bool step(uint8_t opcode) {
    using namespace pickle;
    switch (opcode) {
      case Opcode::proto:
        if (const auto version = number<uint8_t>(); version > 5)
          damaged(fmt::format("protocol {}; 0 to 5 are read", version));
        break;
      case Opcode::frame: number<uint64_t>(); break;  // only a hint for streams
      case Opcode::stop: return false;
      case Opcode::mark: marks_.push_back(stack_.size()); break;
      case Opcode::pop:
        if (!marks_.empty() && stack_.size() == marks_.back()) marks_.pop_back();
        else pop();
        break;
      case Opcode::pop_mark: pop_to_mark(); break;
      case Opcode::dup: push(top()); break;

      case Opcode::none: push(none_); break;
      case Opcode::newtrue: push(true_); break;
      case Opcode::newfalse: push(false_); break;
      case Opcode::integer: push(integer_line(line())); break;
      case Opcode::binint: push(make(Kind::integer, int64_t{static_cast<int32_t>(number<uint32_t>())})); break;
      case Opcode::binint1: push(make(Kind::integer, int64_t{number<uint8_t>()})); break;
      case Opcode::binint2: push(make(Kind::integer, int64_t{number<uint16_t>()})); break;
      case Opcode::long_text: push(decimal(line())); break;
      case Opcode::long1: push(long_integer(take(number<uint8_t>()))); break;
      case Opcode::long4: push(long_integer(take(number<uint32_t>()))); break;
      case Opcode::float_text: push(make(Kind::real, number_in<double>(line()))); break;
      case Opcode::binfloat:
        push(make(Kind::real, std::bit_cast<double>(__builtin_bswap64(number<uint64_t>()))));
        break;

      case Opcode::string: push(text(checked(unescaped_string(line())))); break;
      case Opcode::binstring: push(text(as_text(take(number<uint32_t>())))); break;
      case Opcode::short_binstring: push(text(as_text(take(number<uint8_t>())))); break;
      case Opcode::unicode: push(text(checked(unescaped_unicode(line())))); break;
      case Opcode::binunicode: push(text(as_text(take(number<uint32_t>())))); break;
      case Opcode::short_binunicode: push(text(as_text(take(number<uint8_t>())))); break;
      case Opcode::binunicode8: push(text(as_text(take(number<uint64_t>())))); break;
      case Opcode::binbytes: push(make(Kind::bytes, as_text(take(number<uint32_t>())))); break;
      case Opcode::short_binbytes: push(make(Kind::bytes, as_text(take(number<uint8_t>())))); break;
      case Opcode::binbytes8:
      case Opcode::bytearray8: push(make(Kind::bytes, as_text(take(number<uint64_t>())))); break;

      case Opcode::empty_list: push(empty(Kind::list)); break;
      case Opcode::list: push(with_items(Kind::list, pop_to_mark())); break;
      case Opcode::append: {
        const auto item = pop_some(1);
        add_items(top(), item, Kind::list);
        break;
      }
      case Opcode::appends: {
        const auto items = pop_to_mark();
        add_items(top(), items, Kind::list);
        break;
      }
      case Opcode::empty_tuple: push(empty_tuple_); break;
      case Opcode::tuple: push(with_items(Kind::tuple, pop_to_mark())); break;
      case Opcode::tuple1: push(with_items(Kind::tuple, pop_some(1))); break;
      case Opcode::tuple2: push(with_items(Kind::tuple, pop_some(2))); break;
      case Opcode::tuple3: push(with_items(Kind::tuple, pop_some(3))); break;
      case Opcode::empty_dict: push(empty(Kind::dict)); break;
      case Opcode::dict: {
        const auto entries = pop_to_mark();
        push(empty(Kind::dict));
        add_entries(top(), entries);
        break;
      }
      case Opcode::setitem: {
        const auto entry = pop_some(2);
        add_entries(top(), entry);
        break;
      }
      case Opcode::setitems: {
        const auto entries = pop_to_mark();
        add_entries(top(), entries);
        break;
      }
      case Opcode::empty_set: push(empty(Kind::set)); break;
      case Opcode::additems: {
        const auto items = pop_to_mark();
        add_items(top(), items, Kind::set);
        break;
      }

      case Opcode::get: get(number_in<uint64_t>(line())); break;
      case Opcode::binget: get(number<uint8_t>()); break;
      case Opcode::long_binget: get(number<uint32_t>()); break;
      case Opcode::put: put(number_in<uint64_t>(line())); break;
      case Opcode::binput: put(number<uint8_t>()); break;
      case Opcode::long_binput: put(number<uint32_t>()); break;
      case Opcode::memoize: put(memo_count_); break;

      case Opcode::global: {
        const auto module = line();
        push(global(module, line()));
        break;
      }
      case Opcode::stack_global: {
        const auto names = pop_some(2);
        if (graph_.kind(names[0]) != Kind::text || graph_.kind(names[1]) != Kind::text)
          damaged("the name of a class is not text");
        push(global(graph_.text(names[0]), graph_.text(names[1])));
        break;
      }
      case Opcode::inst: {
        const auto module = line();
        const Index function = global(module, line());
        push(call(function, with_items(Kind::tuple, pop_to_mark()), Kind::call));
        break;
      }
      case Opcode::obj: {
        auto items = pop_to_mark();
        if (items.empty()) damaged("an object without a class");
        const Index function = items.front();
        items.erase(items.begin());
        push(call(function, with_items(Kind::tuple, std::move(items)), Kind::call));
        break;
      }
      case Opcode::reduce:
      case Opcode::newobj: {
        const auto both = pop_some(2);
        push(call(both[0], both[1], opcode == Opcode::reduce ? Kind::call : Kind::creation));
        break;
      }
      case Opcode::newobj_ex: {
        const auto all = pop_some(3);
        if (graph_.kind(all[2]) != Kind::dict || !graph_.parts(all[2]).entries.empty())
          damaged("it makes an object with named arguments");
        push(call(all[0], all[1], Kind::creation));
        break;
      }
      case Opcode::build: {
        const Index state = pop();
        const Kind kind = graph_.kind(top());
        if (kind != Kind::call && kind != Kind::creation) damaged("it gives a state to what can have none");
        parts(top()).state = state;
        break;
      }

      case Opcode::binpersid: {
        const Index id = pop();
        if (const auto named = class_of(id)) {
          push(*named);
          break;
        }
        push(empty(Kind::persistent));
        parts(top()).arguments = id;
        break;
      }
      case Opcode::persid: {
        const Index id = text(line());
        push(empty(Kind::persistent));
        parts(top()).arguments = id;
        break;
      }
      default: damaged(fmt::format("the instruction 0x{:02x} is not one that is read", opcode));
    }
    return true;
  }

  /// Before 1.6 PyTorch had the classes of modules outside of the pickle: ("module", class, file, source).
  std::optional<Index> class_of(Index id) const {
    if (graph_.kind(id) != Kind::tuple) return {};
    const auto& items = graph_.parts(id).items;
    if (items.size() < 2 || graph_.kind(items[0]) != Kind::text || graph_.text(items[0]) != "module" ||
        graph_.kind(items[1]) != Kind::global)
      return {};
    return items[1];
  }
  Index integer_line(std::string_view text) {
    if (text == "00") return false_;
    if (text == "01") return true_;
    return decimal(text);
  }
  Index decimal(std::string_view text) {
    if (text.ends_with('L')) text.remove_suffix(1);
    if (text.starts_with('+')) text.remove_prefix(1);
    if (text.size() <= 18) return make(Kind::integer, number_in<int64_t>(text));
    const std::optional<std::string> bytes = text.size() <= most_digits ? integer_bytes(text) : std::nullopt;
    if (!bytes) damaged("expected an integer");
    return long_integer(std::as_bytes(std::span(keep(*bytes))));
  }
  std::string_view checked(std::optional<std::string> text) {
    if (!text) damaged("a text with a wrong escape");
    return keep(std::move(*text));
  }

  PickleGraph& graph_;
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0, begin_ = 0;  // begin_: of the instruction
  std::vector<Index> stack_, memo_;
  std::vector<std::size_t> marks_;
  uint64_t memo_count_ = 0;
  Index none_, false_, true_, empty_tuple_;
};

PickleGraph::PickleGraph(std::span<const std::byte> bytes, std::string operation, std::string place)
    : operation_(std::move(operation)), place_(std::move(place)) {
  PickleMachine(*this, bytes).run();
}

const PickleGraph::Parts& PickleGraph::parts(Index i) const {
  static const Parts none;
  const auto& p = std::get<std::unique_ptr<Parts>>(objects_[i].data);
  return p ? *p : none;
}

}  // namespace tenon::io
