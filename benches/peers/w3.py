"""W3: Vogels et al.'s network (8000 + 2000 cells, 2 %), whose inhibition learns: seconds of computing a second of model time, one core, set-up taken off.

Both take Euler's steps of .1 ms from the same start, so that rates fall alike from 200 Hz."""
import json
import os
import subprocess
import sys
import tempfile

from common import ours, table

SECONDS = 10.0


def main():
    own_binary, python = sys.argv[1], sys.argv[2]
    here = os.path.dirname(os.path.abspath(__file__))

    def own():
        seen = ours([own_binary, str(SECONDS), "1"])
        return seen["seconds"], seen["rates"][0]

    with tempfile.TemporaryDirectory() as folder:
        command = [python, os.path.join(here, "w3_brian.py"), str(SECONDS), "1", folder]
        built = subprocess.run(command, capture_output=True, text=True)
        peers = {}
        if built.returncode:
            print(f"Brian2: missing ({built.stderr.strip().splitlines()[-1:]})")
        else:
            rate = json.loads(built.stdout.splitlines()[-1])["rates"][0]

            def brian():
                subprocess.run(["./main"], cwd=folder, check=True, capture_output=True)
                with open(os.path.join(folder, "results", "last_run_info.txt")) as info:
                    return float(info.read().split()[0]) / SECONDS, rate

            peers["Brian2, C++ standalone"] = brian
        table("W3, inhibition that learns: s of computing a s, and the excitatory rate of the last second (Hz)", own, peers, 3)
    for name, seen in ours([own_binary, "cost"]).items():
        print(f"Zhu & Rosenbaum's network, N = 5000, {name}: {seen:.4f} s a s")


main()
