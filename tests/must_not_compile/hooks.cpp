// Functions that cannot be hooks.

#ifdef CASE_forward_hook_of_one_list  // error: this hook is called with .nn::ModuleBase&, nn::Tensors, nn::Tensors.
void f(Linear& a) {
  a.register_forward_hook([](nn::ModuleBase&, nn::Tensors) {});
}
#endif

#ifdef CASE_pre_hook_of_two_lists  // error: this hook is called with .nn::ModuleBase&, nn::Tensors.
void f(Linear& a) {
  a.register_forward_pre_hook([](nn::ModuleBase&, nn::Tensors, nn::Tensors) {});
}
#endif

#ifdef CASE_hook_that_returns_a_number  // error: a hook returns nothing, a Tensor, or a std::vector<Tensor>
void f(Linear& a) {
  a.register_forward_hook([](nn::ModuleBase&, nn::Tensors, nn::Tensors) { return 3; });
}
#endif

#ifdef CASE_always_call_of_a_pre_hook  // error: (cannot convert|field designator)
void f(Linear& a) {
  a.register_forward_pre_hook([](nn::ModuleBase&, nn::Tensors) {}, {.always_call = true});
}
#endif

#ifdef CASE_all_kinds  // compiles
struct Hook {
  void operator()(nn::ModuleBase&, nn::Tensors) {}
};
void free_function(nn::ModuleBase&, nn::Tensors, nn::Tensors) {}
void f(Linear& a, std::unique_ptr<int> only_moved) {
  a.register_forward_pre_hook(Hook());
  a.register_forward_hook(free_function, {.prepend = true, .always_call = true});
  a.register_forward_hook(
      [p = std::move(only_moved)](nn::ModuleBase&, nn::Tensors, nn::Tensors out) { return out[0] * *p; });
  a.register_full_backward_hook([](auto&&...) { return std::vector<Tensor>{}; });
  a.register_full_backward_pre_hook(
      [](nn::ModuleBase& m, nn::Tensors grad_output) { fmt::print("{} {}", m, grad_output.size()); });
  nn::register_module_forward_hook([](nn::ModuleBase&, nn::Tensors, nn::Tensors) {}, {.always_call = true});
}
#endif
