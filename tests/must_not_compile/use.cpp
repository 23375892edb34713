// Using a module as it is not meant to be.

#ifdef CASE_copy  // error: a module is moved, not copied
struct M : nn::Module<M> {
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
void f(M& m) { auto n = m; }
#endif

#ifdef CASE_copy_assignment  // error: a module is moved, not copied
void f(Linear& a, Linear& b) { a = b; }
#endif

#ifdef CASE_passing_a_copy  // error: a module is moved, not copied
void g(Linear);
void f(Linear& a) { g(a); }
#endif

#ifdef CASE_registering_a_module_of_somebody_else  // error: a module takes its parts over
void f(Linear& a, nn::Sequential& s) { s.register_module("a", a); }
#endif

#ifdef CASE_putting_in_a_module_of_somebody_else  // error: a module takes its parts over
void f(Linear& a, nn::Sequential& s) { s.set_submodule("0", a); }
#endif

#ifdef CASE_changing_a_live_model  // compiles
void f(nn::Sequential& s, Linear& a) {
  Linear& x = s.register_module("x", Linear(1, 2));
  s.register_module("y", std::make_shared<Linear>(1, 2));
  s.register_module("z", nn::Shared<Linear>(Linear(1, 2)));
  s.set_submodule("0", std::move(x));
  s.replace_module("0", std::move(a));
  auto copy = s.clone();
}
#endif

#ifdef CASE_forward_of_a_layer  // error: protected
void f(Linear& a) { a.forward(tenon::zeros({1})); }
#endif

#ifdef CASE_wrong_arguments  // error: this module's forward.. does not take these arguments
void f(Linear& a) { a(3, "x"); }
#endif

#ifdef CASE_too_few_arguments  // error: this module's forward.. does not take these arguments
struct M : nn::Module<M> {
  Tensor forward(const Tensor& x, const Tensor& y) { return x + y; }
  TENON_MODULE(M)
};
void f(M& m, const Tensor& x) { m(x); }
#endif

#ifdef CASE_wrong_arguments_of_an_overloaded_forward  // error: this module's forward.. does not take these arguments
struct M : nn::Module<M> {
  Tensor forward(const Tensor& x) { return x; }
  Tensor forward(const Tensor& x, int) { return x; }
  TENON_MODULE(M)
};
void f(M& m) { m("x", 3); }
#endif

#ifdef CASE_no_forward  // error: this module's forward.. does not take these arguments
struct M : nn::Module<M> {
  TENON_MODULE(M)
};
void f(M& m, const Tensor& x) { m(x); }
#endif

#ifdef CASE_braces_as_an_argument  // compiles
struct Options {
  double scale = 1;
  Tensor mask = {};
};
struct M : nn::Module<M> {
  Tensor forward(Tensor x, const Options& options = {}) { return x * options.scale; }
  TENON_MODULE(M)
};
void f(M& m, const Tensor& x) {
  m(x);
  m(x, {});
  m(x, {.mask = x});
  m({}, {.scale = 2});
}
#endif

#ifdef CASE_any_forward  // compiles
struct Generic : nn::Module<Generic> {
  template <class... T>
  Tensor forward(const T&... x) {
    return (x + ...);
  }
  TENON_MODULE(Generic)
};
class Private : public nn::Module<Private> {
  std::pair<Tensor, int> forward(std::unique_ptr<int> p, const std::string&, std::vector<Tensor>& v) const noexcept {
    return {v[0], *p};
  }
  TENON_MODULE(Private)
};
struct NineArguments : nn::Module<NineArguments> {
  int forward(int a, int, int, int, int, int, int, int, int) { return a; }
  TENON_MODULE(NineArguments)
};
struct Deduced : nn::Module<Deduced> {
  auto forward(const Tensor& x) { return std::tuple(x, x); }
  TENON_MODULE(Deduced)
};
void f(Generic& generic, Private& p, NineArguments& nine, Deduced& deduced, Tensor& x, std::vector<Tensor>& v) {
  generic(x, x, x);
  p(std::make_unique<int>(3), "text", v).first.numel();
  nine(1, 2, 3, 4, 5, 6, 7, 8, 9);
  auto [a, b] = deduced(x);
  a + b;
}
#endif

#ifdef CASE_a_const_model_whose_forward_is_not  // error: this module is const, and its forward.. is not
struct M : nn::Module<M> {
  Tensor forward(const Tensor& x) { return x; }
  TENON_MODULE(M)
};
void f(const M& m, const Tensor& x) { m(x); }
#endif

#ifdef CASE_a_const_model_whose_generic_forward_is_not  // error: this module is const, and its forward.. is not
struct M : nn::Module<M> {
  Tensor forward(const auto& x) { return x; }
  TENON_MODULE(M)
};
void f(const M& m, const Tensor& x) { m(x); }
#endif

#ifdef CASE_a_const_model  // compiles
struct M : nn::Module<M> {
  Linear a{2, 2};
  nn::Sequential b{nn::ReLU(), nn::GELU(), nn::Dropout(0.5), nn::LayerNorm(2)};
  nn::MultiheadAttention c{2, 1};
  nn::CrossEntropyLoss d;
  Tensor forward(const Tensor& x, const Tensor& y = {}) const {
    return d(c(b(a(x)), x, x, {.attn_mask = y}).output, y);
  }
  TENON_MODULE(M, a, b, c, d)
};
struct Generic : nn::Module<Generic> {
  Tensor forward(const auto&... x) const { return (x + ...); }
  TENON_MODULE(Generic)
};
void f(const M& m, const Generic& generic, const Tensor& x) {
  m(x);
  m(x, {});
  generic(x, x);
}
#endif
