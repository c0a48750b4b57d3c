//! The table of the sites that predictions rest on.

use std::{io::Write, path::PathBuf};

use crate::{
    Result,
    explain::{Filter, MotifHit, Origin},
    file::{PartialFile, at},
};

/// A BED file of sites, with further columns.
pub(super) struct HitsFile {
    path: PathBuf,
    out: PartialFile,
}

impl HitsFile {
    pub(super) fn create(path: PathBuf) -> Result<Self> {
        Ok(Self { out: PartialFile::create(&path)?, path })
    }

    /// Writes a site of a task.
    pub(super) fn write(&mut self, origin: &Origin, hit: &MotifHit, task: &str, filter: &Filter) -> Result<()> {
        let MotifHit { site, strand, fit, contribution, .. } = hit;
        let [start, end] = [site.start, site.end].map(|position| origin.start + position as i64);
        let score = (200.0 * contribution.abs()).min(1000.0).round();
        let similarity = filter.nearest().map_or_else(|| "NA".to_owned(), |(_, similarity)| format!("{similarity:.3}"));
        let (sequence, label, name, strand) = (&origin.sequence, filter.label(), filter.name(), strand.letter());
        writeln!(
            self.out,
            "{sequence}\t{start}\t{end}\t{label}\t{score}\t{strand}\t{task}\t{contribution:.4}\t{fit:.3}\t{name}\t\
             {similarity}"
        )
        .map_err(at(&self.path))
    }

    pub(super) fn finish(self) -> Result<()> {
        self.out.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        genome::Strand,
        motif::{Motif, MotifSet, ProbabilityMatrix},
        testing::TestFolder,
    };

    #[test]
    fn a_site_is_a_line_of_a_bed_file() {
        let folder = TestFolder::new("hits-file");
        let row = |base: usize| std::array::from_fn(|other| if other == base { 0.97 } else { 0.01 });
        let matrix = ProbabilityMatrix::new([2, 0, 3, 0, 0, 2].map(row).to_vec()).unwrap();
        let motif = |id: &str| Motif { id: id.into(), name: String::new(), matrix: matrix.clone(), sites: None };
        let mut filter = Filter::new(&motif("member2-motif7"));
        let path = folder.path().join("hits.bed");
        let mut file = HitsFile::create(path.clone()).unwrap();
        let origin = Origin { region: "chrI:100-300".into(), sequence: "chrI".into(), start: 50 };
        let site =
            MotifHit { task: 0, filter: 0, site: 10..16, strand: Strand::Reverse, fit: 0.875, contribution: 1.5 };
        file.write(&origin, &site, "GATA1", &filter).unwrap();
        filter.compare(&MotifSet::from_motifs(vec![motif("GATA")]).unwrap());
        file.write(&origin, &MotifHit { contribution: -9.0, ..site }, "MAX", &filter).unwrap();
        file.finish().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let expected = "chrI\t60\t66\tmember2-motif7\t300\t-\tGATA1\t1.5000\t0.875\tmember2-motif7\tNA\n\
                        chrI\t60\t66\tGATA\t1000\t-\tMAX\t-9.0000\t0.875\tmember2-motif7\t1.000\n";
        assert_eq!(text, expected);
    }
}
