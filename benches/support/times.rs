//! Printing of times.

use std::time::Duration;

/// Prints the median and the 95th percentile.
pub(crate) fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    println!("  {name:<44}{:>12.1?}  p95 {:.1?}", at(50), at(95));
}
