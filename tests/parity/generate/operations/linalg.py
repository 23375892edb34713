"""Products of matrices and small linear algebra."""

import torch

from .cases import Family, apart, definite, real

family = Family()
add = family.add

for shapes in [
    ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((3, 4), (4, 2)), ((2, 3, 4), (4,)), ((4,), (2, 4, 3)), ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)), ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((3, 0), (0, 2)), ((0, 3), (3, 2)), ((2, 3, 0), (2, 0, 4)),
]:  # fmt: skip
    add("matmul", real(*shapes[0]), real(*shapes[1]))
add("mm", real(3, 4), real(4, 2))
add("bmm", real(2, 3, 4), real(2, 4, 5))
add("mv", real(3, 4), real(4))
add("dot", real(4), real(4))
add("outer", real(3), real(4))
add("addmm", real(3, 2), real(3, 4), real(4, 2))
add("addmm", real(2), real(3, 4), real(4, 2), beta=2, alpha=3)
add("addmv", real(3), real(3, 4), real(4))
add("addmv", real(3), real(3, 4), real(4), beta=2, alpha=-1)
add("baddbmm", real(2, 3, 5), real(2, 3, 4), real(2, 4, 5))
add("baddbmm", real(3, 5), real(2, 3, 4), real(2, 4, 5), beta=3, alpha=2)
for equation, shapes in [
    ("ij,jk->ik", ((3, 4), (4, 2))), ("bij,bjk->bik", ((2, 3, 4), (2, 4, 5))), ("i,j->ij", ((3,), (4,))), ("ij->ji", ((3, 4),)),
    ("ii->i", ((3, 3),)), ("ii", ((3, 3),)), ("ij->", ((3, 4),)), ("...ij,...jk->...ik", ((2, 1, 3, 4), (5, 4, 2))), ("ij,ij->ij", ((3, 4), (3, 4))),
    ("bhqd,bhkd->bhqk", ((2, 2, 3, 4), (2, 2, 5, 4))), ("i,ij,j->", ((3,), (3, 4), (4,))), ("ijk,kl", ((2, 3, 4), (4, 2))), ("ij,jk,kl->il", ((2, 3), (3, 4), (4, 2))),
    ("...i->...", ((2, 3, 4),)), ("ij,kj->", ((1, 3), (4, 3))),
]:  # fmt: skip
    add("einsum", equation, *[real(*s) for s in shapes])
add("tensordot", real(3, 4), real(4, 2), dims=1)
add("tensordot", real(2, 3, 4), real(4, 3, 5), dims=([1, 2], [1, 0]))
add("kron", real(2, 3), real(3, 2))
add("kron", real(2), real(2, 3))
add("linalg.cross", real(4, 3), real(4, 3))
add("linalg.cross", real(3, 4), real(3, 4), dim=0)
add("trace", real(3, 4))
add("cdist", real(3, 4), real(5, 4))
add("cdist", real(2, 3, 4), real(2, 5, 4), p=1)
add("cdist", real(3, 4), real(5, 4), p=3)

add("linalg.solve", real(3, 3), real(3, 2))
add("linalg.solve", real(2, 3, 3), real(2, 3))
add("linalg.inv", real(3, 3))
add("linalg.inv", real(2, 3, 3))
add("linalg.pinv", real(4, 3))
add("linalg.det", real(3, 3))
add("linalg.det", real(2, 3, 3))
add("linalg.slogdet", real(3, 3))
add("linalg.qr", real(4, 3))
add("linalg.qr", real(2, 3, 3), mode="complete")
add("linalg.qr", real(3, 4))
add("linalg.svdvals", real(4, 3))
add("linalg.svdvals", real(2, 3, 3))
add("linalg.cholesky", definite(n=3))
add("linalg.cholesky", definite(2, n=3), upper=True)
add("linalg.eigvalsh", definite(n=3))
add("linalg.solve_triangular", real(3, 3).tril() + 2 * torch.eye(3, dtype=torch.float64), real(3, 2), upper=False)
add(
    "linalg.solve_triangular",
    real(3, 3).triu() + 2 * torch.eye(3, dtype=torch.float64),
    real(2, 3),
    upper=True,
    left=False,
)
add("linalg.matrix_power", real(3, 3), 3)
add("linalg.matrix_power", real(3, 3), 0)
add("linalg.matrix_power", real(3, 3), -2)
add("linalg.matrix_rank", definite(n=3))
add("linalg.matrix_norm", real(3, 4))
for order in ("nuc", 1, -1, 2, -2, float("inf"), float("-inf")):
    add("linalg.matrix_norm", real(3, 4), order)
