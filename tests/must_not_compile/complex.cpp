// What would need complex numbers says so.

#ifdef CASE_eig  // error: .*has complex results
void f(const Tensor& a) { linalg::eig(a); }
#endif

#ifdef CASE_eigvals  // error: .*has complex results
void f(const Tensor& a) { linalg::eigvals(a); }
#endif
