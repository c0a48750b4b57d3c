//! Every record of a VCF file comes back.

use std::{io::Read, path::PathBuf};

use flate2::read::MultiGzDecoder;
use noodles_bgzf as bgzf;
use noodles_csi::BinningIndex;
use noodles_tabix as tabix;

use super::*;
use crate::testing::{TestFolder, bgzip, gzip};

/// A folder with a VCF file, and what is needed to annotate it.
struct Desk {
    folder: TestFolder,
    world: World,
    scorer: VariantScorer<'static>,
}

const COLUMNS: &str = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO";

impl Desk {
    fn new() -> Self {
        // Leaked, so that a desk can hold what borrows from it.
        let file: &'static ModelFile = Box::leak(Box::new(file(60, 0)));
        let world = World::new(letters(700, 7), vec![0.0; 700]);
        Self { folder: TestFolder::new("variants"), world, scorer: VariantScorer::new(file).unwrap() }
    }

    /// The genome's letters from a position of a VCF file on.
    fn own(&self, position: usize, count: usize) -> String {
        String::from_utf8(self.world.letters[position - 1..position - 1 + count].to_vec()).unwrap()
    }

    /// A letter that the genome does not have there.
    fn other(&self, position: usize) -> &'static str {
        if self.own(position, 1) == "A" { "C" } else { "A" }
    }

    fn vcf(&self, records: &[String]) -> PathBuf {
        let text = format!("##fileformat=VCFv4.3\n##contig=<ID=chr1>\n{COLUMNS}\tFORMAT\tme\n{}", records.concat());
        self.folder.write("in.vcf", text)
    }

    fn annotate<'a>(
        &'a self,
        vcf: &PathBuf,
        out: &str,
        with: impl FnOnce(VariantAnnotator<'a>) -> VariantAnnotator<'a>,
    ) -> Result<VariantSummary, String> {
        let annotator = with(VariantAnnotator::new(&self.scorer, self.world.source(false)));
        let result = annotator.annotate(vcf, self.folder.path().join(out), |_, _| {});
        result.map_err(|error| error.to_string().replace(&vcf.display().to_string(), "FILE"))
    }

    fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.folder.path().join(name)).unwrap();
        let mut text = String::new();
        if bytes.starts_with(&[0x1f, 0x8b]) {
            MultiGzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
        } else {
            text = String::from_utf8(bytes).unwrap();
        }
        text
    }
}

fn line(position: usize, reference: &str, alternative: &str, info: &str) -> String {
    format!("chr1\t{position}\trs{position}\t{reference}\t{alternative}\t9.50\tPASS\t{info}\tGT\t0|1\n")
}

/// One record of each kind that a VCF file may hold.
fn oddities(desk: &Desk) -> Vec<String> {
    let own = |position: usize, count: usize| desk.own(position, count);
    vec![
        line(300, &own(300, 1), desk.other(300), "DP=3;DB"),
        line(310, &own(310, 2), "NN", "."),
        line(320, &own(320, 1), &format!("{}GAT", own(320, 1)), "AF=0.5,0.2;"),
        line(330, &own(330, 4), &own(330, 1), "."),
        // Not sorted.
        line(100, &own(100, 1).to_lowercase(), &format!("{},*,{}T", desk.other(100).to_lowercase(), own(100, 1)), "."),
        line(110, &own(110, 1), ".", "."),
        line(120, &own(120, 1), "<DEL>", "END=150"),
        line(130, &own(130, 1), "G]chr1:198]", "."),
        line(140, "n", "a", "."),
        line(0, "N", "<DEL>", "."),
        format!("chrUn\t5\t.\tA\tC,G\t.\t.\t.\tGT\t0|1\n"),
        line(150, &own(150, 62), &own(150, 1), "."),
        line(701, "A", ".", "."),
        line(690, &own(690, 1), &own(690, 1), "."),
    ]
}