for order in (2, 1, 3, 0, float("inf")):
    add("linalg.vector_norm", real(3, 4), order, [1])
add("linalg.multi_dot", [real(3, 4), real(4, 2), real(2, 5)])

add("addbmm", real(3, 5), real(2, 3, 4), real(2, 4, 5))
add("addbmm", real(5), real(2, 3, 4), real(2, 4, 5), beta=3, alpha=2)
add("addr", real(3, 4), real(3), real(4))
add("addr", real(4), real(3), real(4), beta=2, alpha=3)
add("inner", real(2, 3, 4), real(5, 4))
add("inner", real(4), real(4))
add("inner", real(3, 4), real())
add("addmm_", real(3, 2), real(3, 4), real(4, 2), beta=2, alpha=3)
add("addmv_", real(3), real(3, 4), real(4))
add("baddbmm_", real(2, 3, 5), real(2, 3, 4), real(2, 4, 5))
add("logdet", definite(n=3))
add("logdet", torch.stack([definite(n=3), -definite(n=3)]))
add("cholesky_solve", real(3, 2), torch.linalg.cholesky(definite(n=3)))
add("cholesky_solve", real(2, 3, 2), torch.linalg.cholesky(definite(2, n=3)).mT, upper=True)
for shape in ((3, 3), (2, 3, 5), (5, 3), (2, 2, 4, 3)):
    add("linalg.lu", real(*shape))
add("linalg.norm", real(2, 3, 4))
add("linalg.norm", real(3, 4), 1)
add("linalg.norm", real(4), 3)
add("linalg.norm", real(3, 4), float("inf"), 0, keepdim=True)
add("linalg.norm", real(3, 2, 4), 1, [0, 2], keepdim=True)
add("linalg.norm", real(3, 2, 4), "nuc", [2, 0])
add("linalg.norm", real(3, 4), "fro")
add("linalg.cond", real(3, 3))
add("linalg.cond", real(4, 3), -2)
for order in ("fro", "nuc", 1, -1, float("inf")):
    add("linalg.cond", real(2, 3, 3), order)
add("linalg.cond", torch.stack([torch.eye(2, dtype=torch.float64), torch.ones(2, 2, dtype=torch.float64)]), 1)
add("linalg.matrix_exp", real(3, 3))
add("linalg.matrix_exp", real(2, 4, 4, scale=3))
add("linalg.matrix_exp", torch.zeros(2, 2, dtype=torch.float64))
add("linalg.vecdot", real(3, 4), real(4))
add("linalg.vecdot", real(3, 4), real(3, 4), dim=0)

with apart(5):
    add("addbmm_", real(3, 5), real(2, 3, 4), real(2, 4, 5), beta=2, alpha=3)
    add("addr_", real(3, 4), real(3), real(4), beta=2)
    for p in (2, 1, 0, 3.5, float("inf")):
        add("pdist", real(5, 3), p)
    add("pdist", real(1, 3))
    add("pdist", real(3, 0))
    add("vander", real(4))
    add("vander", real(4), 3, increasing=True)
    add("vander", real(4), 1)
    add("vander", real(4), 0)
    add("cholesky_inverse", torch.linalg.cholesky(definite(n=3)))
    add("cholesky_inverse", torch.linalg.cholesky(definite(2, n=3)).mT, upper=True)
    for shape in ((3, 3), (2, 3, 5), (5, 3), (2, 2, 4, 4)):
        add("linalg.lu_factor", real(*shape))
    for left, adjoint in ((True, False), (True, True), (False, False), (False, True)):
        lu, pivots = torch.linalg.lu_factor(real(2, 3, 3))
        add("linalg.lu_solve", lu, pivots, real(3, 2) if left else real(2, 3), left=left, adjoint=adjoint)
    add("linalg.cholesky_ex", definite(2, n=3))
    add("linalg.cholesky_ex", definite(n=3), upper=True)
    add("linalg.inv_ex", real(2, 3, 3))
