// A list that is not what the class holds.

#ifdef CASE_listed_twice  // error: TENON_MODULE_has_two_members_with_the_same_key
struct M : nn::Module<M> {
  Linear a{1, 2}, b{1, 2};
  TENON_MODULE(M, a, a)
};
#endif

#ifdef CASE_wrong_order  // error: list the members in the order of their declaration
struct M : nn::Module<M> {
  Linear a{1, 2};
  nn::ReLU b;
  TENON_MODULE(M, b, a)
};
#endif

#ifdef CASE_list_before_the_members  // error: in the order of their declaration, and let it follow them
struct M : nn::Module<M> {
  TENON_MODULE(M, a, b)
  Linear a{1, 2};
  nn::ReLU b;
};
#endif

#ifdef CASE_misspelt  // error: fcl
struct M : nn::Module<M> {
  Linear fc1{1, 2};
  TENON_MODULE(M, fcl)
};
#endif

#ifdef CASE_static_member  // error: TENON_MODULE_must_list_every_data_member
struct M : nn::Module<M> {
  Linear a{1, 2};
  static inline int n = 0;
  TENON_MODULE(M, a, n)
};
#endif

#ifdef CASE_listed_bit_field  // error: bit-field
struct M : nn::Module<M> {
  unsigned flag : 3 = 0;
  Linear a{1, 2};
  TENON_MODULE(M, flag, a)
};
#endif

#ifdef CASE_key_with_a_dot  // error: TENON_AS_needs_a_key_that_is_a_name_without_a_dot
struct M : nn::Module<M> {
  Linear a{1, 2};
  TENON_MODULE(M, TENON_AS(a, "encoder.a"))
};
#endif

#ifdef CASE_key_that_is_empty  // error: TENON_AS_needs_a_key_that_is_a_name_without_a_dot
struct M : nn::Module<M> {
  Linear a{1, 2};
  TENON_MODULE(M, TENON_AS(a, ""))
};
#endif

#ifdef CASE_key_that_is_taken  // error: TENON_MODULE_has_two_members_with_the_same_key
struct M : nn::Module<M> {
  Linear a{1, 2}, b{1, 2};
  TENON_MODULE(M, a, TENON_AS(b, "a"))
};
#endif
