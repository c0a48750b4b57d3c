//! Motifs that were planted, those of yeast, and those of the same algorithm in Python.

use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::{
    data::{Dataset, Split},
    genome::base,
    motif::{Alignment, ColumnScore},
    random::stream,
    testing::real_data,
};

const SITES: [&str; 2] = ["TGCTGAGTCA", "CCACGTGACC"];

/// Random bases with a site in the middle of each of some regions of 200 bp, every second one on the other strand.
fn planted(seed: u64, len: usize, sites: &[(&str, usize)]) -> (Vec<u8>, Vec<RegionSet>) {
    let mut random = stream(&[seed]);
    let mut codes: Vec<u8> = (0..len).map(|_| random.random_range(0..4)).collect();
    let mut start = 1_000;
    let sets = sites.iter().map(|(site, count)| {
        let forward: Vec<u8> = site.bytes().map(base::from_ascii).collect();
        let regions = (0..*count).map(|region| {
            let mut site = forward.clone();
            if region % 2 == 1 {
                site.reverse();
                site = site.into_iter().map(base::complement).collect();
            }
            codes[start + 95..start + 95 + site.len()].copy_from_slice(&site);
            let interval = Interval { chromosome: 0, start, end: start + 200 };
            start += 1_000;
            interval
        });
        RegionSet { name: (*site).to_owned(), regions: regions.collect() }
    });
    let sets = sets.collect();
    (codes, sets)
}

fn genome(codes: &[u8]) -> Genome {
    let letters: Vec<u8> = codes.iter().map(|&code| base::to_ascii(code)).collect();
    Genome::from_sequences([("chr1", letters)]).unwrap()
}

fn all(codes: &[u8]) -> Vec<Interval> {
    vec![Interval { chromosome: 0, start: 0, end: codes.len() }]
}

fn holds(found: &DiscoveredMotif, site: &str) -> bool {
    let matrix = &found.motif.matrix;
    [matrix.consensus(), matrix.reverse_complement().consensus()].iter().any(|strand| strand.contains(site))
}

fn ids(found: &[DiscoveredMotif]) -> Vec<&str> {
    found.iter().map(|one| one.motif.id.as_str()).collect()
}

#[test]
fn each_set_has_its_site_on_both_strands_and_the_first_of_each_come_first() {
    let (codes, sets) = planted(1, 200_000, &[(SITES[0], 60), (SITES[1], 40)]);
    let found = discover(&genome(&codes), &all(&codes), &sets, 2);
    assert_eq!(ids(&found)[..2], SITES);
    for (one, (site, count)) in found.iter().zip([(SITES[0], 60.0), (SITES[1], 40.0)]) {
        assert!(holds(one, site), "{}", one.motif.matrix.consensus());
        assert_eq!(one.motif.name, site);
        let sites = one.motif.sites.unwrap();
        assert!((count - 1.0..count + 0.5).contains(&sites), "{sites}");
        // All regions and none of the controls, of which there are two for each: 2 n ln 3.
        assert!((one.score - 2.0 * count * 3.0_f64.ln()).abs() < 8.0, "{}", one.score);
    }
    assert!(found[2..].iter().all(|one| one.score < 30.0), "what else is found is chance");
}

#[test]
fn the_second_motif_of_a_set_has_a_number_and_the_first_stays() {
    let (codes, mut sets) = planted(3, 200_000, &[(SITES[0], 60), (SITES[1], 40)]);
    let second = sets.remove(1).regions;
    sets[0].regions.extend(second);
    let found = discover(&genome(&codes), &all(&codes), &sets, 2);
    assert_eq!(ids(&found), [SITES[0].to_owned(), format!("{}-2", SITES[0])]);
    assert!(holds(&found[0], SITES[0]) && holds(&found[1], SITES[1]));
    assert!((found[0].motif.matrix.correlation(&found[0].motif.matrix) - 1.0).abs() < 1e-9);
    assert!(found[0].motif.matrix.correlation(&found[1].motif.matrix) <= ALIKE);
    assert_eq!(discover(&genome(&codes), &all(&codes), &sets, 1), found[..1]);
    assert!(discover(&genome(&codes), &all(&codes), &sets, 0).is_empty());
}