#[test]
fn every_record_comes_back_in_order_and_with_its_effect_or_the_reason_why_not() {
    let desk = Desk::new();
    let records = oddities(&desk);
    let vcf = desk.vcf(&records);
    let values = [VariantValue::Difference, VariantValue::Reference, VariantValue::Alternative];
    let table = desk.folder.path().join("table.tsv.gz");
    let summary = desk
        .annotate(&vcf, "out.vcf", |annotator| annotator.with_mismatches_skipped().with_table(table, &values))
        .unwrap();
    assert_eq!((summary.records, summary.scored), (14, 7));
    let reasons: Vec<_> = summary.unscored.iter().map(|(reason, count)| (reason.word(), *count)).collect();
    let expected = [
        ("no-alternative", 2),
        ("overlapping-deletion", 1),
        ("symbolic", 3),
        ("unknown-chromosome", 2),
        ("reference-mismatch", 1),
        ("too-long", 1),
    ];
    assert_eq!(reasons, expected);
    let text = desk.read("out.vcf");
    let written: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(written.len(), records.len());
    for (found, record) in written.iter().zip(&records) {
        let (found, record): (Vec<_>, Vec<_>) = (found.split('\t').collect(), record.trim_end().split('\t').collect());
        assert_eq!(found.len(), record.len());
        for column in (0..found.len()).filter(|column| *column != 7) {
            assert_eq!(found[column], record[column]);
        }
        let old = record[7].trim_matches(['.', ';']);
        assert!(found[7].starts_with(old) && found[7].len() > old.len(), "{}", found[7]);
    }
    // The values are those of the scorer.
    let insertion = desk.world.variant(319, 1, format!("{}GAT", desk.own(320, 1)).as_bytes());
    let effect = desk.scorer.score(desk.world.source(false), &[insertion]).unwrap().remove(0).unwrap();
    let info = written[2].split('\t').nth(7).unwrap();
    let value = |info: &str, key: &str| {
        info.split(';').find_map(|entry| entry.strip_prefix(key)?.strip_prefix('=').map(str::to_owned)).unwrap()
    };
    for (task, name) in ["A", "B", "C"].iter().enumerate() {
        let found: f32 = value(info, &format!("TFBS_{name}")).parse().unwrap();
        assert!((found - effect.difference(task)).abs() < 1e-5);
    }
    let best = effect.strongest(1)[0];
    assert!(value(info, "TFBS").starts_with(&format!("{}:", ["A", "B", "C"][best])));
    let several = written[4].split('\t').nth(7).unwrap();
    assert_eq!(value(several, "TFBS_SKIPPED"), ".,overlapping-deletion,.");
    assert!(value(several, "TFBS_A").split(',').nth(1) == Some("."));
    // A row for each alternative, with the same.
    let table = desk.read("table.tsv.gz");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 1 + 17);
    assert_eq!(rows[0][..8].join(" "), "chromosome position id reference alternative skipped A.difference A.reference");
    assert_eq!(
        rows[3][5..9].join(" "),
        format!(" {} {} {}", effect.difference(0), effect.reference()[0], effect.alternative()[0])
    );
    assert_eq!(rows[6][4..8], ["*", "overlapping-deletion", "NA", "NA"]);
    assert!(rows.iter().all(|row| row.len() == 6 + 9));
}

#[test]
fn compressed_files_are_the_same_and_an_index_finds_their_records() {
    let desk = Desk::new();
    let records: Vec<String> = (1..600).map(|at| line(at, &desk.own(at, 1), desk.other(at), "DP=3")).collect();
    let vcf = desk.vcf(&records);
    desk.annotate(&vcf, "out.vcf", |annotator| annotator).unwrap();
    let expected = desk.read("out.vcf");
    let text = std::fs::read(&vcf).unwrap();
    for (name, bytes) in [("in.vcf.gz", gzip(&text)), ("in.vcf.bgz", bgzip(&text, 1000).concat())] {
        let vcf = desk.folder.write(name, bytes);
        desk.annotate(&vcf, "out.vcf.gz", VariantAnnotator::with_index).unwrap();
        assert!(desk.read("out.vcf.gz") == expected, "{name}");
    }
    let path = desk.folder.path().join("out.vcf.gz");
    let index = tabix::fs::read(desk.folder.path().join("out.vcf.gz.tbi")).unwrap();
    let mut reader = bgzf::io::Reader::new(std::fs::File::open(path).unwrap());
    let place = noodles_core::Position::new(431).unwrap();
    let chunks = index.query(0, (place..=place).into()).unwrap();
    assert!(!chunks.is_empty());
    reader.seek(chunks[0].start()).unwrap();
    let mut rest = String::new();
    reader.read_to_string(&mut rest).unwrap();
    assert!(rest.starts_with("chr1\t") && rest.contains("\nchr1\t431\t"));
    let unsorted = desk.vcf(&[records[5].clone(), records[4].clone()]);
    let message = desk.annotate(&unsorted, "no.vcf.gz", VariantAnnotator::with_index).unwrap_err();
    assert_eq!(message, "FILE:5:2: expected a position from 6 on, as an index needs sorted records, found \"5\"");
    let plain = desk.annotate(&vcf, "no.vcf", VariantAnnotator::with_index).unwrap_err();
    assert!(plain.starts_with("the name of a file with an index: expected one that ends in .gz"), "{plain}");
    for name in ["in.vcf.gz", "no.vcf.gz"] {
        let (table, vcf) = (desk.folder.path().join(name), desk.folder.path().join("in.vcf.gz"));
        let message = desk
            .annotate(&vcf, "no.vcf.gz", |annotator| annotator.with_table(table, &[VariantValue::Difference]))
            .unwrap_err();
        assert!(message.starts_with("the name of the table: expected another file than the variants"), "{message}");
    }
    assert!(!desk.folder.path().join("no.vcf.gz").exists() && !desk.folder.path().join("no.vcf").exists());
}

