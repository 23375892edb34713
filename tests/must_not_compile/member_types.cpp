// Members whose type does not say what they are, or that cannot be kept.

#ifdef CASE_plain_tensor  // error: a plain Tensor member: make it nn::Parameter
struct M : nn::Module<M> {
  Linear a{1, 2};
  Tensor t;
  TENON_MODULE(M, a, t)
};
#endif

#ifdef CASE_vector_of_tensors  // error: a plain Tensor member: make it nn::Parameter
struct M : nn::Module<M> {
  std::vector<Tensor> list;
  TENON_MODULE(M, list)
};
#endif

#ifdef CASE_untracked_tensors  // compiles
struct M : nn::Module<M> {
  nn::Untracked<Tensor> scratch;
  nn::Untracked<std::vector<Tensor>> cache;
  nn::Untracked<Linear*> other{nullptr};
  nn::Untracked<std::unique_ptr<int>> handle;
  TENON_MODULE(M, scratch, cache, other, handle)
};
#endif

#ifdef CASE_pointer_to_a_module  // error: a plain pointer does not own its module or tensor
struct M : nn::Module<M> {
  Linear* a = nullptr;
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_pair_with_a_tensor  // error: may hold modules or tensors that cannot be seen
struct M : nn::Module<M> {
  std::vector<std::pair<std::string, Tensor>> list;
  TENON_MODULE(M, list)
};
#endif

#ifdef CASE_reference_wrapper  // error: may hold modules or tensors that cannot be seen
struct M : nn::Module<M> {
  std::reference_wrapper<Linear> a;
  explicit M(Linear& x) : a(x) {}
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_hash_map  // error: a hash map has no order
struct M : nn::Module<M> {
  std::unordered_map<std::string, Linear> heads;
  TENON_MODULE(M, heads)
};
#endif

#ifdef CASE_struct_of_modules  // error: make the struct a module of its own
struct Heads {
  Linear a{1, 2}, b{1, 2};
};
struct M : nn::Module<M> {
  Heads heads;
  TENON_MODULE(M, heads)
};
#endif

#ifdef CASE_const_module  // error: a const member cannot be trained or loaded
struct M : nn::Module<M> {
  const Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_containers_of_modules  // compiles
struct M : nn::Module<M> {
  std::vector<Linear> list;
  std::array<Linear, 2> pair{Linear(1, 2), Linear(2, 1)};
  Linear plain_array[2] = {Linear(1, 2), Linear(2, 1)};
  std::map<std::string, Linear> named;
  std::optional<Linear> maybe;
  std::unique_ptr<nn::ModuleBase> any;
  std::vector<std::unique_ptr<Linear>> pointers;
  std::vector<nn::Parameter> parameters;
  nn::Shared<Linear> shared;
  nn::AnyModule replaceable;
  std::vector<int> sizes;
  int dims[3] = {1, 2, 3};
  const int64_t n = 3;
  TENON_MODULE(M, list, pair, plain_array, named, maybe, any, pointers, parameters, shared, replaceable, sizes, dims, n)
};
void f() {
  M m;
  M moved(std::move(m));
}
#endif

#ifdef CASE_assigning_a_tensor_to_a_parameter  // error: assign nn::Parameter.tensor
void f(Linear& linear, const Tensor& x) { linear.weight = x; }
#endif

#ifdef CASE_assigning_to_parameters_and_buffers  // compiles
void f(Linear& a, Linear& b, nn::Buffer& buffer, const Tensor& x) {
  a.weight = b.weight;
  a.bias = {};
  a.weight = nn::Parameter(x);
  buffer = x;
}
#endif
