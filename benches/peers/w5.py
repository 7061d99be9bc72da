"""W5: population autocorrelation, 1000 units x 20000 samples, means removed, unbiased, lags 0 .. 2000."""
import sys
import time
from importlib import import_module

import numpy as np

from common import optional, ours, table

UNITS, SAMPLES, LAGS = 1000, 20000, 2000
scipy = optional("scipy")


def traces():
    rng = np.random.default_rng(1)
    x = np.zeros((UNITS, SAMPLES), np.float32)
    y = np.zeros(UNITS, np.float32)
    for t in range(SAMPLES):
        y = np.float32(0.9) * y + rng.standard_normal(UNITS, np.float32)
        x[:, t] = y
    return x


def by_fft(fft, x, length):
    f = fft.rfft(x - x.mean(1, keepdims=True), length, axis=1)
    power = (f.real**2 + f.imag**2).sum(0)
    return fft.irfft(power, length)[: LAGS + 1] / (np.arange(SAMPLES, SAMPLES - LAGS - 1, -1) * UNITS)


def main():
    x = traces()

    def peer(fft, length):
        def run():
            began = time.perf_counter()
            r = by_fft(fft, x, length)
            return 1e3 * (time.perf_counter() - began), r[10] / r[0]

        return run

    peers = {"NumPy": peer(np.fft, SAMPLES + LAGS)}
    if scipy:
        fft = import_module("scipy.fft")
        peers["scipy.fft, f32"] = peer(fft, fft.next_fast_len(SAMPLES + LAGS, real=True))

    def own():
        seen = ours([sys.argv[1]])
        return seen["ms"], seen["decay"]

    table("W5, autocorrelation: ms, and R(10)/R(0)", own, peers, 5)


main()
