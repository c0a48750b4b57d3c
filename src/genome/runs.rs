//! A run-length encoded signal along one chromosome.

/// The number of runs in a block, whose sum is kept.
const BLOCK: usize = 64;

/// A run-length encoded signal along one chromosome: runs of equal value from its start to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Runs {
    ends: Vec<u32>,
    values: Vec<f32>,
    /// The sum over the bases of each block of runs. The difference of two running sums would have the error of all
    /// values before, such as a spike.
    sums: Vec<f64>,
}

impl Runs {
    /// Returns where the last run ends.
    pub(super) fn len(&self) -> u32 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Appends a run up to `end`.
    pub(super) fn push(&mut self, end: u32, value: f32) {
        let start = self.len();
        if end <= start {
            return;
        }
        if let (Some(last), Some(&before)) = (self.ends.last_mut(), self.values.last())
            && before == value
        {
            *last = end;
        } else {
            if self.ends.len().is_multiple_of(BLOCK) {
                self.sums.push(0.0);
            }
            self.ends.push(end);
            self.values.push(value);
        }
        if let Some(sum) = self.sums.last_mut() {
            *sum += f64::from(end - start) * f64::from(value);
        }
    }

    /// Returns the value and the number of bases of each run.
    pub(super) fn lengths(&self) -> impl Iterator<Item = (f32, u64)> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        self.values.iter().zip(&self.ends).zip(starts).map(|((value, end), start)| (*value, u64::from(end - start)))
    }

    /// Returns the runs as 64-bit words, to be hashed.
    pub(super) fn words(&self) -> impl Iterator<Item = u64> {
        self.ends.iter().zip(&self.values).map(|(end, value)| u64::from(*end) << 32 | u64::from(value.to_bits()))
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.ends.shrink_to_fit();
        self.values.shrink_to_fit();
        self.sums.shrink_to_fit();
    }

    /// Fills `out` with the values from `start` on, 0 outside.
    pub(super) fn fill(&self, start: i64, out: &mut [f32]) {
        let inside = |position: i64| position.clamp(0, i64::from(self.len()));
        let (first, last) = (inside(start), inside(start.saturating_add(out.len() as i64)));
        out.fill(0.0);
        for (from, to, value) in self.segments(first as usize, last as usize) {
            let shift = |position: usize| (position as i64 - start) as usize;
            out[shift(from)..shift(to)].fill(value);
        }
    }

    /// Returns the largest value from `start` to `end`, 0 if there is none.
    pub(super) fn max(&self, start: usize, end: usize) -> f32 {
        let inside = self.segments(start, end).map(|(.., value)| value).reduce(f32::max);
        let outside = (end > self.len() as usize).then_some(0.0);
        inside.into_iter().chain(outside).reduce(f32::max).unwrap_or(0.0)
    }

    /// Returns the sum of the values of all bases from `start` to `end`.
    pub(super) fn sum(&self, start: usize, end: usize) -> f64 {
        let end = end.min(self.len() as usize);
        if start >= end {
            return 0.0;
        }
        let (first, last) = (self.run_at(start) / BLOCK + 1, self.run_at(end - 1) / BLOCK);
        if first >= last {
            return self.sum_of_segments(start, end);
        }
        let whole: f64 = self.sums[first..last].iter().sum();
        self.sum_of_segments(start, self.start_of(first * BLOCK))
            + whole
            + self.sum_of_segments(self.start_of(last * BLOCK), end)
    }

    fn sum_of_segments(&self, start: usize, end: usize) -> f64 {
        self.segments(start, end).map(|(from, to, value)| (to - from) as f64 * f64::from(value)).sum()
    }

    /// Returns the parts of runs between two positions as (start, end, value).
    fn segments(&self, start: usize, end: usize) -> impl Iterator<Item = (usize, usize, f32)> {
        let first = self.run_at(start);
        let runs = self.ends[first..].iter().zip(&self.values[first..]);
        let mut from = start;
        runs.map_while(move |(&to, &value)| {
            let segment = (from, (to as usize).min(end), value);
            from = to as usize;
            (segment.0 < segment.1).then_some(segment)
        })
    }

    /// Returns the run that covers a position.
    fn run_at(&self, position: usize) -> usize {
        self.ends.partition_point(|&end| end as usize <= position)
    }

    fn start_of(&self, run: usize) -> usize {
        run.checked_sub(1).map_or(0, |before| self.ends[before] as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_the_vector_they_came_from(
            values in prop::collection::vec(prop::sample::select(vec![0.0_f32, 1.0, 0.5, -2.0]), 0..600),
            (start, length) in (0_usize..700, 0_usize..700),
        ) {
            let mut runs = Runs::default();
            for (i, &value) in values.iter().enumerate() {
                runs.push(i as u32 + 1, value);
            }
            prop_assert_eq!(runs.len() as usize, values.len());
            let end = start + length;
            let expected: Vec<_> = (start..end).map(|i| values.get(i).copied().unwrap_or(0.0)).collect();
            let mut filled = vec![9.0; length];
            runs.fill(start as i64, &mut filled);
            prop_assert_eq!(&filled, &expected);
            prop_assert_eq!(runs.sum(start, end), expected.iter().map(|&value| f64::from(value)).sum::<f64>());
            prop_assert_eq!(runs.max(start, end), expected.iter().copied().reduce(f32::max).unwrap_or(0.0));
        }
    }

    #[test]
    fn a_spike_does_not_blur_the_sums_beyond_it() {
        let mut runs = Runs::default();
        runs.push(100, 1e20);
        for end in 101..1001 {
            runs.push(end, if end % 2 == 0 { 1.25 } else { 0.75 });
        }
        assert_eq!([runs.sum(100, 1000), runs.sum(500, 700), runs.sum(0, 1)], [900.0, 200.0, f64::from(1e20_f32)]);
    }

    #[test]
    fn positions_before_the_start_are_0() {
        let mut runs = Runs::default();
        runs.push(2, 3.0);
        for (start, expected) in
            [(-2, [0.0, 0.0, 3.0, 3.0]), (i64::MIN, [0.0; 4]), (i64::MAX, [0.0; 4]), (-9, [0.0; 4])]
        {
            let mut out = [9.0; 4];
            runs.fill(start, &mut out);
            assert_eq!(out, expected, "{start}");
        }
    }

    #[test]
    fn equal_neighbours_are_one_run() {
        let mut runs = Runs::default();
        runs.push(2, 3.0);
        runs.push(5, 3.0);
        runs.push(5, 9.0);
        assert_eq!((runs.ends.as_slice(), runs.values.as_slice()), (&[5][..], &[3.0][..]));
    }
}
