//! A look at a whole VCF file before anything is scored.

use std::{collections::HashSet, path::Path};

use super::{Unscored, VariantSummary, check};
use crate::{
    Error, Result,
    genome::{Alternative, Genome, NameResolver, Variant, VcfReader, VcfRecord, base},
};

/// Records that tell whether a file is of another genome.
const TELLING: usize = 100;

/// What is asked of a file.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Demands {
    /// Go on where the genome has other bases.
    pub(super) skips_mismatches: bool,
    /// Records in the order that an index needs.
    pub(super) sorted: bool,
}

/// Returns a record's alternatives as variants of a genome.
pub(super) fn variants<'a>(
    record: &'a VcfRecord,
    genome: &'a Genome,
) -> impl Iterator<Item = Result<Variant, Unscored>> + 'a {
    let chromosome = str::from_utf8(record.chromosome()).ok().and_then(|name| genome.index_of(name));
    record.alternatives().map(move |alternative| match alternative {
        Alternative::Missing => Err(Unscored::Missing),
        Alternative::Lost => Err(Unscored::Lost),
        Alternative::Symbolic => Err(Unscored::Symbolic),
        Alternative::Bases(bases) => {
            let chromosome = chromosome.ok_or(Unscored::Chromosome)?;
            let start = record.start().ok_or(Unscored::PastEnd)?;
            // The reader has seen that both are letters of bases.
            Variant::new(chromosome, start, record.reference(), bases).map_err(|_| Unscored::Symbolic)
        }
    })
}

/// Reads all records, and refuses a file that is not of the genome.
pub(super) fn preview(path: &Path, genome: &Genome, demands: Demands) -> Result<VariantSummary> {
    let mut reader = VcfReader::open(path)?;
    let mut names = NameResolver::new(genome, path);
    let (mut summary, mut order, mut fit) = (VariantSummary::default(), Order::default(), Fit::default());
    while let Some(record) = reader.read()? {
        names.resolve(record.chromosome(), Some(record.line_number()))?;
        if demands.sorted {
            order.check(path, &record)?;
        }
        summary.records += 1;
        for variant in variants(&record, genome) {
            let outcome = variant.and_then(|variant| check(genome, &variant));
            summary.count(outcome);
            fit.add(outcome, |reason| fault(path, &record, genome, reason));
        }
        fit.check(path, demands.skips_mismatches)?;
    }
    fit.finish(demands.skips_mismatches)?;
    names.finish().map(|_| summary)
}

/// How a file's variants fit the genome.
#[derive(Default)]
struct Fit {
    checked: usize,
    wrong: usize,
    first: Option<Error>,
}

impl Fit {
    fn add(&mut self, outcome: Result<(), Unscored>, fault: impl FnOnce(Unscored) -> Error) {
        match outcome {
            Ok(()) => self.checked += 1,
            Err(reason) if reason.is_mismatch() => {
                (self.checked, self.wrong) = (self.checked + 1, self.wrong + 1);
                self.first.get_or_insert_with(|| fault(reason));
            }
            Err(_) => {}
        }
    }

    /// Refuses a file of another genome as soon as that is known, and a fault as soon as it is known to be none.
    fn check(&mut self, path: &Path, skips_mismatches: bool) -> Result<()> {
        if self.wrong >= TELLING && self.wrong == self.checked {
            return Err(Error::mismatch(
                format!("the first {TELLING} variants of {}", path.display()),
                "the genome's bases",
                "others in all of them: is this file for another assembly?",
            ));
        }
        if self.wrong < self.checked { self.finish(skips_mismatches) } else { Ok(()) }
    }

    /// Refuses a fault, unless it is to be skipped.
    fn finish(&mut self, skips_mismatches: bool) -> Result<()> {
        if skips_mismatches { Ok(()) } else { self.first.take().map_or(Ok(()), Err) }
    }
}

/// The error of a record that does not fit the genome.
fn fault(path: &Path, record: &VcfRecord, genome: &Genome, reason: Unscored) -> Error {
    let (line, name) = (record.line_number(), String::from_utf8_lossy(record.chromosome()).into_owned());
    let (chromosome, start) = (genome.index_of(&name).unwrap_or_default(), record.start());
    let end = start.map_or(0, |start| start + record.reference().len());
    match start {
        Some(start) if end <= genome.length(chromosome) => {
            let mut codes = vec![0; record.reference().len()];
            genome.decode(chromosome, start as i64, &mut codes);
            let bases: String = codes.into_iter().map(|code| char::from(base::to_ascii(code))).collect();
            let swapped = if reason == Unscored::Swapped { ", which the line has as alternative" } else { "" };
            let expected = format!(
                "the genome's bases at {name}:{}, {bases}{swapped} (is this file for another assembly? or skip \
                 mismatches)",
                start + 1
            );
            Error::parse(path, (line, 4), expected, String::from_utf8_lossy(record.reference()))
        }
        Some(_) => {
            let length = genome.length(chromosome);
            Error::PastEnd { path: path.to_owned(), line, chromosome: name, end, length }
        }
        None => Error::parse(path, (line, 2), "a position from 1 on", "0"),
    }
}

/// The order of records, as a tabix index needs it.
#[derive(Default)]
struct Order {
    seen: HashSet<Vec<u8>>,
    last: Option<(Vec<u8>, usize)>,
}

impl Order {
    fn check(&mut self, path: &Path, record: &VcfRecord) -> Result<()> {
        let start = record.start().map_or(0, |start| start + 1);
        let fault = |column: u64, expected: &str, found: String| {
            let expected = format!("{expected}, as an index needs sorted records");
            Err(Error::parse(path, (record.line_number(), column), expected, found))
        };
        match &mut self.last {
            Some((chromosome, last)) if *chromosome == record.chromosome() => {
                if start < *last {
                    return fault(2, &format!("a position from {last} on"), start.to_string());
                }
                *last = start;
            }
            last => {
                if !self.seen.insert(record.chromosome().to_owned()) {
                    let found = String::from_utf8_lossy(record.chromosome()).into_owned();
                    return fault(1, "all records of a chromosome in a row", found);
                }
                *last = Some((record.chromosome().to_owned(), start));
            }
        }
        Ok(())
    }
}
