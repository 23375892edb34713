#include <tenon/tenon.h>

tenon::Tensor twice(const tenon::Tensor& x) { return x * 2; }
