// Value::to_string: Python's repr.
#include <cmath>

#include <fmt/format.h>

#include <tenon/print.h>
#include <tenon/value.h>

namespace tenon {
namespace {

/// Python's rule: double quotes where that saves an escape. `is_text`: bytes beyond ASCII are letters, otherwise they
/// are escaped.
std::string quote(std::string_view s, bool is_text) {
  const char mark = s.find('\'') != s.npos && s.find('"') == s.npos ? '"' : '\'';
  std::string out(1, mark);
  for (const char c : s) {
    const auto code = static_cast<unsigned char>(c);
    if (c == mark || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (c == '\t') out += "\\t";
    else if (code < 0x20 || code == 0x7F || (code >= 0x80 && !is_text)) out += fmt::format("\\x{:02x}", code);
    else out += c;
  }
  return out + mark;
}

/// Python's repr of a float: the shortest text that reads back, always with a point or an exponent.
std::string float_text(double d) {
  if (std::isnan(d)) return "nan";
  std::string s = fmt::format("{}", d);
  if (s.find_first_of(".en") == std::string::npos) s += ".0";  // n: inf
  return s;
}
/// A part of a complex number is written without a needless ".0".
std::string part_text(double d) {
  std::string s = float_text(d);
  return s.ends_with(".0") ? s.substr(0, s.size() - 2) : s;
}
std::string complex_text(std::complex<double> c) {
  const std::string imaginary = part_text(c.imag()) + "j";
  if (c.real() == 0 && !std::signbit(c.real())) return imaginary;
  return fmt::format("({}{}{})", part_text(c.real()), imaginary.front() == '-' ? "" : "+", imaginary);
}

std::string tensor_text(const Tensor& x) { return x.defined() ? tenon::to_string(x) : "tensor(undefined)"; }

class Repr {
 public:
  void value(const Value& v) {
    if (v.is<bool>()) out_ += v.as<bool>() ? "True" : "False";
    else if (v.is<int64_t>()) out_ += fmt::to_string(v.as<int64_t>());
    else if (v.is<double>()) out_ += float_text(v.as<double>());
    else if (v.is<std::string>()) out_ += quote(v.as<std::string>(), true);
    else if (v.is<nn::Parameter>()) out_ += "Parameter containing:\n" + tensor_text(v.as<Tensor>());
    else if (v.is<Tensor>()) out_ += tensor_text(v.as<Tensor>());
    else if (v.is<std::complex<double>>()) out_ += complex_text(v.as<std::complex<double>>());
    else if (v.is<DType>()) out_ += fmt::format("torch.{}", v.as<DType>());
    else if (v.is<Device>()) device(v.as<Device>());
    else if (v.is<Shape>()) out_ += fmt::format("torch.Size({})", v.as<Shape>());
    else if (v.is<Bytes>()) (out_ += 'b') += quote(v.as<Bytes>().data, false);
    else if (v.is<BigInt>()) out_ += v.as<BigInt>().to_string();
    else if (!v.is_none()) container(v);
    else out_ += "None";
  }
  std::string take() { return std::move(out_); }

 private:
  void container(const Value& v) {
    const detail::Level level;
    if (v.is<Dict>()) dict(v.as<Dict>());
    else if (v.is<Value::List>()) list("[", v.as<Value::List>(), "]");
    else if (v.is<Tuple>()) list("(", v.as<Tuple>().items, v.size() == 1 ? ",)" : ")");
    else if (v.is<Set>() && v.size() == 0) out_ += "set()";
    else if (v.is<Set>()) list("{", v.as<Set>().items, "}");
    else opaque(v.as<Opaque>());
  }
  void list(std::string_view open, const Value::List& items, std::string_view close) {
    out_ += open;
    std::string_view separator = "";
    for (const Value& v : items) {
      out_ += std::exchange(separator, ", ");
      value(v);
    }
    out_ += close;
  }
  void dict(const Dict& d) {
    out_ += "{";
    std::string_view separator = "";
    for (const auto& [key, v] : d) {
      (out_ += std::exchange(separator, ", ")) += key.quoted() + ": ";
      value(v);
    }
    out_ += "}";
  }
  void device(const Device& d) {
    const std::string text = d.to_string();
    const auto colon = text.find(':');
    out_ += colon == text.npos
                ? fmt::format("device(type='{}')", text)
                : fmt::format("device(type='{}', index={})", text.substr(0, colon), text.substr(colon + 1));
  }
  void opaque(const Opaque& o) {
    out_ += "<" + o.full_name();
    if (o.made != Opaque::Made::not_called) list("(", o.arguments, ")");
    out_ += ">";
  }

  std::string out_;
};

}  // namespace

std::string Value::to_string() const {
  Repr repr;
  repr.value(*this);
  return repr.take();
}

}  // namespace tenon
