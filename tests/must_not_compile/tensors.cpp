// Tensors, their hooks, and what a dict holds.

#ifdef CASE_a_reference_into_a_dict_that_goes  // error: .*cannot bind
void f(optim::SGD& optimizer) { auto& state = optimizer.state_dict()["state"].as<Dict>(); }
#endif

#ifdef CASE_a_reference_to_a_value_that_goes  // error: .*cannot bind
void f() { auto& epoch = tenon::load("checkpoint.pt")["epoch"]; }
#endif

#ifdef CASE_a_reference_into_a_nested_value_that_goes  // error: .*cannot bind
void f() { Value& lr = tenon::load("checkpoint.pt")["optimizer"]["lr"]; }
#endif

#ifdef CASE_what_a_tensors_hook_takes  // error: a hook on a tensor is called with .const Tensor& grad.
void f(const Tensor& x) {
  x.register_hook([] {});
}
#endif

#ifdef CASE_what_a_tensors_hook_gives  // error: a hook on a tensor returns nothing, or a Tensor
void f(const Tensor& x) {
  x.register_hook([](const Tensor& grad) { return grad.size(0); });
}
#endif

#ifdef CASE_habits_of_pytorch  // compiles
void f(const Tensor& x, const nn::Parameter& p, optim::SGD& optimizer) {
  x.register_hook([](const Tensor& grad) { fmt::print("{:.4f}\n", grad.norm()); });
  x.register_hook([](const Tensor& grad) { return grad * 2; });
  std::cout << x << p << x.shape() << x.dtype() << x.device() << '\n';
  double item = x.item().to<double>() + x.item<double>();
  Tensor y = x[Slice(4, None)] + x[Slice(None, None, 2)] + x.index({None, Ellipsis, Slice(None, -1)});
  auto state = optimizer.state_dict()["state"].as<Dict>();
  const auto& groups = optimizer.state_dict()["param_groups"].as<Value::List>();
  const Value& lr = tenon::load("checkpoint.pt")["optimizer"]["lr"];
  for (auto& [key, value] : tenon::load("checkpoint.pt")["model"].as<Dict>()) fmt::print("{}\n", key);
  optim::Adam groups_in_braces({{{x}}, {{p}}}, {.lr = 0.1});
  fmt::print("{:>10} {:.4f}\n", x.shape(), p);
  cat(std::vector{p, p});
  autograd::grad({x}, std::vector{p});
}
#endif
