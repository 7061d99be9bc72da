"""W2: set A of Baker et al. at N = 5000 and 20000: seconds of computing a second of model time, one core, set-up taken off.

Brian2 and ours take Euler's steps of .1 ms and keep all spikes; NEST's neuron has an adaptive solver and one time constant for all that excites. Brian2's
rate is that of its first run: its program repeats the same draws."""
import json
import os
import subprocess
import sys
import tempfile

from common import ours, table

SECONDS = 2.0
SIZES = [5000, 20000]
NEST_SECONDS = 1.0


def brian(python, n, folder, *precision):
    """Compiles once; what is returned runs the program again."""
    here = os.path.dirname(os.path.abspath(__file__))
    command = [python, os.path.join(here, "w2_brian.py"), str(n), str(SECONDS), "1", "10", folder, *precision]
    built = subprocess.run(command, capture_output=True, text=True)
    if built.returncode:
        print(f"Brian2: missing ({built.stderr.strip().splitlines()[-1:]})")
        return None
    rates = json.loads(built.stdout.splitlines()[-1])["rates"]

    def run():
        subprocess.run(["./main"], cwd=folder, check=True, capture_output=True)
        with open(os.path.join(folder, "results", "last_run_info.txt")) as info:
            return float(info.read().split()[0]) / SECONDS, rates[1]

    return run


def nest(python, n, folder):
    here = os.path.dirname(os.path.abspath(__file__))

    def run():
        command = [python, os.path.join(here, "w2_nest.py"), str(n), str(NEST_SECONDS), "1", os.path.join(folder, "nest.npz")]
        seen = subprocess.run(command, capture_output=True, text=True)
        if seen.returncode:
            print(f"NEST: missing ({seen.stderr.strip().splitlines()[-1:]})")
            return float("nan"), float("nan")
        seen = json.loads(seen.stdout.splitlines()[-1])
        return seen["seconds"], seen["rates"][1]

    return run


def main():
    own_binary, python = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        for n in SIZES:

            def own():
                seen = ours([own_binary, str(n), str(SECONDS), "1"])
                return seen["seconds"], seen["rates"][1]

            peers = {}
            # Doubles are Brian2's default; ours is single precision.
            for name, precision in (("Brian2, C++ standalone", []), ("the same, float32", ["float32"])):
                run = brian(python, n, os.path.join(folder, f"brian{n}{''.join(precision)}"), *precision)
                if run:
                    peers[name] = run
            if n == SIZES[0]:
                peers["NEST aeif_psc_exp, tau_x = 8 ms"] = nest(python, n, folder)
            table(f"W2, {n} neurons: s of computing a s, and the inhibitory rate (Hz)", own, peers, 3)
        for n in [50_000, 100_000]:
            for threads in ([1, 2] if n == 50_000 else [2]):
                seen = ours([own_binary, str(n), "3", str(threads)])
                print(f"equipoise, N = {n}, {threads} threads: {seen['seconds']:.2f} s a s, {seen['bytes'] / 2**30:.2f} GiB")


main()
