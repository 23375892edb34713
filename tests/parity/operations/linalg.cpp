// Products of matrices and small linear algebra, as calls.
#include "operations/arguments.h"

namespace tenon::parity {
namespace {

/// Whether the order of a norm is named by a text ("nuc"); a number may be one too ("inf").
bool is_text(const Arguments& a) {
  return a.has(1, "ord") && (a.in_order[1].plain == "fro" || a.in_order[1].plain == "nuc");
}

}  // namespace

void add_linalg(Operations& to) {
  one(to, "matmul", [](const Arguments& a) { return matmul(a.x(), a.x(1)); });
  one(to, "mm", [](const Arguments& a) { return mm(a.x(), a.x(1)); });
  one(to, "bmm", [](const Arguments& a) { return bmm(a.x(), a.x(1)); });
  one(to, "mv", [](const Arguments& a) { return mv(a.x(), a.x(1)); });
  one(to, "dot", [](const Arguments& a) { return dot(a.x(), a.x(1)); });
  one(to, "outer", [](const Arguments& a) { return outer(a.x(), a.x(1)); });
  one(to, "addmm",
      [](const Arguments& a) { return addmm(a.x(), a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1)); });
  one(to, "addmv",
      [](const Arguments& a) { return addmv(a.x(), a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1)); });
  one(to, "baddbmm", [](const Arguments& a) {
    return baddbmm(a.x(), a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  one(to, "einsum", [](const Arguments& a) { return einsum(a.text(0, ""), a.tensors(1)); });
  one(to, "tensordot", [](const Arguments& a) {
    const auto& dims = a.named.at("dims").plain;
    if (dims.is_number()) return tensordot(a.x(), a.x(1), dims.get<int64_t>());
    return tensordot(a.x(), a.x(1), Shape(dims[0].get<std::vector<int64_t>>()),
                     Shape(dims[1].get<std::vector<int64_t>>()));
  });
  one(to, "kron", [](const Arguments& a) { return kron(a.x(), a.x(1)); });
  one(to, "linalg.cross", [](const Arguments& a) { return cross(a.x(), a.x(1), a.i(2, "dim", -1)); });
  one(to, "trace", [](const Arguments& a) { return a.x().trace(); });
  one(to, "cdist", [](const Arguments& a) { return cdist(a.x(), a.x(1), a.d(2, "p", 2)); });
  one(to, "linalg.solve", [](const Arguments& a) { return linalg::solve(a.x(), a.x(1)); });
  one(to, "linalg.inv", [](const Arguments& a) { return linalg::inv(a.x()); });
  one(to, "linalg.pinv", [](const Arguments& a) { return linalg::pinv(a.x()); });
  one(to, "linalg.det", [](const Arguments& a) { return linalg::det(a.x()); });
  one(to, "linalg.svdvals", [](const Arguments& a) { return linalg::svdvals(a.x()); });
  one(to, "linalg.eigvalsh", [](const Arguments& a) { return linalg::eigvalsh(a.x()); });
  one(to, "linalg.matrix_rank", [](const Arguments& a) { return linalg::matrix_rank(a.x()); });
  several(to, "linalg.slogdet", [](const Arguments& a) {
    const linalg::SignAndLogDet r = linalg::slogdet(a.x());
    return std::vector{r.sign, r.logabsdet};
  });
  several(to, "linalg.qr", [](const Arguments& a) {
    const linalg::QR r =
        linalg::qr(a.x(), a.text(1, "mode") == "complete" ? linalg::QRMode::complete : linalg::QRMode::reduced);
    return std::vector{r.q, r.r};
  });
  one(to, "linalg.cholesky", [](const Arguments& a) { return linalg::cholesky(a.x(), a.flag(9, "upper")); });
  one(to, "linalg.solve_triangular", [](const Arguments& a) {
    return linalg::solve_triangular(a.x(), a.x(1), {.upper = a.flag(9, "upper"), .left = a.flag(9, "left", true)});
  });
  one(to, "linalg.matrix_power", [](const Arguments& a) { return linalg::matrix_power(a.x(), a.i(1, "n", 1)); });
  one(to, "linalg.matrix_norm", [](const Arguments& a) {
    if (!a.has(1, "ord")) return linalg::matrix_norm(a.x());
    if (a.in_order[1].plain == "nuc") return linalg::matrix_norm(a.x(), "nuc");
    return linalg::matrix_norm(a.x(), a.d(1, "ord", 2));
  });
  one(to, "linalg.vector_norm",
      [](const Arguments& a) { return linalg::vector_norm(a.x(), a.d(1, "ord", 2), a.dims(2, "dim")); });
  one(to, "linalg.multi_dot", [](const Arguments& a) { return linalg::multi_dot(a.tensors(0)); });
  one(to, "addbmm", [](const Arguments& a) {
    return addbmm(a.x(), a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  one(to, "addr",
      [](const Arguments& a) { return addr(a.x(), a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1)); });
  one(to, "inner", [](const Arguments& a) { return inner(a.x(), a.x(1)); });
  changed(to, "addmm_", [](const Tensor& x, const Arguments& a) {
    x.addmm_(a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  changed(to, "addmv_", [](const Tensor& x, const Arguments& a) {
    x.addmv_(a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  changed(to, "baddbmm_", [](const Tensor& x, const Arguments& a) {
    x.baddbmm_(a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  one(to, "logdet", [](const Arguments& a) { return logdet(a.x()); });
  one(to, "cholesky_solve", [](const Arguments& a) { return cholesky_solve(a.x(), a.x(1), a.flag(2, "upper")); });
  several(to, "linalg.lu", [](const Arguments& a) {
    const linalg::LU r = linalg::lu(a.x());
    return std::vector{r.p, r.l, r.u};
  });
  one(to, "linalg.norm", [](const Arguments& a) {
    const bool keep = a.flag(3, "keepdim");
    return is_text(a) ? linalg::norm(a.x(), a.text(1, "ord"), a.dims(2, "dim"), keep)
                      : linalg::norm(a.x(), a.maybe_d(1, "ord"), a.dims(2, "dim"), keep);
  });
  one(to, "linalg.cond", [](const Arguments& a) {
    return is_text(a) ? linalg::cond(a.x(), a.text(1, "p")) : linalg::cond(a.x(), a.d(1, "p", 2));
  });
  one(to, "linalg.matrix_exp", [](const Arguments& a) { return linalg::matrix_exp(a.x()); });
  one(to, "linalg.vecdot", [](const Arguments& a) { return linalg::vecdot(a.x(), a.x(1), a.i(2, "dim", -1)); });
  changed(to, "addbmm_", [](const Tensor& x, const Arguments& a) {
    x.addbmm_(a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  changed(to, "addr_", [](const Tensor& x, const Arguments& a) {
    x.addr_(a.x(1), a.x(2), a.scalar(9, "beta", 1), a.scalar(9, "alpha", 1));
  });
  one(to, "pdist", [](const Arguments& a) { return pdist(a.x(), a.d(1, "p", 2)); });
  one(to, "vander", [](const Arguments& a) { return vander(a.x(), a.maybe_i(1, "N"), a.flag(2, "increasing")); });
  one(to, "cholesky_inverse", [](const Arguments& a) { return a.x().cholesky_inverse(a.flag(1, "upper")); });
  several(to, "linalg.lu_factor", [](const Arguments& a) {
    const linalg::LUFactor r = linalg::lu_factor(a.x());
    return std::vector{r.lu, r.pivots};
  });
  one(to, "linalg.lu_solve", [](const Arguments& a) {
    return linalg::lu_solve(a.x(), a.x(1), a.x(2), {a.flag(9, "left", true), a.flag(9, "adjoint")});
  });
  several(to, "linalg.cholesky_ex", [](const Arguments& a) {
    const linalg::CholeskyAndInfo r = linalg::cholesky_ex(a.x(), a.flag(9, "upper"));
    return std::vector{r.l, r.info};
  });
  several(to, "linalg.inv_ex", [](const Arguments& a) {
    const linalg::InverseAndInfo r = linalg::inv_ex(a.x());
    return std::vector{r.inverse, r.info};
  });
}

}  // namespace tenon::parity
