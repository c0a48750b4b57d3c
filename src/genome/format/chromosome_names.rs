//! The chromosome names of files, matched with those of the genome.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use crate::{
    Error, Result,
    genome::{Genome, Skipped},
};

/// Finds the chromosomes of one file's records.
///
/// A name that the genome lacks is skipped and counted, since files often cover more than a genome cut to some
/// chromosomes. It is an error if the genome has that chromosome under another name (`1` for `chr1`, `chrMT` for
/// `chrM`), or if the genome has none of the file's names.
pub(crate) struct NameResolver<'g> {
    genome: &'g Genome,
    path: PathBuf,
    /// Made when first needed.
    aliases: Option<Aliases>,
    last: Option<(Vec<u8>, Option<usize>)>,
    seen: Vec<bool>,
    /// By chromosome, the first name that may be an alias of it, with its line: an error unless the file also has the
    /// chromosome's own name.
    possible_aliases: BTreeMap<usize, (Option<u64>, String)>,
    skipped: Skipped,
}

impl<'g> NameResolver<'g> {
    pub(crate) fn new(genome: &'g Genome, path: &Path) -> Self {
        Self {
            genome,
            path: path.to_owned(),
            aliases: None,
            last: None,
            seen: vec![false; genome.len()],
            possible_aliases: BTreeMap::new(),
            skipped: Skipped::default(),
        }
    }

    /// Returns the chromosome of a record, or nothing if the record is to be skipped. Records of text files have a
    /// line.
    pub(crate) fn resolve(&mut self, name: &[u8], line: Option<u64>) -> Result<Option<usize>> {
        let found = match &self.last {
            Some((last, found)) if last == name => *found,
            _ => self.look_up(name, line)?,
        };
        self.skipped.total += 1;
        self.skipped.count += usize::from(found.is_none());
        Ok(found)
    }

    fn look_up(&mut self, name: &[u8], line: Option<u64>) -> Result<Option<usize>> {
        let text = String::from_utf8_lossy(name);
        let found = self.genome.index_of(&text);
        match found {
            Some(chromosome) => self.seen[chromosome] = true,
            None if self.skipped.chromosomes.contains(&*text) => {}
            None => self.note_unknown(&text, line)?,
        }
        self.last = Some((name.to_owned(), found));
        Ok(found)
    }

    fn note_unknown(&mut self, name: &str, line: Option<u64>) -> Result<()> {
        let aliases = self.aliases.get_or_insert_with(|| Aliases::new(self.genome));
        if let Some(chromosome) = aliases.find(name) {
            return Err(self.name_error(chromosome, line, name.to_owned()));
        }
        if let Some(chromosome) = aliases.find_number(name) {
            self.possible_aliases.entry(chromosome).or_insert_with(|| (line, name.to_owned()));
        }
        self.skipped.chromosomes.insert(name.to_owned());
        Ok(())
    }

    fn name_error(&self, chromosome: usize, line: Option<u64>, found: String) -> Error {
        let expected = self.genome.name(chromosome).to_owned();
        Error::ChromosomeName { path: self.path.clone(), line, found, expected }
    }

    /// Refuses an interval of a line that ends past its chromosome.
    pub(crate) fn check_end(&self, chromosome: usize, end: usize, line: u64) -> Result<()> {
        let length = self.genome.length(chromosome);
        if end <= length {
            return Ok(());
        }
        let (path, chromosome) = (self.path.clone(), self.genome.name(chromosome).to_owned());
        Err(Error::PastEnd { path, line, chromosome, end, length })
    }

    /// Returns what was skipped.
    pub(crate) fn finish(mut self) -> Result<Skipped> {
        let possible = std::mem::take(&mut self.possible_aliases).into_iter();
        let meant = possible.filter(|(chromosome, _)| !self.seen[*chromosome]).min_by_key(|(_, (line, _))| *line);
        if let Some((chromosome, (line, name))) = meant {
            return Err(self.name_error(chromosome, line, name));
        }
        if self.skipped.count > 0 && !self.seen.contains(&true) {
            let expected = self.genome.names().map(str::to_owned).collect();
            let found = self.skipped.chromosomes.into_iter().collect();
            return Err(Error::ChromosomeNames { path: self.path, found, expected });
        }
        Ok(self.skipped)
    }
}