#[test]
fn a_site_with_a_gap_is_found_anywhere_in_a_long_region() {
    let (mut codes, _) = planted(6, 200_000, &[]);
    let mut random = stream(&[60]);
    let at = |region: usize| Interval { chromosome: 0, start: 3_000 * region, end: 3_000 * region + 1_500 };
    for region in 0..60 {
        // ATCA, seven bases of any kind, and GACG: without its gap there is nothing to find.
        let start = 3_000 * region + random.random_range(0..1_485);
        for (offset, letter) in [0, 1, 2, 3, 11, 12, 13, 14].into_iter().zip("ATCAGACG".bytes()) {
            codes[start + offset] = base::from_ascii(letter);
        }
    }
    let sets = [RegionSet { name: "gapped".into(), regions: (0..60).map(at).collect() }];
    let found = discover(&genome(&codes), &all(&codes), &sets, 1);
    let matrix = &found[0].motif.matrix;
    let strands = [matrix.clone(), matrix.reverse_complement()];
    let is_site = |strand: &ProbabilityMatrix| {
        let core = strand.trimmed(MIN_CORE_BITS).unwrap().consensus();
        core.len() == 15 && core.starts_with("ATCA") && core.ends_with("GACG")
    };
    assert!(strands.iter().any(is_site), "{}", matrix.consensus());
    assert_eq!(matrix.width(), 19);
}

#[test]
fn what_regions_are_made_of_is_no_motif() {
    // Islands of G and C, as in promoters, in a genome with half as many of them.
    let mut random = stream(&[7]);
    let mut codes: Vec<u8> = (0..400_000).map(|_| [0, 3, 0, 3, 1, 2][random.random_range(0..6)]).collect();
    let at = |region: usize| Interval { chromosome: 0, start: 4_000 * region + 1_000, end: 4_000 * region + 1_300 };
    for region in 0..100 {
        for code in &mut codes[4_000 * region + 400..4_000 * region + 1_900] {
            *code = [1, 2, 1, 2, 0, 3][random.random_range(0..6)];
        }
        if region % 2 == 0 {
            let site = SITES[0].bytes().map(base::from_ascii);
            codes[4_000 * region + 1_140..].iter_mut().zip(site).for_each(|(code, base)| *code = base);
        }
    }
    let sets = [RegionSet { name: "island".into(), regions: (0..100).map(at).collect() }];
    let found = discover(&genome(&codes), &all(&codes), &sets, 3);
    assert!(holds(&found[0], SITES[0]), "{}", found[0].motif.matrix.consensus());
    assert!(found[1..].iter().all(|one| one.score < 30.0), "{:?}", found[1..].iter().map(|one| one.score));
}

#[test]
fn a_repeat_is_no_motif() {
    let (mut codes, sets) = planted(8, 200_000, &[(SITES[0], 50)]);
    let repeat: Vec<u8> = "GGCTCACGCCTGTAATCCCAGCA".bytes().map(base::from_ascii).collect();
    // As often in regions as between them, but not over a site, which is 95 to 105 bases into each thousand.
    let mut random = stream(&[80]);
    for _ in 0..800 {
        let start = 1_000 * random.random_range(0..199) + random.random_range(105..1_070);
        codes[start..start + repeat.len()].copy_from_slice(&repeat);
    }
    let found = discover(&genome(&codes), &all(&codes), &sets, 3);
    assert!(holds(&found[0], SITES[0]), "{}", found[0].motif.matrix.consensus());
    assert!(!found.iter().any(|one| holds(one, "CACGCCTG")));
}

#[test]
fn a_site_that_reads_the_same_on_both_strands_is_one() {
    let (codes, sets) = planted(5, 200_000, &[("CCACGTGG", 60)]);
    let found = discover(&genome(&codes), &all(&codes), &sets, 1);
    assert!((58.0..60.5).contains(&found[0].motif.sites.unwrap()), "{:?}", found[0].motif.sites);
    let matrix = &found[0].motif.matrix;
    for (row, turned) in matrix.rows().iter().zip(matrix.reverse_complement().rows()) {
        assert!(row.iter().zip(turned).all(|(p, q)| (p - q).abs() < 1e-9), "{row:?}, {turned:?}");
    }
}

#[test]
fn unknown_bases_edges_and_empty_sets_are_no_trouble() {
    let (mut codes, mut sets) = planted(4, 61_000, &[(SITES[0], 60)]);
    codes[..100].fill(base::N);
    codes[1_095..1_100].fill(base::N);
    sets.push(RegionSet { name: "none".into(), regions: Vec::new() });
    // At the very ends of the chromosome there is nothing beside the words.
    let first = Interval { chromosome: 0, start: 100, end: 300 };
    let last = Interval { chromosome: 0, start: 60_900, end: 61_000 };
    let empty = Interval { chromosome: 0, start: 500, end: 500 };
    sets[0].regions.extend([first, last, empty]);
    let found = discover(&genome(&codes), &all(&codes), &sets, 1);
    assert_eq!(found.len(), 1);
    assert!(holds(&found[0], SITES[0]));
    assert!(discover(&genome(&codes), &[], &[], 2).is_empty());
    assert!(discover(&genome(&codes), &[], &sets[1..], 2).is_empty());
}

