"""The same network in simulators that others wrote: do they differ by more than two draws of one of them do?

Rates, and the laws over cells (or pairs) of rates, coefficients of variation and correlations of counts. Between two runs the distance
of laws is that of Kolmogorov and Smirnov. Exits with 1 if simulators are further apart than draws are."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

N, SECONDS, TRANSIENT, DRAWS, WINDOW = 1250, 6.0, 1.0, 5, 100.0


def laws(time, cell):
    """By population: mean rate, and samples of rates, CVs and correlations."""
    keep = time >= 1000 * TRANSIENT
    time, cell = time[keep], cell[keep]
    order = np.lexsort((time, cell))
    time, cell = time[order], cell[order]
    ne = int(0.8 * N)
    out = {}
    for name, first, count in (("e", 0, ne), ("i", ne, N - ne)):
        own = (cell >= first) & (cell < first + count)
        t, c = time[own], cell[own] - first
        counts = np.bincount(c, minlength=count)
        rates = counts / (SECONDS - TRANSIENT)
        trains = np.split(t, np.cumsum(counts)[:-1])
        cvs = [np.std(d, ddof=1) / d.mean() for d in (np.diff(x) for x in trains if len(x) > 10)]
        windows = int((SECONDS - TRANSIENT) * 1000 / WINDOW)
        binned = np.zeros((count, windows))
        np.add.at(binned, (c, np.minimum(((t - 1000 * TRANSIENT) / WINDOW).astype(int), windows - 1)), 1)
        active = binned[binned.std(1) > 0][:200]
        matrix = np.corrcoef(active)
        pairs = matrix[np.triu_indices(len(matrix), 1)]
        out[f"rate {name} (Hz)"] = np.array([rates.mean()])
        out[f"rates of cells {name}"] = rates
        out[f"CV {name}"] = np.array(cvs)
        out[f"correlations {name}"] = pairs
    return out


def distance(a, b):
    if len(a) == 1:
        return abs(float(a[0] - b[0]))
    at = np.sort(np.concatenate([a, b]))
    return float(np.abs(np.searchsorted(np.sort(a), at, "right") / len(a) - np.searchsorted(np.sort(b), at, "right") / len(b)).max())


def equipoise(binary, draw, folder):
    path = os.path.join(folder, f"own{draw}")
    subprocess.run([binary, str(N), str(SECONDS), str(draw), path], check=True)
    spikes = np.fromfile(path, "<u4").reshape(-1, 2)
    return laws(spikes[:, 0] * 0.1, spikes[:, 1].astype(int))


def peer(python, script, draw, folder):
    here = os.path.dirname(os.path.abspath(__file__))
    if script == "w2_brian.py":
        own = os.path.join(folder, f"brian{draw}")
        arguments, path = [str(N), str(SECONDS), str(draw), "8", own], os.path.join(own, "spikes.npz")
    else:
        path = os.path.join(folder, f"nest{draw}.npz")
        arguments = [str(N), str(SECONDS), str(draw), path]
    seen = subprocess.run([python, os.path.join(here, script), *arguments], capture_output=True, text=True)
    if seen.returncode:
        print(f"{script}: missing ({seen.stderr.strip().splitlines()[-1:]})")
        return None
    json.loads(seen.stdout.splitlines()[-1])
    with np.load(path) as spikes:
        return laws(spikes["time"], spikes["cell"].astype(int))


def main():
    binary, python = sys.argv[1], sys.argv[2]
    runs = {}
    with tempfile.TemporaryDirectory() as folder:
        runs["equipoise"] = [equipoise(binary, k, folder) for k in range(1, DRAWS + 1)]
        for name, script in (("Brian2", "w2_brian.py"), ("NEST", "w2_nest.py")):
            seen = [peer(python, script, k, folder) for k in range(1, DRAWS + 1)]
            if all(seen):
                runs[name] = seen
    peers = [name for name in runs if name != "equipoise"]
    if not peers:
        print("no peer could be installed: nothing was checked")
        return 1
    print(f"\nset A, N = {N}, tau_x = 8 ms, {SECONDS - TRANSIENT:g} s, {DRAWS} draws each: mean distance of two runs\n")
    print(f"{'':24}{'two draws of one':>18}" + "".join(f"{'equipoise, ' + name:>20}" for name in peers))
    apart = 0
    for quantity in runs["equipoise"][0]:
        within = [
            distance(own[a][quantity], own[b][quantity])
            for own in runs.values() for a in range(DRAWS) for b in range(a)
        ]
        line = f"{quantity:24}{np.mean(within):18.4f}"
        for name in peers:
            between = [distance(a[quantity], b[quantity]) for a in runs["equipoise"] for b in runs[name]]
            # The mean of all pairs scatters as some DRAWS independent ones.
            allowed = np.mean(within) + 3 * np.std(within, ddof=1) / np.sqrt(DRAWS)
            too_far = np.mean(between) > allowed
            apart += too_far
            line += f"{np.mean(between):19.4f}{'!' if too_far else ' '}"
        print(line)
    print(f"\n{apart} distances between simulators are larger than between draws (by 3 sigma)")
    return int(apart > 0)


sys.exit(main())
