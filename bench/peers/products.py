"""PyTorch's side of build/bench/products, which starts it: a line asks, a line answers."""

import sys, time, torch

TYPES = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16, "f16": torch.float16}


def matrix(rows, columns, salt, type, transposed):
    """As Product::filled in products.h."""
    if transposed:
        return matrix(columns, rows, salt, type, False).t()
    count = rows * columns
    period = (((torch.arange(13) * 7 + salt) % 13 - 6) / 4).to(TYPES[type])
    return period.repeat(count // 13 + 1)[:count].clone().view(rows, columns)


with torch.inference_mode():
    for line in sys.stdin:
        command, *args = line.split()
        answer = "ok"
        if command == "version":
            answer = torch.__version__
        elif command == "prepare":
            m, n, k = map(int, args[:3])
            layout, type = args[3:5]
            torch.set_num_threads(int(args[5]))
            a, b = matrix(m, k, 0, type, layout[0] == "t"), matrix(k, n, 5, type, layout[1] == "t")
            out = torch.empty(m, n, dtype=TYPES[type])
        elif command == "run":
            calls = range(int(args[0]))
            start = time.perf_counter()
            for _ in calls:
                torch.mm(a, b, out=out)
            answer = time.perf_counter() - start
        elif command == "result":
            answer = " ".join(map(str, out.flatten().tolist()))
        print(answer, flush=True)