#[test]
fn separate_sequences_are_compared_with_those_that_are_not_bound() {
    let (codes, sets) = planted(9, 100_000, &[(SITES[0], 60)]);
    let letters: Vec<u8> = codes.iter().map(|&code| base::to_ascii(code)).collect();
    let bound = sets[0].regions.iter().map(|region| letters[region.start..region.end].to_vec());
    let unbound = (0..100).map(|start| letters[70_000 + 200 * start..70_200 + 200 * start].to_vec());
    let sequences: Vec<Vec<u8>> = bound.chain(unbound).collect();
    let named = sequences.iter().enumerate().map(|(index, sequence)| (format!("s{index}"), sequence));
    let genome = Genome::from_sequences(named).unwrap();
    let whole: Vec<Interval> = (0..160).map(|chromosome| Interval { chromosome, start: 0, end: 200 }).collect();
    let sets = [RegionSet { name: "bound".into(), regions: whole[..60].to_vec() }];
    let controls = region::controls(&genome, &sets[0].regions, &whole);
    assert_eq!(controls, whole[60..]);
    let found = discover(&genome, &whole, &sets, 1);
    assert!(holds(&found[0], SITES[0]) && found[0].score > 50.0);
}

#[test]
fn controls_are_beside_regions_where_no_other_region_is() {
    let genome = Genome::from_sequences([("chr1", "A".repeat(1_000)), ("chr2", "A".repeat(300))]).unwrap();
    let on = |chromosome, start, end| Interval { chromosome, start, end };
    // The second region is too near the first and the third for a control between them; the last one fills its end.
    let regions = [on(0, 100, 200), on(0, 250, 350), on(0, 400, 500), on(1, 100, 200), on(0, 880, 940)];
    let found = region::controls(&genome, &regions, &[on(0, 0, 1_000)]);
    let flanks = [on(0, 0, 100), on(0, 500, 600), on(0, 820, 880), on(0, 940, 1_000), on(1, 0, 100), on(1, 200, 300)];
    assert_eq!(found, flanks);
    // One region within another: what is beside the inner one is in the outer one.
    let nested = region::controls(&genome, &[on(0, 300, 600), on(0, 400, 450)], &[]);
    assert_eq!(nested, [on(0, 0, 300), on(0, 600, 900)]);
    // What is beside two inner regions is in the outer one, but for the start of the first.
    let inner = region::controls(&genome, &[on(0, 300, 600), on(0, 300, 310), on(0, 500, 550)], &[]);
    assert_eq!(inner, [on(0, 290, 300), on(0, 0, 300), on(0, 600, 900)]);
    // Too few flanks: pieces of the background that are free, of the mean length.
    let crowded = [on(1, 0, 100), on(1, 100, 200), on(1, 200, 300)];
    let pieces = region::controls(&genome, &crowded, &[on(0, 0, 250), on(1, 0, 300)]);
    assert_eq!(pieces, [on(0, 0, 100), on(0, 100, 200), on(0, 200, 250)]);
    // A piece behind an inner region that ends before the outer one is not free.
    let nested = [on(1, 0, 300), on(1, 20, 40), on(1, 50, 60)];
    assert_eq!(region::controls(&genome, &nested, &[on(1, 100, 300), on(0, 0, 110)]), [on(0, 0, 110)]);
    assert!(region::controls(&genome, &[], &[on(0, 0, 250)]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn the_other_strand_of_a_genome_has_the_same_motifs(seed: u64) {
        let (codes, sets) = planted(seed, 60_000, &[(SITES[0], 50)]);
        let turned: Vec<u8> = codes.iter().rev().map(|&code| base::complement(code)).collect();
        let turn = |interval: &Interval| Interval {
            start: codes.len() - interval.end,
            end: codes.len() - interval.start,
            ..*interval
        };
        let other = vec![RegionSet { name: sets[0].name.clone(), regions: sets[0].regions.iter().map(turn).collect() }];
        let found = discover(&genome(&codes), &all(&codes), &sets, 1);
        let found_turned = discover(&genome(&turned), &all(&turned), &other, 1);
        prop_assert!(holds(&found[0], SITES[0]));
        prop_assert!((found[0].score - found_turned[0].score).abs() < 1e-6);
        let [rows, turned_rows] = [&found, &found_turned].map(|found| found[0].motif.matrix.rows());
        for (p, q) in rows.iter().flatten().zip(turned_rows.iter().flatten()) {
            prop_assert!((p - q).abs() < 1e-9);
        }
    }

    #[test]
    fn random_regions_have_no_motif_above_chance(seed: u64) {
        let (codes, _) = planted(seed, 100_000, &[]);
        let at = |region: usize| Interval { chromosome: 0, start: 1_000 * region + 300, end: 1_000 * region + 600 };
        let sets = [RegionSet { name: "chance".into(), regions: (0..100).map(at).collect() }];
        let found = discover(&genome(&codes), &all(&codes), &sets, 5);
        prop_assert!(found.iter().all(|one| one.score < 40.0), "{:?}", found.iter().map(|one| one.score));
    }

    #[test]
    fn the_number_of_threads_does_not_matter(seed: u64) {
        let (codes, sets) = planted(seed, 60_000, &[(SITES[0], 20), (SITES[1], 20)]);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| discover(&genome(&codes), &all(&codes), &sets, 3))
        };
        prop_assert_eq!(on(1), on(3));
    }
}

