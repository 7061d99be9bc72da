"""Set A of Baker et al. in Brian2's C++ standalone mode, compiled into a folder whose `main` runs it again.

Usage: w2_brian.py N seconds seed tau_x folder [float32]. Prints rates and seconds of computing a second; spikes stand in folder/spikes.npz."""
import json
import sys

import numpy as np
from brian2 import (
    Hz, Network, NeuronGroup, PoissonGroup, SpikeMonitor, Synapses, defaultclock, device, ms, prefs, second, seed, set_device,
)


def build(n, draw, tau_x):
    """A network of n cells, and the monitors of its populations."""
    defaultclock.dt = 0.1 * ms
    seed(draw)
    ne, nx = int(round(0.8 * n)), int(round(0.2 * n))
    equations = f"""
    dv/dt = ((-72 - v) + exp(v + 55)) / (15*ms) + (ie + ii + ix) / ms : 1
    die/dt = -ie / (8*ms) : 1
    dii/dt = -ii / (4*ms) : 1
    dix/dt = -ix / ({tau_x}*ms) : 1
    """
    cells = NeuronGroup(n, equations, threshold="v >= -50", reset="v = -75", method="euler")
    cells.v = "-75 + 20*rand()"
    external = PoissonGroup(nx, 10 * Hz)
    e, i = cells[:ne], cells[ne:]
    root = np.sqrt(n)
    objects = [cells, external]
    j = {("e", "e"): 25, ("e", "i"): -150, ("i", "e"): 112.5, ("i", "i"): -250, ("e", "x"): 180, ("i", "x"): 135}
    tau = {"e": 8, "i": 4, "x": tau_x}
    for target, to in (("e", e), ("i", i)):
        for source, of in (("e", e), ("i", i), ("x", external)):
            weight = j[target, source] / root / tau[source]
            synapses = Synapses(of, to, on_pre=f"i{source}_post += {weight}")
            synapses.connect(p=0.1)
            objects.append(synapses)
    monitors = [SpikeMonitor(e), SpikeMonitor(i)]
    return Network(objects + monitors), monitors, (ne, n - ne)


def main():
    n, seconds, draw, tau_x, folder = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), sys.argv[5]
    if sys.argv[6:] == ["float32"]:
        prefs.core.default_float_dtype = np.float32
    set_device("cpp_standalone", build_on_run=False)
    net, monitors, sizes = build(n, draw, tau_x)
    net.run(seconds * second)
    device.build(directory=folder, compile=True, run=True, debug=False)
    rates = [float(len(m.t)) / size / seconds for m, size in zip(monitors, sizes)]
    e, i = monitors
    np.savez(
        f"{folder}/spikes.npz",
        time=np.concatenate([np.asarray(e.t / ms), np.asarray(i.t / ms)]),
        cell=np.concatenate([np.asarray(e.i), np.asarray(i.i) + sizes[0]]),
    )
    print(json.dumps({"seconds": device._last_run_time / seconds, "rates": rates}))


main()
