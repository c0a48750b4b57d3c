//! The time that work takes.

use std::time::Instant;

use cpu_time::ProcessTime;

/// Measures wall time and processor time from its making on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch {
    start: Instant,
    /// Not every platform has it.
    processor: Option<ProcessTime>,
}

impl Stopwatch {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), processor: ProcessTime::try_now().ok() }
    }

    /// Returns the seconds since.
    pub(crate) fn seconds(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Returns the processor seconds of all threads of this process since, if they can be measured.
    pub(crate) fn cpu_seconds(&self) -> Option<f64> {
        let spent = self.processor.and_then(|start| start.try_elapsed().ok());
        spent.map(|spent| spent.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_time_of_both_kinds() {
        let watch = Stopwatch::new();
        let mut sum = 0_u64;
        while watch.seconds() < 0.02 {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        // Other tests of this process count as well, so that there is no upper bound.
        assert!(watch.cpu_seconds().unwrap() > 0.0 && watch.seconds() >= 0.02);
    }
}
