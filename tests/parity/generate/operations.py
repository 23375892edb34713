"""What PyTorch's operations answer: results in every data type, and gradients in float64.

usage: operations.py OUT_DIR [FAMILY...]
"""

import argparse
import warnings

import torch

from common import Bundle
from operations import cases, elementwise, index, linalg, reduce, shape, special

FAMILIES = {
    "elementwise": elementwise,
    "shape": shape,
    "index": index,
    "reduce": reduce,
    "linalg": linalg,
    "special": special,
}


def short(dtype):
    return str(dtype).removeprefix("torch.")


def mapped(f, x):
    """Every tensor in nested lists and dictionaries replaced by f(tensor)."""
    if isinstance(x, torch.Tensor):
        return f(x)
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(f, y) for y in x)
    if isinstance(x, dict):
        return {k: mapped(f, y) for k, y in x.items()}
    return x


def results(y):
    """What a call gave, as a list of tensors."""
    if isinstance(y, torch.Tensor):
        return [y]
    if isinstance(y, (list, tuple)):
        return [z for part in y for z in results(part)]
    return []


def direction(y):
    """The gradient that is sent back through an output."""
    return torch.sin(torch.arange(y.numel(), dtype=torch.float64) + 1).reshape(y.shape)


def call(name, arguments, named):
    if name.endswith("_"):  # in place: on a copy, so that a leaf can be changed
        arguments = [arguments[0].clone(), *arguments[1:]]
    return results(cases.function(name)(*arguments, **named))


class Case:
    def __init__(self, bundle, number, name, arguments, named):
        self.bundle, self.key = bundle, f"{number}.{name}"
        self.name, self.arguments, self.named = name, arguments, named
        self.description = {
            "op": name,
            "arguments": bundle.encode(f"{self.key}.in", arguments),
            "named": bundle.encode(f"{self.key}.in", named),
            "types": {},
        }

    def ask(self, dtype):
        """None where PyTorch has no such operation on that type."""
        given = mapped(lambda x: cases.converted(x, dtype), [self.arguments, self.named])
        try:
            answer = call(self.name, *given)
            if self.name in cases.ROUNDS_EACH_STEP and dtype.itemsize == 2 and dtype.is_floating_point:
                answer = [y.to(dtype) for y in call(self.name, *mapped(lambda x: x.float(), given))]
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            self.refusal = error
            return None
        if self.name in cases.CHOOSES_AMONG_EQUALS and not dtype.is_floating_point:
            answer = answer[:1]  # numbers that are equal: which of them is not said
        return [self.bundle.put(f"{self.key}.{short(dtype)}.{i}", y) for i, y in enumerate(answer)]

    def ask_gradients(self):
        leaves = []

        def leaf(x):
            if x.dtype != torch.float64:
                return x
            leaves.append(x.clone().requires_grad_())
            return leaves[-1]

        given = mapped(leaf, [self.arguments, self.named])
        try:
            outputs = [y for y in call(self.name, *given) if y.requires_grad and y.dtype == torch.float64]
            if not outputs or not leaves:
                return
            total = sum((y * direction(y)).sum() for y in outputs)
            gradients = torch.autograd.grad(total, leaves, allow_unused=True, retain_graph=True)
        except (RuntimeError, TypeError, ValueError, IndexError):
            return  # PyTorch has none
        if self.name in cases.READS_A_TRIANGLE:
            gradients, at = list(gradients), cases.READS_A_TRIANGLE[self.name]
            gradients[at] = gradients[at].triu() if self.named.get("upper") else gradients[at].tril()
        self.description["gradients"] = [
            None if g is None else self.bundle.put(f"{self.key}.gradient.{i}", g) for i, g in enumerate(gradients)
        ]
        self.description["twice"] = self.is_differentiable_twice(total, leaves)

    @staticmethod
    def is_differentiable_twice(total, leaves):
        try:
            firsts = torch.autograd.grad(total, leaves, allow_unused=True, create_graph=True)
            again = [g for g in firsts if g is not None and g.requires_grad]
            if again:
                torch.autograd.grad(sum((g * direction(g)).sum() for g in again), leaves, allow_unused=True)
            return True
        except RuntimeError:
            return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("families", nargs="*", default=list(FAMILIES))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for name in options.families:
        bundle, descriptions, seen = Bundle(), [], set()
        for number, (op, arguments, named) in enumerate(FAMILIES[name].family.cases):
            case = Case(bundle, number, op, arguments, named)
            every = op not in seen
            seen.add(op)
            for dtype in cases.VALUE_TYPES if every else (torch.int64, torch.float32, torch.float64):
                case.description["types"][short(dtype)] = case.ask(dtype)
            if not any(case.description["types"].values()):  # the case itself is wrong
                raise case.refusal
            case.ask_gradients()
            descriptions.append(case.description)
        bundle.write(options.out, name, {"torch": torch.__version__, "cases": descriptions}, indent=None)
        print(f"{name}: {len(descriptions)} cases, {len(bundle.tensors)} tensors")


if __name__ == "__main__":
    main()
