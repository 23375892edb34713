// Layers that a Sequential does not take.

#ifdef CASE_parentheses  // error: write the layers of a Sequential in braces
void f() { nn::Sequential s(Linear(1, 2), nn::ReLU()); }
#endif

#ifdef CASE_parentheses_around_one  // error: write the layers of a Sequential in braces
void f() { nn::Sequential s(Linear(1, 2)); }
#endif

#ifdef CASE_parentheses_in_a_member  // error: write the layers of a Sequential in braces
struct M : nn::Module<M> {
  nn::Sequential ff;
  M() : ff(Linear(1, 2), Linear(2, 1)) {}
  TENON_MODULE(M, ff)
};
#endif

#ifdef CASE_braces  // compiles
struct M : nn::Module<M> {
  nn::Sequential ff, empty;
  M() : ff{Linear(1, 2), nn::ReLU(), Linear(2, 1)} {}
  TENON_MODULE(M, ff, empty)
};
nn::Sequential g() {
  return {Linear(1, 2), [](const Tensor& x) { return x * 2; }, nn::functional::relu};
}
void f() {
  nn::Sequential one{nn::named("only", nn::ReLU())};
  nn::Sequential copied_in = {nn::ReLU(), nn::ReLU()};
}
#endif

#ifdef CASE_module_of_somebody_else  // error: a Sequential takes its modules over
void f(Linear& a) { nn::Sequential s{a, nn::ReLU()}; }
#endif

#ifdef CASE_number  // error: a layer of a Sequential is a module, or a function of one tensor
void f() { nn::Sequential s{Linear(1, 2), 3}; }
#endif

#ifdef CASE_function_of_two_tensors  // error: a layer of a Sequential is a module, or a function of one tensor
void f() {
  nn::Sequential s{[](const Tensor& x, const Tensor& y) { return x + y; }, nn::ReLU()};
}
#endif

#ifdef CASE_module_of_two_tensors  // error: a layer of a Sequential takes one tensor and gives one
struct M : nn::Module<M> {
  Tensor forward(const Tensor& x, const Tensor& y) { return x + y; }
  TENON_MODULE(M)
};
void f() { nn::Sequential s{Linear(1, 2), M()}; }
#endif
