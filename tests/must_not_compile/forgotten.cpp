// A data member that the list leaves out does not compile, wherever it hides, even in a class that nobody uses.

#ifdef CASE_first_member  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2}, b{1, 2}, c{1, 2};
  TENON_MODULE(M, b, c)
};
#endif

#ifdef CASE_middle_member  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2}, b{1, 2}, c{1, 2};
  TENON_MODULE(M, a, c)
};
#endif

#ifdef CASE_last_member  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2}, b{1, 2}, c{1, 2};
  TENON_MODULE(M, a, b)
};
#endif

#ifdef CASE_plain_value  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2};
  double dropout = 0.1;
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_in_padding  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  bool listed = false;
  bool hidden = false;
  int32_t hidden_too = 0;
  Linear a{1, 2};
  TENON_MODULE(M, listed, a)
};
#endif

#ifdef CASE_without_a_size  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  struct Empty {};
  Linear a{1, 2};
  [[no_unique_address]] Empty hidden;
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_reference  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear& a;
  explicit M(Linear& x) : a(x) {}
  TENON_MODULE(M)
};
#endif

#ifdef CASE_bit_field  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  unsigned flag : 3 = 0;
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_constant  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  const bool flag = true;
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_anonymous_union  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2};
  union {
    int i;
    float f;
  };
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_private_member  // error: TENON_MODULE_must_list_every_data_member
class M : public nn::Module<M> {
  Linear a{1, 2};
  Linear hidden{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_in_a_local_class  // error: TENON_MODULE_must_list_every_data_member
void f() {
  struct M : nn::Module<M> {
    Linear a{1, 2};
    bool hidden = true;
    TENON_MODULE(M, a)
  };
}
#endif

#ifdef CASE_in_an_unnamed_namespace  // error: TENON_MODULE_must_list_every_data_member
namespace {
struct M : nn::Module<M> {
  Linear a{1, 2};
  bool hidden = true;
  TENON_MODULE(M, a)
};
}  // namespace
#endif

#ifdef CASE_in_a_nested_class  // error: TENON_MODULE_must_list_every_data_member
struct Outer {
  struct M : nn::Module<M> {
    Linear a{1, 2};
    bool hidden = true;
    TENON_MODULE(M, a)
  };
};
#endif

#ifdef CASE_in_a_template_that_is_used  // error: TENON_MODULE_must_list_every_data_member
template <class A>
struct M : nn::Module<M<A>> {
  A a{1, 2};
  bool hidden = true;
  TENON_MODULE(M, a)
};
void f() { M<Linear> m; }
#endif

#ifdef CASE_in_a_template_that_is_not_used  // compiles
template <class A>
struct M : nn::Module<M<A>> {
  A a{1, 2};
  bool hidden = true;
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_in_a_second_base  // error: TENON_MODULE_must_list_every_data_member
struct Settings {
  int n = 0;
};
struct M : nn::Module<M>, Settings {
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif
