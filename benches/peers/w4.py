"""W4: one state of r = [W r + X + r]+ for each of many random networks of n = 3, 10, 50 populations."""
import os
import sys
import tempfile
import time

import numpy as np

from common import optional, ours, table

SIZES = {3: 100_000, 10: 20_000, 50: 2_000}
# Problems that the slower tools are given, of those above.
FEW = {3: 500, 10: 500, 50: 100}
TOLERANCE = 1e-8
STEPS = 5_000
scipy = optional("scipy")
numba = optional("numba")


def read(path):
    data = np.fromfile(path)
    count, n = int(data[0]), int(data[1])
    w = data[2 : 2 + count * n * n].reshape(count, n, n)
    return w, data[2 + count * n * n :].reshape(count, n)


def by_root(w, x):
    from scipy.optimize import root

    r = np.empty_like(x)
    for k in range(len(x)):
        a, b = w[k], x[k]
        r[k] = root(lambda r: r - np.maximum(a @ r + b + r, 0), np.ones(len(b)), method="hybr", tol=TOLERANCE).x
    return r


def batched(w, x):
    """Damped iteration of all problems together; those that have settled leave."""
    out, r = np.empty_like(x), np.ones_like(x)
    left = np.arange(len(x))
    h = 1.0 / np.abs(w).sum(2).max(1)[:, None]
    for step in range(STEPS):
        new = np.maximum(r + h * (np.einsum("kab,kb->ka", w, r) + x), 0)
        if step % 16 == 15:
            done = np.abs(new - r).max(1) <= TOLERANCE * h[:, 0] * np.abs(x).max(1)
            out[left[done]] = new[done]
            keep = ~done
            left, new, w, x, h = left[keep], new[keep], w[keep], x[keep], h[keep]
        r = new
        if not len(left):
            break
    out[left] = r
    return out


if numba:

    @numba.njit(fastmath=True)
    def damped(w, x):
        """Damped iteration, one problem after the other."""
        m, n = x.shape
        out = np.empty_like(x)
        r, new = np.empty(n), np.empty(n)
        for k in range(m):
            row, largest = 0.0, 0.0
            for a in range(n):
                s = 0.0
                for b in range(n):
                    s += abs(w[k, a, b])
                row = max(row, s)
                largest = max(largest, abs(x[k, a]))
            h = 1.0 / row
            r[:] = 1.0
            for _ in range(STEPS):
                moved = 0.0
                for a in range(n):
                    s = x[k, a]
                    for b in range(n):
                        s += w[k, a, b] * r[b]
                    v = max(r[a] + h * s, 0.0)
                    moved = max(moved, abs(v - r[a]))
                    new[a] = v
                r, new = new, r
                if moved <= TOLERANCE * h * largest:
                    break
            out[k] = r
        return out

    @numba.njit
    def lemke(w, x):
        """Complementary pivoting on a tableau of w = q + M z + d z0 with M = -W, q = -X, d = 1."""
        m, n = x.shape
        out = np.zeros_like(x)
        t = np.empty((n, n + 2))
        basic, other = np.empty(n, np.int64), np.empty(n + 1, np.int64)
        for k in range(m):
            row, least = -1, 0.0
            for a in range(n):
                for b in range(n):
                    t[a, b] = -w[k, a, b]
                t[a, n], t[a, n + 1] = 1.0, -x[k, a]
                basic[a], other[a] = a, n + a
                if -x[k, a] < least:
                    row, least = a, -x[k, a]
            other[n] = 2 * n
            if row < 0:
                continue
            column = n
            for _ in range(50 * n):
                p = 1.0 / t[row, column]
                for b in range(n + 2):
                    t[row, b] *= -p
                t[row, column] = p
                for a in range(n):
                    if a != row:
                        f = t[a, column]
                        t[a, column] = 0.0
                        for b in range(n + 2):
                            t[a, b] += f * t[row, b]
                left = basic[row]
                basic[row], other[column] = other[column], left
                if left == 2 * n:
                    break
                entering = left + n if left < n else left - n
                for b in range(n + 1):
                    if other[b] == entering:
                        column = b
                row, best = -1, np.inf
                for a in range(n):
                    if t[a, column] < -1e-12:
                        ratio = t[a, n + 1] / -t[a, column]
                        if ratio < best:
                            row, best = a, ratio
                if row < 0:
                    break
            for a in range(n):
                if n <= basic[a] < 2 * n:
                    out[k, basic[a] - n] = t[a, n + 1]
        return out


def main():
    with tempfile.TemporaryDirectory() as folder:
        for n, count in SIZES.items():
            path = os.path.join(folder, f"problems{n}")

            def own():
                seen = ours([sys.argv[1], str(n), str(count), path])
                return seen["us"], seen["mean"]

            own()
            w, x = read(path)

            def peer(solve, some):
                w_some, x_some = w[:some].copy(), x[:some].copy()

                def run():
                    began = time.perf_counter()
                    r = solve(w_some, x_some)
                    us = 1e6 * (time.perf_counter() - began) / some
                    wrong = np.abs(r - np.maximum(np.einsum("kab,kb->ka", w_some, r) + x_some + r, 0)).max(1)
                    solved = np.mean(wrong <= 1e-6 * np.abs(x_some).max(1))
                    if solved < 1:
                        print(f"{solve.__name__}: {100 * solved:.2f} % of the networks solved")
                    return us, r.mean()

                return run

            peers = {}
            if scipy:
                peers["scipy hybr (some of them)"] = peer(by_root, FEW[n])
            peers["NumPy, damped, batched"] = peer(batched, count)
            if numba:
                for solve in (damped, lemke):
                    solve(w[:2].copy(), x[:2].copy())
                peers["Numba, damped"] = peer(damped, count)
                peers["Numba, Lemke"] = peer(lemke, count)
            table(f"W4, states of {count} networks of {n} populations: us each, and the mean rate", own, peers, 3)


main()