impl Genome {
    /// Returns the chromosome that a name is an alias of: `1` or `Chr1` for `chr1`.
    ///
    /// ```
    /// use multitf::genome::Genome;
    ///
    /// let genome = Genome::from_sequences([("chr1", "A"), ("chrM", "C")])?;
    /// assert_eq!(genome.find_alias("MT"), Some(1));
    /// assert_eq!(genome.find_alias("chr2"), None);
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn find_alias(&self, name: &str) -> Option<usize> {
        Aliases::new(self).find(name)
    }
}

/// The chromosomes of a genome, by the canonical form of their names.
struct Aliases {
    by_name: HashMap<String, usize>,
    /// Chromosomes with numbers, Arabic or Roman.
    by_number: HashMap<usize, usize>,
    /// Whether chromosomes have Roman numbers.
    are_roman: bool,
}

impl Aliases {
    fn new(genome: &Genome) -> Self {
        let are_roman = genome.names().any(|name| without_prefix(name) == "II");
        let names = || genome.names().enumerate().map(|(chromosome, name)| (without_prefix(name), chromosome));
        let by_number = names().filter_map(|(name, chromosome)| Some((number(&name, are_roman)?, chromosome)));
        Self {
            by_name: names().map(|(name, chromosome)| (canonical_name(name), chromosome)).collect(),
            by_number: by_number.collect(),
            are_roman,
        }
    }

    /// Returns the chromosome that a name is an alias of.
    fn find(&self, name: &str) -> Option<usize> {
        self.by_name.get(&canonical_name(without_prefix(name))).copied()
    }

    /// Returns the chromosome with the number of a name, in Arabic or Roman numerals.
    fn find_number(&self, name: &str) -> Option<usize> {
        self.by_number.get(&number(&without_prefix(name), self.are_roman)?).copied()
    }
}

/// The form that all aliases of a chromosome share, of a name [without prefix](without_prefix).
fn canonical_name(name: String) -> String {
    if matches!(&*name, "MT" | "MITO" | "MTDNA" | "MITOCHONDRION") {
        return "M".to_owned();
    }
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let digits = name.trim_start_matches('0');
    if is_number && !digits.is_empty() { digits.to_owned() } else { name }
}

/// The number of a chromosome, Arabic or Roman, if it is below 40.
fn number(name: &str, are_roman: bool) -> Option<usize> {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.parse().ok().filter(|number| (1..40).contains(number));
    }
    // X is also a chromosome.
    let is_roman = name.bytes().all(|byte| b"IVX".contains(&byte)) && (name != "X" || are_roman);
    (1..40).find(|&number| is_roman && name == roman(number))
}

/// A name in capitals, without blanks, quotes and byte order marks around it, and without `CHR` or `CHROMOSOME` before
/// it.
fn without_prefix(name: &str) -> String {
    let is_around = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '\u{feff}');
    let upper = name.trim_matches(is_around).to_ascii_uppercase();
    let rest = upper.strip_prefix("CHROMOSOME").or_else(|| upper.strip_prefix("CHR"));
    match rest.map(|rest| rest.trim_start_matches(['_', '-', ' ', '.'])) {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => upper,
    }
}

