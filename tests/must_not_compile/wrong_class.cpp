// A class that is not set up as a module is.

#ifdef CASE_no_list_and_not_used  // compiles
struct M : nn::Module<M> {
  Linear a{1, 2};
};
#endif

#ifdef CASE_no_list  // error: this class has no TENON_MODULE
struct M : nn::Module<M> {
  Linear a{1, 2};
};
void f() { M m; }
#endif

#ifdef CASE_no_list_but_a_constructor  // error: this class has no TENON_MODULE
struct M : nn::Module<M> {
  Linear a{1, 2};
  explicit M(int) {}
};
#endif

#ifdef CASE_no_list_and_in_a_container  // error: this class has no TENON_MODULE
struct M : nn::Module<M> {
  Linear a{1, 2};
};
void f() {
  std::vector<M> list;
  list.emplace_back();
}
#endif

// A module is a member of another, not its base.
#ifdef CASE_derived_with_a_list  // error: with that very name and public
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct B : A {
  Linear b{1, 2};
  TENON_MODULE(B, b)
};
#endif

#ifdef CASE_derived_with_an_empty_list  // error: with that very name and public
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct B : A {
  TENON_MODULE(B)
};
#endif

#ifdef CASE_derived_without_a_list_as_a_member  // error: inherits its base's TENON_MODULE
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct B : A {
  Linear b{1, 2};
};
struct C : nn::Module<C> {
  B b;
  TENON_MODULE(C, b)
};
#endif

#ifdef CASE_derived_without_a_list_in_a_vector  // error: inherits its base's TENON_MODULE
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct B : A {
  Linear b{1, 2};
};
struct C : nn::Module<C> {
  std::vector<B> list;
  TENON_MODULE(C, list)
};
#endif

#ifdef CASE_derived_without_a_list_in_a_sequential  // error: inherits its base's TENON_MODULE
struct A : nn::Module<A> {
  Linear a{1, 2};
  Tensor forward(const Tensor& x) { return a(x); }
  TENON_MODULE(A, a)
};
struct B : A {};
void f() { nn::Sequential s{B()}; }
#endif

#ifdef CASE_derived_without_a_list  // compiles
// Only the first walk over such a module can know; it throws (module_test.cpp).
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct B : A {
  Linear b{1, 2};
};
void f() { B b; }
#endif

#ifdef CASE_base_of_another_class  // error: with that very name and public
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct M : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_list_of_another_class  // error: the first argument is the class it stands in
struct A : nn::Module<A> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
struct M : nn::Module<M> {
  Linear a{1, 2};
  TENON_MODULE(A, a)
};
#endif

#ifdef CASE_private_base  // error: with that very name and public
class M : nn::Module<M> {
  Linear a{1, 2};
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_destructor_that_prevents_moving  // error: cannot be moved
struct M : nn::Module<M> {
  Linear a{1, 2};
  ~M() override {}
  TENON_MODULE(M, a)
};
#endif

#ifdef CASE_final_class  // compiles
struct M final : nn::Module<M> {
  Linear a{1, 2};
  Tensor forward(const Tensor& x) { return a(x); }
  TENON_MODULE(M, a)
};
void f() {
  M m;
  m(tenon::zeros({1}));
}
#endif

#ifdef CASE_local_and_nested_classes  // compiles
void f() {
  struct Local : nn::Module<Local> {
    Linear a{1, 2};
    TENON_MODULE(Local, a)
  };
  struct Outer {
    struct Inner : nn::Module<Inner> {
      Linear a{1, 2};
      TENON_MODULE(Inner, a)
    };
  };
  Local local;
  Outer::Inner inner;
  fmt::print("{} {}", local, inner);
}
#endif
