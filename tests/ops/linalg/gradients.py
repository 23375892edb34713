"""PyTorch's gradients, as decompositions_test.cpp has them: python gradients.py"""

import torch

torch.set_default_dtype(torch.float64)
a0 = torch.tensor([[4.0, 1, -2], [1, 3, 0.5], [-2, 0.5, 6]])
w = torch.tensor([[1.0, 2, 3], [4, 5, 6], [7, 8, 10]])


def show(name, f, a=a0):
    a = a.clone().requires_grad_()
    f(a).backward()
    print(name, [float("%.12g" % v) for v in a.grad.flatten().tolist()])


def of_svd(a):
    u, s, vh = torch.linalg.svd(a)
    return (u.square() * w).sum() + (vh.square() * w.T).sum() + (s * w[0]).sum()


show("eigh", lambda a: (torch.linalg.eigh(a)[1].square() * w).sum() + (torch.linalg.eigh(a)[0] * w[0]).sum())
show("cholesky", lambda a: (torch.linalg.cholesky(a) * w).sum())
show("qr", lambda a: (torch.linalg.qr(a)[0] * w).sum() + (torch.linalg.qr(a)[1] * w.T).sum())
show("svd", of_svd, a0 + torch.tensor([[0.0, 1, 0], [0, 0, 2], [0, 0, 0]]))
show("slogdet", lambda a: torch.linalg.slogdet(a)[1])
show("pinv", lambda a: (torch.linalg.pinv(a) * w[:2].T).sum(), a0[:2])
show("lstsq", lambda a: (torch.linalg.lstsq(a, w[:, 0]).solution * w[0, :2]).sum(), a0[:, :2].contiguous())