#[test]
fn yeast_factors_have_the_motifs_of_their_profiles() {
    let Some(folder) = real_data("yeast") else { return };
    let dataset = Dataset::open(folder.join("dataset.toml")).unwrap();
    let profiles = dataset.motifs().unwrap();
    let set = |(task, of): (usize, &crate::data::Task)| RegionSet {
        name: of.factor.clone(),
        regions: dataset.bound_regions(&[task], Split::Train, 300),
    };
    let sets: Vec<RegionSet> = dataset.tasks().iter().enumerate().map(set).collect();
    let found = discover(dataset.genome(), &dataset.regions(Split::Train, 300), &sets, 1);
    let is_own = |one: &&DiscoveredMotif| {
        let core = one.motif.matrix.trimmed(MIN_CORE_BITS).unwrap();
        let own = profiles.find(&one.motif.name).unwrap();
        Alignment::p_value(&core, &own.matrix, ColumnScore::Pearson, 6, 999, 0) <= 0.01
    };
    let own: Vec<&str> = found.iter().filter(is_own).map(|one| one.motif.name.as_str()).collect();
    // Abf1's motif has a gap.
    for factor in ["Abf1", "Cbf1", "Hap1", "Mcm1", "Rap1", "Reb1", "Stb5", "Ume6"] {
        assert!(own.contains(&factor), "{factor} is not among {own:?}");
    }
    // Of 49 by chance none or one; the others bind with others.
    assert!(own.len() >= 18, "{own:?}");
}

#[test]
fn motifs_are_those_of_the_documented_algorithm_in_python() {
    #[derive(serde::Deserialize)]
    struct Expected {
        id: String,
        rows: Vec<[f64; 4]>,
        sites: f64,
        score: f64,
    }
    #[derive(serde::Deserialize)]
    struct Oracle {
        genome: String,
        background: Vec<[usize; 2]>,
        sets: Vec<(String, Vec<[usize; 2]>)>,
        count: usize,
        motifs: Vec<Expected>,
    }
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracles/discovery.json")).unwrap();
    let oracle: Oracle = serde_json::from_str(&text).unwrap();
    let intervals = |pairs: &[[usize; 2]]| {
        pairs.iter().map(|&[start, end]| Interval { chromosome: 0, start, end }).collect::<Vec<_>>()
    };
    let set =
        |(name, regions): &(String, Vec<[usize; 2]>)| RegionSet { name: name.clone(), regions: intervals(regions) };
    let sets: Vec<RegionSet> = oracle.sets.iter().map(set).collect();
    let genome = Genome::from_sequences([("chr1", oracle.genome.as_str())]).unwrap();
    let found = discover(&genome, &intervals(&oracle.background), &sets, oracle.count);
    assert_eq!(found.len(), oracle.motifs.len());
    assert_eq!(ids(&found), ["one", "two", "one-2", "one-3"]);
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    for (found, expected) in found.iter().zip(&oracle.motifs) {
        assert_eq!(found.motif.id, expected.id);
        assert!(close(found.score, expected.score), "{}, {}", found.score, expected.score);
        assert!(close(found.motif.sites.unwrap(), expected.sites));
        assert_eq!(found.motif.matrix.width(), expected.rows.len());
        for (row, expected) in found.motif.matrix.rows().iter().zip(&expected.rows) {
            assert!(row.iter().zip(expected).all(|(p, q)| close(*p, *q)), "{}", found.motif.id);
        }
    }
}