/// A Roman number below 40.
fn roman(number: usize) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    "X".repeat(number / 10) + ONES[number % 10]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn genome(names: &[&str]) -> Genome {
        Genome::from_sequences(names.iter().map(|&name| (name, "A"))).unwrap()
    }

    fn resolve(genome: &Genome, names: &[&str]) -> Result<(Vec<Option<usize>>, Skipped)> {
        let mut resolver = NameResolver::new(genome, Path::new("peaks.bed"));
        let lines = names.iter().zip(1..);
        let found =
            lines.map(|(name, line)| resolver.resolve(name.as_bytes(), Some(line))).collect::<Result<Vec<_>>>()?;
        Ok((found, resolver.finish()?))
    }

    #[test]
    fn chromosomes_beyond_the_genome_are_skipped_and_counted() {
        let genome = genome(&["chr20", "chrM"]);
        let (found, skipped) = resolve(&genome, &["chr1", "chr1", "chr20", "chr2", "chrM", "chr1"]).unwrap();
        assert_eq!(found, [None, None, Some(0), None, Some(1), None]);
        assert_eq!((skipped.count, skipped.total), (4, 6));
        assert_eq!(skipped.chromosomes.into_iter().collect::<Vec<_>>(), ["chr1", "chr2"]);
    }

    #[test]
    fn another_spelling_is_an_error_with_line_and_both_names() {
        for (has, found) in [
            ("chr20", "20"),
            ("20", "chr20"),
            ("chrM", "MT"),
            ("MT", "chrM"),
            ("chrM", "chrMito"),
            ("chrX", "chrx"),
            ("chr1", "chr1 "),
            ("chr1", "\"chr1\""),
            ("chr1", "\u{feff}chr1"),
            ("chr1", "Chr01"),
            ("chr1", "chromosome_1"),
            ("chr1", "CHR-1"),
            ("Chromosome 1", "1"),
        ] {
            let error = resolve(&genome(&["chrQ", has]), &["chrQ", "chrUn", found]).unwrap_err().to_string();
            let expected =
                format!("peaks.bed:3: chromosome {found:?} is {has:?} in the genome: give it one name in both");
            assert_eq!(error, expected);
        }
    }

    #[test]
    fn roman_numbers_are_other_spellings_where_the_genome_counts_in_them_or_the_file_does() {
        let error =
            |has: &[&str], found: &str| resolve(&genome(has), &["chrQ", has[1], found]).unwrap_err().to_string();
        let yeast = ["chrQ", "chrII", "chrI", "chrIX", "chrXVI"];
        assert!(error(&yeast, "chr16").contains(r#"is "chrXVI" in the genome"#));
        assert!(error(&yeast, "9").contains(r#"is "chrIX" in the genome"#));
        assert!(error(&yeast, "chr1").contains(r#"is "chrI" in the genome"#));
        assert!(error(&["chrQ", "chr1", "chr4"], "chrIV").contains(r#"is "chr4" in the genome"#));
        assert!(error(&["chrQ", "chr2", "chr1"], "chrI").contains(r#"is "chr1" in the genome"#));
        // Of a file that has both, as of two species in one index, they are two.
        let both = resolve(&genome(&["chr1", "chr4"]), &["chrI", "chr1", "chr4", "chrIV"]).unwrap();
        assert_eq!(both.0, [None, Some(0), Some(1), None]);
        // X is a name where chromosomes have Arabic numbers.
        assert_eq!(resolve(&genome(&["chr1", "chrX"]), &["chr1", "chr10"]).unwrap().0, [Some(0), None]);
        assert_eq!(resolve(&genome(&["chr1", "chr10"]), &["chr1", "chrX"]).unwrap().0, [Some(0), None]);
    }

    #[test]
    fn numbers_of_any_length_are_names() {
        let long = u64::MAX.to_string();
        let yeast = genome(&["chrI", "chrII", &format!("chr{long}")]);
        assert_eq!(resolve(&yeast, &["chrI", "330443391"]).unwrap().0, [Some(0), None]);
        let error = resolve(&yeast, &["chrI", &long]).unwrap_err().to_string();
        assert!(error.contains(&format!(r#"is "chr{long}" in the genome"#)), "{error}");
    }

    #[test]
    fn a_respelt_name_is_found_after_any_number_of_unknown_ones_and_beside_right_ones() {
        let mut names: Vec<String> = (0..500).map(|i| format!("contig{i}")).collect();
        names.extend(["chrM".to_owned(), "chrMT".to_owned()]);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let error = resolve(&genome(&["chrM"]), &names).unwrap_err().to_string();
        assert!(error.starts_with(r#"peaks.bed:502: chromosome "chrMT" is "chrM""#), "{error}");
    }

    #[test]
    fn two_spellings_that_are_chromosomes_of_the_genome_are_both_known() {
        let (found, skipped) = resolve(&genome(&["chrM", "chrMT"]), &["chrMT", "chrM"]).unwrap();
        assert_eq!((found, skipped.count), (vec![Some(1), Some(0)], 0));
    }

    #[test]
    fn three_unknown_names_are_kept_as_examples_and_all_are_counted() {
        let (_, skipped) = resolve(&genome(&["chr1"]), &["chr1", "a", "b", "a", "c", "d", "e"]).unwrap();
        let expected = "6 of 7 (85.7 %) on chromosomes that the genome lacks: a, b, c and 2 more";
        assert_eq!(skipped.to_string(), expected);
    }

    #[test]
    fn a_file_without_any_known_name_is_an_error() {
        let error = resolve(&genome(&["chrI"]), &["2", "3", "2"]).unwrap_err();
        assert!(error.to_string().contains("found 2, 3, the genome has chrI"), "{error}");
    }

    #[test]
    fn a_file_without_records_is_fine() {
        assert_eq!(resolve(&genome(&["chrI"]), &[]).unwrap(), (vec![], Skipped::default()));
    }
}
