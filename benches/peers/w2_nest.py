"""Set A of Baker et al. in NEST, with aeif_psc_exp without adaptation: it has one excitatory time constant, so that of the external
synapses is 8 ms too.

Usage: w2_nest.py N seconds seed FILE. Prints rates and seconds of computing a second; spikes go to FILE."""
import json
import sys
import time

import nest
import numpy as np


def main():
    n, seconds, draw, path = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": 0.1, "local_num_threads": 1, "rng_seed": draw})
    ne, nx = int(round(0.8 * n)), int(round(0.2 * n))
    # C = 1 pF and g_L = 1/15 nS, so that currents in pA are in mV/ms.
    cell = {
        "C_m": 1.0, "g_L": 1.0 / 15.0, "E_L": -72.0, "V_th": -55.0, "Delta_T": 1.0, "V_peak": -50.0, "V_reset": -75.0,
        "t_ref": 0.0, "a": 0.0, "b": 0.0, "tau_syn_ex": 8.0, "tau_syn_in": 4.0,
    }
    cells = nest.Create("aeif_psc_exp", n, params=cell)
    cells.V_m = list(-75 + 20 * np.random.default_rng(draw).random(n))
    e, i = cells[:ne], cells[ne:]
    generator = nest.Create("poisson_generator", params={"rate": 10.0})
    x = nest.Create("parrot_neuron", nx)
    nest.Connect(generator, x)
    root = np.sqrt(n)
    j = {("e", "e"): 25, ("e", "i"): -150, ("i", "e"): 112.5, ("i", "i"): -250, ("e", "x"): 180, ("i", "x"): 135}
    tau = {"e": 8.0, "i": 4.0, "x": 8.0}
    for target, to in (("e", e), ("i", i)):
        for source, of in (("e", e), ("i", i), ("x", x)):
            synapse = {"weight": j[target, source] / root / tau[source], "delay": 0.1}
            nest.Connect(of, to, {"rule": "pairwise_bernoulli", "p": 0.1, "allow_autapses": True}, synapse)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Prepare()
    # What the start costs is not the network's.
    start = min(300.0, 500.0 * seconds)
    nest.Run(start)
    began = time.perf_counter()
    nest.Run(seconds * 1000.0 - start)
    took = (time.perf_counter() - began) / (1.0 - start / (seconds * 1000.0))
    nest.Cleanup()
    events = recorder.events
    spikes = np.asarray(events["senders"]) - 1
    np.savez(path, time=np.asarray(events["times"]), cell=spikes)
    rates = [float((spikes < ne).sum()) / ne / seconds, float((spikes >= ne).sum()) / (n - ne) / seconds]
    print(json.dumps({"seconds": took / seconds, "rates": rates}))


main()
