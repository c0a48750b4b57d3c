//! The split into train, valid and test.

use std::fmt;

use super::{
    bit_set::BitSet,
    config::SplitConfig,
    context::{reach_after, reach_before},
    region::{complement, first_overlap, merged, parse_region, region_name},
};
use crate::{
    Error, Result,
    genome::{BinGrid, Genome, Interval},
};

/// A part of a data set: train, valid or test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// For training.
    Train,
    /// For validation: early stopping and model selection.
    Valid,
    /// For the final scores, once.
    Test,
}

impl Split {
    /// All splits.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// Returns the name in files and flags: `train`, `valid` or `test`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The regions and cell types of each split.
#[derive(Clone, Debug)]
pub(super) struct SplitPlan {
    regions: [Vec<Interval>; 3],
    cells: [Vec<usize>; 3],
}

impl SplitPlan {
    pub(super) fn new(config: &SplitConfig, genome: &Genome, cells: [Vec<usize>; 3]) -> Result<Self> {
        let read = |split: Split, texts: &[String]| -> Result<Vec<Interval>> {
            let key = format!("split.{split}");
            let regions = texts.iter().map(|text| parse_region(&key, text, genome)).collect::<Result<_>>()?;
            Ok(merged(regions))
        };
        let valid = read(Split::Valid, &config.valid)?;
        let test = read(Split::Test, &config.test)?;
        let train = match &config.train {
            Some(texts) => read(Split::Train, texts)?,
            None => complement(genome, &merged([valid.clone(), test.clone()].concat())),
        };
        let plan = Self { regions: [train, valid, test], cells };
        plan.check_overlaps(genome)?;
        Ok(plan)
    }

    /// Takes the split of each bin, if it has one, in the only cell type. No bin overlaps another.
    pub(super) fn from_splits(splits: &[Option<Split>], grid: &BinGrid) -> Self {
        let bins = |split| (0..splits.len()).filter(move |&bin| splits[bin] == Some(split));
        let regions = Split::ALL.map(|split| bins(split).map(|bin| grid.interval(bin)).collect());
        Self { regions, cells: [vec![0], vec![0], vec![0]] }
    }

    fn check_overlaps(&self, genome: &Genome) -> Result<()> {
        for (a, b) in [(Split::Train, Split::Valid), (Split::Train, Split::Test), (Split::Valid, Split::Test)] {
            let overlap = first_overlap(self.regions(a), self.regions(b)).filter(|_| self.share_cells(a, b));
            if let Some((one, other)) = overlap {
                let found = format!("{a} {} and {b} {}", region_name(one, genome), region_name(other, genome));
                return Err(Error::config("split", "regions that do not overlap, or no cell type in common", found));
            }
        }
        Ok(())
    }

    fn share_cells(&self, a: Split, b: Split) -> bool {
        self.cells(a).iter().any(|cell| self.cells(b).contains(cell))
    }

    /// Returns whether a cell type of the test split is trained or validated on.
    pub(super) fn is_test_used(&self) -> bool {
        [Split::Train, Split::Valid].into_iter().any(|split| self.share_cells(split, Split::Test))
    }

    /// Returns the stretches that two splits have in common, which can only be in different cell types.
    pub(super) fn common_regions(&self, a: Split, b: Split) -> Vec<Interval> {
        let common = |one: &Interval, other: &Interval| {
            let (start, end) = (one.start.max(other.start), one.end.min(other.end));
            (one.chromosome == other.chromosome && start < end).then_some(Interval { start, end, ..*one })
        };
        self.regions(a)
            .iter()
            .flat_map(|one| self.regions(b).iter().filter_map(move |other| common(one, other)))
            .collect()
    }

    /// Returns the plan that leaves one of the cell types to train on out: the others are trained and validated on as
    /// before, and it is tested.
    pub(super) fn leaving_out(&self, cell: usize) -> Self {
        let others = |cells: &[usize]| cells.iter().copied().filter(|other| *other != cell).collect::<Vec<_>>();
        let train = others(self.cells(Split::Train));
        let valid = Some(others(self.cells(Split::Valid))).filter(|cells| !cells.is_empty());
        let cells = [train.clone(), valid.unwrap_or(train), Vec::new()];
        Self { cells, ..self.clone() }.testing(vec![cell])
    }

    /// Returns the plan whose test is of other cell types, in the regions for validation.
    pub(super) fn testing(&self, cells: Vec<usize>) -> Self {
        let [train, valid, _] = self.regions.clone();
        let [train_cells, valid_cells, _] = self.cells.clone();
        Self { regions: [train, valid.clone(), valid], cells: [train_cells, valid_cells, cells] }
    }

    pub(super) fn regions(&self, split: Split) -> &[Interval] {
        &self.regions[split as usize]
    }

    pub(super) fn cells(&self, split: Split) -> &[usize] {
        &self.cells[split as usize]
    }

