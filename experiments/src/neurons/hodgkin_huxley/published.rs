//! Numbers of the talk, and of independent code.

/// Numbers of an independent simulation at the talk's step: peak in mV, its time in ms, the trough after it, the width at half height.
pub(super) const TALK: [(&str, [f64; 4]); 3] = [
    ("6 at 50 ms", [38.879_139, 51.771, -76.172_036, 1.45]),
    ("12 at 100 ms", [40.106_597, 100.717, -76.177_127, 1.463]),
    ("3 at 150 ms", [-60.203_212, 151.598, -66.827_415, f64::NAN]),
];

/// Peaks in mV after single bumps at 50 ms, of the same.
pub(super) const PEAKS: [(f64, f64); 10] = [
    (2.0, -62.187_438),
    (2.5, -61.300_651),
    (2.7, -60.897_969),
    (2.8, -60.681_299),
    (2.9, -60.451_436),
    (3.0, -60.205_010),
    (3.5, -58.308_349),
    (4.0, 36.969_404),
    (6.0, 38.879_139),
    (12.0, 40.105_570),
];

/// The smallest bump that makes a spike, in µA/cm².
pub(super) const THRESHOLD: f64 = 3.619_771;

/// Rates in Hz at constant currents, of the same.
pub(super) const RATES: [(f64, f64); 12] = [
    (0.0, 0.0),
    (2.0, 0.0),
    (5.0, 0.0),
    (6.0, 0.0),
    (6.2, 0.0),
    (6.3, 53.2121),
    (6.5, 55.3823),
    (7.0, 58.4830),
    (8.0, 62.5536),
    (10.0, 68.3686),
    (15.0, 78.6656),
    (20.0, 86.4740),
];
