// A checkpoint with an object of a class that only its author's Python has: refused, until the program says what
// becomes of it. The class itself is never looked for, and nothing in the file is executed.
#include <string>

#include <tenon/tenon.h>

using namespace tenon;

int main() {
  const char* file = EXAMPLES_DIR "/data/foreign_config.pt";
  try {
    tenon::load(file);
  } catch (const tenon::Error& error) {
    const std::string text = error.what();
    fmt::print("refused: {}\n", text.find("my.module.Config") != text.npos ? "my.module.Config" : text);
  }
  {
    const auto builder = [](const Opaque& object) {
      return object.state.at(0);
    };  // what the object's attributes were, as a dict
    auto scope = tenon::io::allow("my.module.Config", builder);
    const Value checkpoint = tenon::load(file);
    fmt::print("{}\n", checkpoint["config"]);
    fmt::print("{}\n", checkpoint["weight"].as<Tensor>());
  }
  try {
    tenon::load(file);
  } catch (const tenon::Error&) {
    fmt::print("refused again\n");
  }
}