#[test]
fn a_file_of_another_genome_is_refused_before_anything_is_written() {
    let desk = Desk::new();
    let wrong = |at: usize| line(at, desk.other(at), "G", ".");
    let right = |at: usize| line(at, &desk.own(at, 1), "N", ".");
    let message = |records: &[String]| desk.annotate(&desk.vcf(records), "out.vcf", |annotator| annotator).unwrap_err();
    let expected = |at: usize| {
        format!(
            "FILE:5:4: expected the genome's bases at chr1:{at}, {} (is this file for another assembly? or skip \
             mismatches), found {:?}",
            desk.own(at, 1),
            desk.other(at)
        )
    };
    assert_eq!(message(&[right(7), wrong(8), right(9)]), expected(8));
    let swapped = line(8, desk.other(8), &desk.own(8, 1), ".");
    assert!(message(&[swapped]).contains(", which the line has as alternative"), "{}", message(&[right(1)]));
    let past = message(&[right(7), line(700, "NNN", "A", ".")]);
    assert_eq!(past, "FILE:5: chr1 ends at 700, but the interval ends at 702: is this file for another assembly?");
    assert_eq!(message(&[line(0, "N", "A", ".")]), "FILE:4:2: expected a position from 1 on, found \"0\"");
    let all: Vec<String> = (1..=150).map(wrong).collect();
    let build = "the first 100 variants of FILE: expected the genome's bases, found others in all of them: is this \
                 file for another assembly?";
    assert_eq!(message(&all), build);
    let skipped = desk.annotate(&desk.vcf(&all), "out.vcf", VariantAnnotator::with_mismatches_skipped).unwrap_err();
    assert_eq!(skipped, build);
    let named = right(7).replace("chr1", "1");
    assert_eq!(message(&[named]), "FILE:4: chromosome \"1\" is \"chr1\" in the genome: give it one name in both");
    let unknown = message(&[right(7).replace("chr1", "scaffold")]);
    assert!(unknown.starts_with("FILE: no chromosome of the genome: found scaffold"), "{unknown}");
    assert!(!desk.folder.path().join("out.vcf").exists());
    // With the mistake said to be one, the rest is scored.
    let vcf = desk.vcf(&[right(7), wrong(8), right(9)]);
    let summary = desk.annotate(&vcf, "out.vcf", VariantAnnotator::with_mismatches_skipped).unwrap();
    assert_eq!((summary.scored, summary.unscored[&Unscored::Reference]), (2, 1));
}

#[test]
fn fields_of_another_model_are_kept_apart_by_a_prefix() {
    let desk = Desk::new();
    let vcf = desk.vcf(&[line(7, &desk.own(7, 1), "N", ".")]);
    desk.annotate(&vcf, "once.vcf", |annotator| annotator).unwrap();
    let once = desk.folder.path().join("once.vcf");
    let message = desk.annotate(&once, "twice.vcf", |annotator| annotator).unwrap_err();
    let expected = "FILE:4:1: expected no INFO field of this name yet, as those of another model: choose another \
                    prefix, found \"TFBS\"";
    assert_eq!(message, expected);
    desk.annotate(&once, "twice.vcf", |annotator| annotator.with_prefix("OTHER").unwrap()).unwrap();
    let text = desk.read("twice.vcf");
    assert!(text.contains("TFBS_A=") && text.contains("OTHER_A=") && text.contains("##INFO=<ID=OTHER,Number=A"));
    let annotator = VariantAnnotator::new(&desk.scorer, desk.world.source(false));
    assert!(annotator.with_prefix("a b").is_err());
}
