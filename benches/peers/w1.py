"""W1: one Euler step of dx/dt = -x - J phi(x) + 1, gamma weights, nu = 1/2, J0 = g = 2, [tanh]+, N = K."""
import sys
import time

import numpy as np

from common import optional, ours, table

DT = np.float32(0.02)
BINARY = sys.argv[1]
SIZES = [int(n) for n in sys.argv[2:]] or [1000, 4000, 10000]
numba, torch = optional("numba"), optional("torch")
if torch:
    torch.set_num_threads(1)


def weights(n):
    rng = np.random.default_rng(1)
    k = 1 / np.sqrt(n)
    j = np.empty((n, n), np.float32)  # one row a source, so that a source's weights are contiguous
    for row in j:
        w = rng.gamma(k + 1, 1, n) * np.exp(np.log(rng.random(n)) / k) * 2  # Gamma(k) = Gamma(k + 1) U^(1/k)
        w[w < 1e-12] = 0  # no denormal numbers
        row[:] = w
    return j


if numba:

    @numba.njit(fastmath=True)
    def active_columns(by_source, x, steps):
        n = x.size
        eta = np.empty(n, np.float32)
        on = 0
        for _ in range(steps):
            eta[:] = 0
            on = 0
            for j in range(n):
                if x[j] > 0:
                    on += 1
                    phi = np.tanh(x[j])
                    row = by_source[j]
                    for i in range(n):
                        eta[i] += phi * row[i]
            for i in range(n):
                x[i] += DT * (-x[i] - eta[i] + np.float32(1))
        return on / n

    @numba.njit(fastmath=True)
    def dense(by_target, x, steps):
        n = x.size
        phi = np.empty(n, np.float32)
        for _ in range(steps):
            for j in range(n):
                phi[j] = np.tanh(x[j]) if x[j] > 0 else np.float32(0)
            eta = by_target @ phi
            for i in range(n):
                x[i] += DT * (-x[i] - eta[i] + np.float32(1))
        return np.sum(x > 0) / n


def numpy_steps(j, x, steps):
    for _ in range(steps):
        x += x.dtype.type(DT) * (-x - j @ np.where(x > 0, np.tanh(x), 0).astype(x.dtype) + 1)
    return np.mean(x > 0)


def numpy_binary(j, x, steps):
    for _ in range(steps):
        x += x.dtype.type(DT) * (-x - j @ (x > 0).astype(x.dtype) + 1)
    return np.mean(x > 0)


def torch_steps(j, x, steps):
    with torch.no_grad():
        for _ in range(steps):
            x += DT.item() * (-x - j @ torch.tanh(x).clamp(min=0) + 1)
    return (x > 0).float().mean().item()


def main():
    for n in SIZES:
        by_source = weights(n)
        by_target = np.ascontiguousarray(by_source.T)
        start = (2 * np.random.default_rng(2).standard_normal(n)).astype(np.float32)
        (active_columns(by_source, start, 2000) if numba else numpy_steps(by_target, start, 2000))
        dense_steps = max(10, int(2e8 / n**2))
        few_steps = dense_steps * 10

        def peer(step, j, dtype, steps):
            x = start.astype(dtype)
            if step is torch_steps if torch else False:
                x, j = torch.from_numpy(x.copy()), torch.from_numpy(j)
            step(j, x, 2)

            def run():
                began = time.perf_counter()
                f = step(j, x, steps)
                return 1e3 * (time.perf_counter() - began) / steps, f

            return run

        peers = {
            "NumPy, dense f32": peer(numpy_steps, by_target, np.float32, dense_steps),
            "NumPy, dense f64": peer(numpy_steps, by_target.astype(np.float64), np.float64, dense_steps),
        }
        if torch:
            peers["PyTorch, dense f32"] = peer(torch_steps, by_target, np.float32, dense_steps)
        if numba:
            peers["Numba, dense f32"] = peer(dense, by_target, np.float32, dense_steps)
            peers["Numba, active columns f32"] = peer(active_columns, by_source, np.float32, few_steps)

        def own(response):
            seen = ours([BINARY, response, str(n), str(few_steps)])
            return seen["ms"], seen["f"]

        table(f"W1, N = {n}: ms a step, and f", lambda: own("rectified-tanh"), peers, 5)
        # A binary response costs as much as tanh in a dense product.
        table(
            f"W1, N = {n}, Heaviside: ms a step, and f",
            lambda: own("heaviside"),
            {"NumPy, dense f32, Heaviside": peer(numpy_binary, by_target, np.float32, dense_steps)},
            3,
        )


main()
