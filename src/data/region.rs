//! Regions of a genome: parsing, merging, complement and overlap.

use crate::{
    Error, Result,
    genome::{Genome, Interval},
};

/// Reads `chr` or `chr:start-end`.
pub(super) fn parse_region(key: &str, text: &str, genome: &Genome) -> Result<Interval> {
    let whole = |chromosome| Interval { chromosome, start: 0, end: genome.length(chromosome) };
    // A name may contain a colon.
    if let Some(chromosome) = genome.index_of(text) {
        return Ok(whole(chromosome));
    }
    let error = |expected: String| Error::config(key, expected, format!("{text:?}"));
    let (name, range) = text.rsplit_once(':').map_or((text, None), |(name, range)| (name, Some(range)));
    let Some(chromosome) = genome.index_of(name) else {
        let known = || genome.names().take(5).collect::<Vec<_>>().join(", ");
        return Err(error(genome.find_alias(name).map_or_else(
            || format!("chromosomes of the genome ({}, ...), or chr:start-end", known()),
            |chromosome| format!("{:?}, as the genome has it", genome.name(chromosome)),
        )));
    };
    let length = genome.length(chromosome);
    range
        .and_then(parse_range)
        .filter(|&(start, end)| start < end && end <= length)
        .map(|(start, end)| Interval { chromosome, start, end })
        .ok_or_else(|| error(format!("chr:start-end with 0 <= start < end <= {length}, the length of {name}")))
}

fn parse_range(text: &str) -> Option<(usize, usize)> {
    let (start, end) = text.split_once('-')?;
    Some((start.parse().ok()?, end.parse().ok()?))
}

/// Refuses an interval that is empty or outside the genome.
pub(crate) fn check_interval(what: impl FnOnce() -> String, interval: Interval, genome: &Genome) -> Result<()> {
    let Interval { chromosome, start, end } = interval;
    let length = (chromosome < genome.len()).then(|| genome.length(chromosome));
    let expected = match length {
        Some(length) if start < end && end <= length => return Ok(()),
        Some(length) => format!("0 <= start < end <= {length}, the length of {}", genome.name(chromosome)),
        None => format!("a chromosome below {}, as the genome counts them", genome.len()),
    };
    let found = length.map_or_else(|| chromosome.to_string(), |_| format!("{start} to {end}"));
    Err(Error::mismatch(what(), expected, found))
}

/// Sorts regions, and merges those that touch or overlap.
pub(super) fn merged(mut regions: Vec<Interval>) -> Vec<Interval> {
    regions.sort_unstable_by_key(|region| (region.chromosome, region.start));
    let mut merged: Vec<Interval> = Vec::with_capacity(regions.len());
    for region in regions {
        match merged.last_mut() {
            Some(last) if last.chromosome == region.chromosome && region.start <= last.end => {
                last.end = last.end.max(region.end);
            }
            _ => merged.push(region),
        }
    }
    merged
}

/// Returns the rest of a genome beside merged regions.
pub(super) fn complement(genome: &Genome, merged: &[Interval]) -> Vec<Interval> {
    let mut complement = Vec::new();
    for chromosome in 0..genome.len() {
        let mut start = 0;
        for region in merged.iter().filter(|region| region.chromosome == chromosome) {
            complement.push(Interval { chromosome, start, end: region.start });
            start = region.end;
        }
        complement.push(Interval { chromosome, start, end: genome.length(chromosome) });
    }
    complement.retain(|region| region.start < region.end);
    complement
}

/// Returns the first two regions that share a base.
pub(super) fn first_overlap(a: &[Interval], b: &[Interval]) -> Option<(Interval, Interval)> {
    let meet = |a: &Interval, b: &Interval| a.chromosome == b.chromosome && a.start < b.end && b.start < a.end;
    a.iter().find_map(|a| b.iter().find(|b| meet(a, b)).map(|b| (*a, *b)))
}

/// Formats a region as `chr:start-end`.
pub(super) fn region_name(region: Interval, genome: &Genome) -> String {
    format!("{}:{}-{}", genome.name(region.chromosome), region.start, region.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genome() -> Genome {
        Genome::from_sequences([("chr1", "A".repeat(1000)), ("HLA:1", "C".repeat(500))]).unwrap()
    }

    fn at(chromosome: usize, start: usize, end: usize) -> Interval {
        Interval { chromosome, start, end }
    }

    #[test]
    fn regions_are_chromosomes_or_parts_of_them() {
        let read = |text| parse_region("split.valid", text, &genome()).unwrap();
        assert_eq!(read("chr1"), at(0, 0, 1000));
        assert_eq!(read("chr1:10-20"), at(0, 10, 20));
        assert_eq!(read("HLA:1"), at(1, 0, 500));
        assert_eq!(read("HLA:1:0-500"), at(1, 0, 500));
    }

    #[test]
    fn bad_regions_are_errors_with_the_key() {
        let message = |text| parse_region("split.valid", text, &genome()).unwrap_err().to_string();
        let unknown = "split.valid: expected chromosomes of the genome (chr1, HLA:1, ...), or chr:start-end, found";
        assert_eq!(message("chr2"), format!("{unknown} \"chr2\""));
        assert_eq!(message("chr2:1-2"), format!("{unknown} \"chr2:1-2\""));
        let range = "split.valid: expected chr:start-end with 0 <= start < end <= 1000, the length of chr1, found";
        for text in ["chr1:20-10", "chr1:0-1001", "chr1:5", "chr1:-1-5", "chr1:a-b", "chr1:5-5"] {
            assert_eq!(message(text), format!("{range} {text:?}"));
        }
    }

    #[test]
    fn merged_regions_and_the_rest_make_up_the_genome() {
        let merged = merged(vec![at(0, 300, 400), at(0, 100, 200), at(0, 200, 250), at(0, 320, 340)]);
        assert_eq!(merged, [at(0, 100, 250), at(0, 300, 400)]);
        let rest = complement(&genome(), &merged);
        assert_eq!(rest, [at(0, 0, 100), at(0, 250, 300), at(0, 400, 1000), at(1, 0, 500)]);
        assert_eq!(first_overlap(&merged, &rest), None);
        assert_eq!(first_overlap(&merged, &[at(1, 0, 500), at(0, 399, 500)]), Some((at(0, 300, 400), at(0, 399, 500))));
    }
}
