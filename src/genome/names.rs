//! Names of chromosomes in files, against those of the genome.

use std::path::{Path, PathBuf};

use super::Genome;
use crate::{Error, Result};

/// How many unknown names are kept for the error.
const KEPT: usize = 100;

/// Finds the chromosomes of one file's records, and tells a file with other names from one with more chromosomes.
///
/// A name that the genome lacks is skipped, since files often cover more than a genome cut to some chromosomes. But it is
/// an error if the genome has that chromosome under another spelling (`1` for `chr1`, `chrMT` for `chrM`) which the file
/// never uses, or if not one of the file's names is known.
pub(super) struct Names<'g> {
    genome: &'g Genome,
    path: PathBuf,
    last: Option<(Vec<u8>, Option<usize>)>,
    seen: Vec<bool>,
    skipped: usize,
    unknown: Vec<String>,
    /// Unknown names, each with the chromosome that it resembles.
    respelled: Vec<(String, usize)>,
}

impl<'g> Names<'g> {
    pub(super) fn new(genome: &'g Genome, path: &Path) -> Self {
        Self {
            genome,
            path: path.to_owned(),
            last: None,
            seen: vec![false; genome.len()],
            skipped: 0,
            unknown: Vec::new(),
            respelled: Vec::new(),
        }
    }

    /// Returns the chromosome of a record, or nothing if the record is to be skipped.
    pub(super) fn resolve(&mut self, name: &[u8]) -> Option<usize> {
        let found = match &self.last {
            Some((last, found)) if last == name => *found,
            _ => self.look_up(name),
        };
        self.skipped += usize::from(found.is_none());
        found
    }

    fn look_up(&mut self, name: &[u8]) -> Option<usize> {
        let text = String::from_utf8_lossy(name);
        let found = self.genome.index_of(&text);
        match found {
            Some(chromosome) => self.seen[chromosome] = true,
            None => self.note_unknown(&text),
        }
        self.last = Some((name.to_owned(), found));
        found
    }

    fn note_unknown(&mut self, name: &str) {
        if self.unknown.len() == KEPT || self.unknown.iter().any(|known| known == name) {
            return;
        }
        self.unknown.push(name.to_owned());
        let same = spelling(name);
        if let Some(chromosome) = self.genome.names().position(|known| spelling(known) == same) {
            self.respelled.push((name.to_owned(), chromosome));
        }
    }

    /// Returns how many records were skipped.
    pub(super) fn finish(mut self) -> Result<usize> {
        self.respelled.retain(|(_, chromosome)| !self.seen[*chromosome]);
        let (found, expected) = if !self.respelled.is_empty() {
            self.respelled
                .iter()
                .map(|(name, chromosome)| (name.clone(), self.genome.name(*chromosome).to_owned()))
                .unzip()
        } else if self.skipped > 0 && !self.seen.contains(&true) {
            (self.unknown, self.genome.names().map(str::to_owned).collect())
        } else {
            return Ok(self.skipped);
        };
        Err(Error::ChromosomeNames { path: self.path, found, expected })
    }
}

/// What spellings of one chromosome's name have in common.
fn spelling(name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_prefix("CHR").unwrap_or(&upper);
    if bare == "MT" { "M".to_owned() } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genome(names: &[&str]) -> Genome {
        Genome::from_sequences(names.iter().map(|&name| (name, "A"))).unwrap()
    }

    fn resolve(genome: &Genome, names: &[&str]) -> Result<(Vec<Option<usize>>, usize)> {
        let mut resolver = Names::new(genome, Path::new("peaks.bed"));
        let found = names.iter().map(|name| resolver.resolve(name.as_bytes())).collect();
        Ok((found, resolver.finish()?))
    }

    #[test]
    fn chromosomes_beyond_the_genome_are_skipped_and_counted() {
        let genome = genome(&["chr20", "chrM"]);
        let found = resolve(&genome, &["chr1", "chr1", "chr20", "chr2", "chrM"]).unwrap();
        assert_eq!(found, (vec![None, None, Some(0), None, Some(1)], 3));
    }

    #[test]
    fn another_spelling_is_an_error_with_both_names() {
        for (has, found) in [("chr20", "20"), ("20", "chr20"), ("chrM", "MT"), ("MT", "chrM"), ("chrX", "chrx")] {
            let error = resolve(&genome(&[has]), &[found]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "peaks.bed: chromosome names do not match the genome's: found {found}, the genome has {has}; rename one of them"
                )
            );
        }
    }

    #[test]
    fn two_spellings_in_one_file_are_two_chromosomes() {
        assert_eq!(resolve(&genome(&["chrM"]), &["chrMT", "chrM"]).unwrap(), (vec![None, Some(0)], 1));
    }

    #[test]
    fn a_file_without_any_known_name_is_an_error() {
        let error = resolve(&genome(&["chrI"]), &["2", "3", "2"]).unwrap_err();
        assert!(error.to_string().contains("found 2, 3, the genome has chrI"), "{error}");
    }

    #[test]
    fn a_file_without_records_is_fine() {
        assert_eq!(resolve(&genome(&["chrI"]), &[]).unwrap(), (vec![], 0));
    }
}
