// Where in a model an error comes from: found while it is on its way up, so that a call that succeeds pays nothing.
#include <tenon/nn/module_base.h>

namespace tenon {

void Error::leaves(nn::ModuleBase& module) noexcept {
  if (module_ == &module) return;  // it calls itself
  try {
    // Between the two may stand containers, which are not called.
    std::string way;
    if (module_)
      for (const nn::NamedModule& below : module.named_modules())
        if (&below.module == module_) way = below.name;
    if (way.empty()) {  // the first module on the way, or one that was called and is no part of this one
      path_.clear();
      class_ = module.type_name();
      text_.clear();
    } else {
      path_ = path_.empty() ? way : way + "." + path_;
      // The class need not be said twice.
      const std::size_t said = operation_ == class_ ? operation_.size() + std::string_view("[] ").size() : 0;
      text_ = fmt::format("{} ({}): {}", path_, class_, std::runtime_error::what() + said);
    }
    module_ = &module;
  } catch (...) {  // there is no memory to say more
  }
}

}  // namespace tenon