    /// Returns the bins that lie whole in a split; for training, only those whose context stays out of the splits with
    /// which it shares a cell type.
    pub(super) fn bins(&self, split: Split, genome: &Genome, grid: &BinGrid, context_bp: usize) -> BitSet {
        let mut bins = BitSet::new(grid.len());
        for region in self.regions(split) {
            bins.insert_range(grid.within(*region));
        }
        if split == Split::Train {
            let held_out = [Split::Valid, Split::Test].into_iter().filter(|other| self.share_cells(split, *other));
            for region in held_out.flat_map(|other| self.regions(other)) {
                let start = region.start.saturating_sub(reach_after(grid.bin_bp(), context_bp));
                let end = region.end + reach_before(grid.bin_bp(), context_bp);
                let end = end.min(genome.length(region.chromosome));
                bins.remove_range(grid.overlapping(Interval { start, end, ..*region }));
            }
        }
        bins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::context::context_start;

    fn genome() -> Genome {
        Genome::from_sequences([("chr1", "A".repeat(10_000)), ("chr2", "A".repeat(3_000))]).unwrap()
    }

    fn plan(train: Option<&[&str]>, valid: &[&str], test: &[&str]) -> Result<SplitPlan> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let config =
            SplitConfig { train: train.map(owned), valid: owned(valid), test: owned(test), ..SplitConfig::default() };
        SplitPlan::new(&config, &genome(), [vec![0], vec![0], vec![0]])
    }

    #[test]
    fn training_regions_are_the_rest_by_default() {
        let plan = plan(None, &["chr2"], &["chr1:4000-5000"]).unwrap();
        let at = |start, end| Interval { chromosome: 0, start, end };
        assert_eq!(plan.regions(Split::Train), [at(0, 4000), at(5000, 10_000)]);
    }

    #[test]
    fn a_bin_across_two_touching_regions_of_a_split_belongs_to_it() {
        let plan = plan(None, &["chr1:0-110", "chr1:110-400"], &["chr2"]).unwrap();
        let grid = BinGrid::new(&genome(), 200, 50).unwrap();
        assert_eq!(plan.bins(Split::Valid, &genome(), &grid, 200).iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn overlapping_regions_are_errors() {
        let valid_test = plan(None, &["chr1:0-5000"], &["chr2", "chr1:4999-6000"]).unwrap_err().to_string();
        let expected = "split: expected regions that do not overlap, or no cell type in common, \
                        found valid chr1:0-5000 and test chr1:4999-6000";
        assert_eq!(valid_test, expected);
        let train_test = plan(Some(&["chr1"]), &["chr2:0-5"], &["chr1:40-60"]).unwrap_err().to_string();
        assert!(train_test.ends_with("found train chr1:0-10000 and test chr1:40-60"), "{train_test}");
    }

    #[test]
    fn regions_may_overlap_in_other_cell_types_and_lose_no_training_bin_there() {
        let genome = genome();
        let texts = |regions: &[&str]| regions.iter().map(|&region| region.to_owned()).collect::<Vec<_>>();
        let plan = |cells: [Vec<usize>; 3]| {
            let train = Some(texts(&["chr1:0-6000"]));
            let config =
                SplitConfig { train, valid: texts(&["chr2"]), test: texts(&["chr1:5000-8000"]), ..Default::default() };
            SplitPlan::new(&config, &genome, cells)
        };
        let apart = plan([vec![0, 1], vec![0], vec![2]]).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        assert_eq!(apart.bins(Split::Train, &genome, &grid, 1000).count(), (6000 - 200) / 50 + 1);
        let common = Interval { chromosome: 0, start: 5000, end: 6000 };
        assert_eq!(apart.common_regions(Split::Train, Split::Test), [common]);
        assert!(plan([vec![0, 1], vec![0], vec![1]]).unwrap_err().to_string().ends_with("test chr1:5000-8000"));
    }

    #[test]
    fn a_cell_type_that_is_left_out_is_tested_where_the_others_are_validated() {
        let config = SplitConfig { valid: vec!["chr2".into()], test: vec!["chr1:0-10".into()], ..Default::default() };
        let plan = SplitPlan::new(&config, &genome(), [vec![0, 1, 2], vec![1, 2], vec![3]]).unwrap();
        let cells = |plan: &SplitPlan| Split::ALL.map(|split| plan.cells(split).to_vec());
        let left = plan.leaving_out(1);
        assert_eq!(cells(&left), [vec![0, 2], vec![2], vec![1]]);
        assert_eq!(left.regions(Split::Test), plan.regions(Split::Valid));
        assert_eq!(left.regions(Split::Train), plan.regions(Split::Train));
        assert_eq!(cells(&left.leaving_out(2)), [vec![0], vec![0], vec![2]]);
    }

    #[test]
    fn exactly_the_training_bins_whose_context_stays_outside_are_kept() {
        let genome = genome();
        for (bin_bp, stride_bp) in [(200, 50), (100, 100), (201, 7)] {
            let grid = BinGrid::new(&genome, bin_bp, stride_bp).unwrap();
            let plan = plan(None, &["chr1:4000-4500", "chr2:0-300"], &["chr1:7001-8003"]).unwrap();
            let held_out = [plan.regions(Split::Valid), plan.regions(Split::Test)].concat();
            for context_bp in [1, 100, 200, 201, 300, 301, 1000] {
                let bins = plan.bins(Split::Train, &genome, &grid, context_bp);
                for i in 0..grid.len() {
                    let bin = grid.interval(i);
                    let touches = |start: i64, length: usize| {
                        held_out.iter().any(|region| {
                            region.chromosome == bin.chromosome
                                && start < region.end as i64
                                && start + length as i64 > region.start as i64
                        })
                    };
                    let context = touches(context_start(bin, context_bp), context_bp);
                    let kept = !context && !touches(bin.start as i64, bin_bp);
                    assert_eq!(bins.contains(i), kept, "bin {i} of {bin_bp}, context {context_bp}");
                }
            }
        }
    }
}
