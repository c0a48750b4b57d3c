//! Labels, samples, regions and notes of data sets in files.

use proptest::prelude::*;

use super::world::{CELLS, FACTORS, Folder, LENGTH, SPLIT, bins_per_chromosome, letter, world, world_with};
use crate::{
    data::{Dataset, DatasetOptions, Sample, Split},
    genome::{Genome, Interval, Label, write_bigwig},
};

fn names(dataset: &Dataset) -> Vec<&str> {
    dataset.tasks().iter().map(|task| &*task.name).collect()
}

#[test]
fn tasks_and_cells_are_sorted_and_labels_are_the_files() {
    let dataset = world("labels", SPLIT).open().unwrap();
    assert_eq!(names(&dataset), FACTORS.map(|(name, _)| name));
    assert_eq!(dataset.cells().iter().map(|cell| &*cell.name).collect::<Vec<_>>(), CELLS);
    assert!(dataset.has_signal());
    assert_eq!(dataset.grid().len(), 4 * bins_per_chromosome());
    let tasks: Vec<usize> = (0..FACTORS.len()).collect();
    let train = dataset.samples_for(&tasks, Split::Train, 0).unwrap();
    for (track, bound) in dataset.bound_bins(Split::Train, 0) {
        let samples = train.iter().filter(|sample| usize::from(sample.cell) == track.cell);
        let expected = samples.filter(|sample| dataset.label(track.task, *sample) == Label::Bound).count();
        assert!(bound == expected && bound > 0, "{track:?}: {bound} {expected}");
    }
    for (task, (_, measured)) in FACTORS.iter().enumerate() {
        for cell in 0..3 {
            assert_eq!(dataset.is_measured(task, cell), measured.contains(&cell));
            for bin in 0..dataset.grid().len() {
                let label = dataset.label(task, Sample { bin: bin as u32, cell: cell as u16 });
                assert_eq!(label.letter(), letter(task, cell, bin), "{task} {cell} {bin}");
            }
        }
    }
    let tracks: Vec<_> = dataset.tracks().map(|track| (track.factor_name, track.cell_name)).collect();
    assert_eq!(tracks.len(), 7);
    assert_eq!(tracks[..3], [("CTCF", "A549"), ("CTCF", "HepG2"), ("JUND", "HepG2")]);
}

#[test]
fn a_sample_is_a_bin_of_the_split_where_a_task_is_known() {
    let split = format!("{SPLIT}train_cells = ['A549', 'HepG2']\ntest_cells = ['K-562']\n");
    let dataset = world("samples", &split).open().unwrap();
    let expect = |cells: &[usize], chromosomes: std::ops::Range<usize>, tasks: &[usize]| {
        let mut expected = Vec::new();
        for &cell in cells {
            let bins = chromosomes.start * bins_per_chromosome()..chromosomes.end * bins_per_chromosome();
            let known = |bin: &usize| tasks.iter().any(|&task| matches!(letter(task, cell, *bin), Some('U' | 'B')));
            expected.extend(bins.filter(known).map(|bin| Sample { bin: bin as u32, cell: cell as u16 }));
        }
        expected
    };
    let got = |split| dataset.samples(split, 200).unwrap().iter().collect::<Vec<_>>();
    assert_eq!(got(Split::Train), expect(&[0, 1], 0..2, &[0, 1, 2]));
    assert_eq!(got(Split::Valid), expect(&[0, 1], 2..3, &[0, 1, 2]), "a held-out cell type is not chosen on");
    assert_eq!(got(Split::Test), expect(&[2], 3..4, &[0, 1, 2]));
    let some = dataset.samples_for(&[0], Split::Train, 200).unwrap();
    assert_eq!(some.iter().collect::<Vec<_>>(), expect(&[0, 1], 0..2, &[0]));
    assert_eq!(some.len(), expect(&[0, 1], 0..2, &[0]).len());
    assert_eq!(dataset.notes().last().unwrap(), "not measured in any cell type of the test split: CTCF");
}

#[test]
fn samples_that_tasks_have_in_common_are_counted_once() {
    let dataset = world("common", &format!("{SPLIT}train_cells = ['A549', 'HepG2']\n")).open().unwrap();
    let known = |task: usize, cell: usize, bin: usize| matches!(letter(task, cell, bin), Some('U' | 'B'));
    let tasks = [2, 0, 1];
    let pairs = tasks.iter().flat_map(|&a| tasks.iter().map(move |&b| (a, b)));
    let count = |(a, b)| -> u64 {
        let bins = 0..2 * bins_per_chromosome();
        let both = |cell: usize, bin: usize| known(a, cell, bin) && known(b, cell, bin);
        bins.map(|bin| (0..2).filter(|&cell| both(cell, bin)).count() as u64).sum()
    };
    assert_eq!(dataset.observed_together(&tasks, Split::Train, 200), pairs.map(count).collect::<Vec<_>>());
}

#[test]
fn regions_cover_the_bins_of_a_split_and_no_other_base() {
    let split = format!("{SPLIT}train_cells = ['A549', 'HepG2']\n");
    let dataset = world("regions", &split).open().unwrap();
    let check = |regions: Vec<Interval>, has: &dyn Fn(usize) -> bool| {
        let mut covered = vec![vec![false; LENGTH]; dataset.genome().len()];
        for bin in (0..dataset.grid().len()).filter(|bin| has(*bin)) {
            let bin = dataset.grid().interval(bin);
            covered[bin.chromosome][bin.start..bin.end].fill(true);
        }
        let is_apart = |pair: &[Interval]| pair[0].chromosome < pair[1].chromosome || pair[0].end < pair[1].start;
        assert!(regions.windows(2).all(is_apart), "{regions:?}");
        for region in &regions {
            assert!(covered[region.chromosome][region.start..region.end].iter().all(|is_covered| *is_covered));
            covered[region.chromosome][region.start..region.end].fill(false);
        }
        assert!(!regions.is_empty() && covered.iter().flatten().all(|is_covered| !is_covered));
    };
    let trained = 0..2 * bins_per_chromosome();
    check(dataset.regions(Split::Train, 200), &|bin| trained.contains(&bin));
    for tasks in [vec![0], vec![0, 1, 2]] {
        let bound =
            |bin: usize| tasks.iter().any(|&task| [0, 1].iter().any(|&cell| letter(task, cell, bin) == Some('B')));
        check(dataset.bound_regions(&tasks, Split::Train, 200), &|bin| trained.contains(&bin) && bound(bin));
    }
}

/// A data set of one track on three chromosomes.
fn with_split(name: &str, split: &str) -> Dataset {
    let folder = Folder::new(name);
    let sequence = "ACGT".repeat(LENGTH / 4);
    folder.write("genome.fa", ["chr1", "chr2", "chr3"].map(|name| format!(">{name}\n{sequence}\n")).concat());
    folder.write("F.bed", "chr2\t900\t1300\n");
    folder.write(
        "dataset.toml",
        format!(
            "name = 'p'\ngenome = 'genome.fa'\nwindows = {{ bin_bp = 200, stride_bp = 50 }}\n\
             peaks = {{ pattern = '{{tf}}.bed', cell = 'A' }}\n[split]\n{split}"
        ),
    );
    folder.open().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_context_of_a_training_bin_touches_a_held_out_bin(
        context_bp in 1_usize..4000,
        valid in 0_usize..8000,
        length in 250_usize..1500,
        test in 10_000_usize..19_000,
    ) {
        let (valid, test) = (format!("chr3:{valid}-{}", valid + length), format!("chr3:{test}-{}", test + 1000));
        let name = format!("property-{context_bp}-{valid}-{test}").replace(':', "-");
        let dataset = with_split(&name, &format!("valid = ['chr1', '{valid}']\ntest = ['{test}']"));
        let bins = |split| -> Vec<Interval> {
            let samples = dataset.samples(split, context_bp).unwrap();
            samples.iter().map(|sample| dataset.grid().interval(sample.bin as usize)).collect()
        };
        let held_out = [bins(Split::Valid), bins(Split::Test)].concat();
        for bin in bins(Split::Train) {
            let start = bin.start as i64 + 100 - (context_bp / 2) as i64;
            let end = start + context_bp as i64;
            let touched = held_out.iter().find(|other| {
                other.chromosome == bin.chromosome && start < other.end as i64 && end > other.start as i64
            });
            prop_assert_eq!(touched, None);
        }
    }
}

#[test]
fn bins_that_touch_the_blacklist_are_missing_everywhere() {
    let folder = world_with("blacklist", "blacklist = 'blacklist.bed'", SPLIT);
    folder.write("blacklist.bed", "chr1\t1000\t1001\nchr4\t0\t500\n");
    let dataset = folder.open().unwrap();
    let test_start = 3 * bins_per_chromosome();
    for bin in (17..=20).chain(test_start..test_start + 10) {
        for (task, cell) in dataset.tracks().map(|track| (track.task, track.cell)) {
            assert_eq!(dataset.label(task, Sample { bin: bin as u32, cell: cell as u16 }), Label::Missing);
        }
    }
    for split in Split::ALL {
        let mut samples = dataset.samples(split, 200).unwrap().iter().collect::<Vec<_>>().into_iter();
        assert!(!samples.any(|sample| (17..=20).contains(&(sample.bin as usize))));
    }
    for bin in [16, 21] {
        let label = dataset.label(2, Sample { bin, cell: 0 });
        assert_eq!(label.letter(), letter(2, 0, bin as usize), "bin {bin} only lies beside it");
    }
}

#[test]
fn a_task_per_track_needs_no_accessibility() {
    let dataset = world_with("track", "tasks = { per = 'track' }", SPLIT).open().unwrap();
    assert_eq!(names(&dataset)[..3], ["CTCF@A549", "CTCF@HepG2", "JUND@HepG2"]);
    assert_eq!((dataset.tasks().len(), dataset.cells().len(), &*dataset.cells()[0].name), (7, 1, "*"));
    assert!(!dataset.has_signal() && dataset.signal(0).is_none());
    let tracks: Vec<_> = dataset.tracks().map(|track| (track.task, track.factor_name, track.cell_name)).collect();
    assert_eq!(tracks[6], (6, "REST", "K-562"));
    for bin in 0..dataset.grid().len() {
        assert_eq!(dataset.label(6, Sample { bin: bin as u32, cell: 0 }).letter(), letter(2, 2, bin));
    }
    assert_eq!(dataset.notes()[0], "accessibility is not used, since a task is a factor in one cell type");
}

#[test]
fn a_cell_type_that_lacks_its_track_is_an_error_that_names_it() {
    let folder = world("lacking", SPLIT);
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    let found = |from: &str, to: &str| {
        folder.write("dataset.toml", text.replace(from, to));
        folder.message().rsplit_once(", found ").map(|(_, found)| found.to_owned())
    };
    assert_eq!(found("A549 = 'A549.bw'\n", "").unwrap(), "none for A549");
    assert_eq!(found("K-562 = ", "K562 = ").unwrap(), "none for K-562, but one for K562");
    // Which factors are asked for makes no difference, though JUND's cell types all have a track.
    folder.write("dataset.toml", text.replace("A549 = 'A549.bw'\n", ""));
    let options = DatasetOptions { factors: Some(vec!["JUND".to_owned()]), ..DatasetOptions::default() };
    assert!(Dataset::open_with(folder.path("dataset.toml"), &options).is_err());
    folder.write("dataset.toml", text.replace("[windows]", "[tasks]\nper = 'track'\n[windows]"));
    let some = Dataset::open_with(folder.path("dataset.toml"), &options).unwrap();
    assert_eq!(names(&some), ["JUND@HepG2", "JUND@K-562"]);
}

#[test]
fn tasks_are_tracks_where_there_is_no_accessibility() {
    let folder = world("no-accessibility", SPLIT);
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    let (before, rest) = text.split_once("[accessibility]").unwrap();
    let (_, after) = rest.split_once("[split]").unwrap();
    folder.write("dataset.toml", format!("{before}[split]{after}"));
    assert_eq!(folder.open().unwrap().tasks().len(), 7);
}

#[test]
fn predictions_need_no_labels() {
    let options = DatasetOptions { without_labels: true, ..DatasetOptions::default() };
    let folder = world("unlabelled", "valid = ['chr9']\ntest_cells = ['unknown']");
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    for labels in ["", "labels = 'nowhere/{tf}.tsv'\n"] {
        folder.write("dataset.toml", text.replace("labels = 'labels/{tf}.tsv'\n", labels));
        let dataset = Dataset::open_with(folder.path("dataset.toml"), &options).unwrap();
        assert_eq!(dataset.cells().iter().map(|cell| &*cell.name).collect::<Vec<_>>(), CELLS);
        assert!(dataset.has_signal() && dataset.tasks().is_empty() && dataset.tracks().next().is_none());
        assert!(dataset.samples(Split::Train, 0).is_err());
    }
    folder.write("dataset.toml", text.replace("labels = 'labels/{tf}.tsv'\n", ""));
    assert_eq!(folder.message(), "labels: expected either labels or [peaks], found neither");
}

#[test]
fn some_factors_can_be_asked_for() {
    let folder = world("some", SPLIT);
    let open = |factors: &[&str]| {
        let factors = Some(factors.iter().map(|&name| name.to_owned()).collect());
        let options = DatasetOptions { factors, ..DatasetOptions::default() };
        Dataset::open_with(folder.path("dataset.toml"), &options)
    };
    let dataset = open(&["REST", "CTCF"]).unwrap();
    assert_eq!((names(&dataset), dataset.cells().len()), (vec!["CTCF", "REST"], 3));
    let message = open(&["CTFC", "REST"]).unwrap_err().to_string();
    assert_eq!(message, "no factor CTFC; most similar of the data set's 3: CTCF, JUND, REST");
    assert_eq!(
        open(&[]).unwrap_err().to_string(),
        "no factor was asked for; some of the data set's 3: CTCF, JUND, REST"
    );
}

#[test]
fn notes_name_cells_trained_and_tested_on_and_tasks_without_positives() {
    let folder = world("notes", "valid = ['chr3']\ntest = ['chr4']\n");
    let header = "chr\tstart\tstop\tA549\n";
    folder.write(
        "labels/ZEB1.tsv",
        format!("{header}chr1\t0\t200\tB\nchr3\t0\t200\tU\nchr4\t0\t200\tB\nchrM\t0\t200\tB\n"),
    );
    let dataset = folder.open().unwrap();
    let table = |name: &str| folder.path(&format!("labels/{name}.tsv")).display().to_string();
    let bins = bins_per_chromosome();
    let lacking = |task: usize, cell: usize| -> Vec<usize> {
        let of = |chromosome: usize| chromosome * bins..(chromosome + 1) * bins;
        (0..4).map(|chromosome| of(chromosome).filter(|bin| letter(task, cell, *bin).is_none()).count()).collect()
    };
    let no_rows = |name: &str, counts: Vec<usize>| {
        let each: Vec<String> = counts.iter().zip(1..).map(|(n, chr)| format!("chr{chr} {n} of {bins}")).collect();
        let (sum, all) = (counts.iter().sum::<usize>(), 4 * bins);
        format!("{}: no row for {sum} of {all} bins: {}", table(name), each.join(", "))
    };
    let expected = [
        format!(
            "records left out: 1 of 4 (25.0 %) on chromosomes that the genome lacks: chrM; most of them, 1, in {}",
            table("ZEB1")
        ),
        no_rows("CTCF", lacking(0, 0)),
        no_rows("JUND", lacking(1, 1)),
        no_rows("REST", lacking(2, 0)),
        no_rows("ZEB1", vec![bins - 1, bins, bins - 1, bins - 1]),
        "cell types both trained and tested on: A549, HepG2, K-562".to_owned(),
        "measured, but bound in no bin of the valid split: ZEB1".to_owned(),
    ];
    assert_eq!(dataset.notes(), expected);
    assert_eq!(dataset.tasks_without_positives(Split::Valid, 200), [3]);
    assert!(dataset.tasks_without_positives(Split::Train, 200).is_empty());
}

#[test]
fn a_score_takes_a_bound_and_an_unbound_bin_in_one_cell_type() {
    let folder = world("scores", "valid = ['chr3']\ntest = ['chr4']\n");
    let rows = "chr1\t0\t200\tB\tU\nchr3\t0\t200\tB\tU\nchr3\t50\t250\tB\tA\nchr4\t0\t200\tB\tU\nchr4\t50\t250\tU\tU\n";
    folder.write("labels/ZEB1.tsv", format!("chr\tstart\tstop\tA549\tHepG2\n{rows}"));
    let dataset = folder.open().unwrap();
    assert_eq!(dataset.tasks_without_score(Split::Valid, 200), [3]);
    assert!(dataset.tasks_without_score(Split::Test, 200).is_empty());
    assert!(dataset.tasks_without_positives(Split::Valid, 200).is_empty());
}

#[test]
fn relaxed_peaks_make_bins_ambiguous() {
    let folder = Folder::new("relaxed");
    folder
        .write("genome.fa", ["chr1", "chr2", "chr3"].map(|name| format!(">{name}\n{}\n", "ACGT".repeat(250))).concat());
    folder.write("peaks/K562.F.bed", "chr1\t0\t200\nchr2\t0\t200\nchr3\t0\t200\n");
    folder.write("relaxed/K562.F.bed", "chr1\t0\t400\n");
    folder.write("peaks/A549.F.bed", "chr1\t0\t200\n");
    folder.write(
        "dataset.toml",
        "name = 'r'\ngenome = 'genome.fa'\nwindows = { bin_bp = 200, stride_bp = 200 }\n\
         peaks = { pattern = 'peaks/{cell}.{tf}.bed', relaxed_pattern = 'relaxed/{cell}.{tf}.bed' }\n\
         split = { valid = ['chr2'], test = ['chr3'] }",
    );
    let dataset = folder.open().unwrap();
    assert_eq!(names(&dataset), ["F@A549", "F@K562"]);
    let letters =
        |task| (0..5).filter_map(|bin| dataset.label(task, Sample { bin, cell: 0 }).letter()).collect::<String>();
    assert_eq!([letters(0), letters(1)], ["BUUUU", "BAUUU"]);
    let lacking = "without relaxed peaks, where only partial overlaps with peaks are ambiguous: F in A549";
    assert!(dataset.notes().iter().any(|note| note == lacking), "{:?}", dataset.notes());
    let text = std::fs::read_to_string(folder.path("dataset.toml")).unwrap();
    folder.write("dataset.toml", text.replace("'relaxed/{cell}", "'relaxd/{cell}"));
    assert!(folder.message().starts_with("FOLDER/relaxd: "), "{}", folder.message());
    folder.write("dataset.toml", text.replace("relaxed/{cell}.{tf}.bed", "relaxed/{cell}.{tf}.narrowPeak"));
    let error = folder.message();
    assert!(error.starts_with("peaks.relaxed_pattern: expected at least one file that fits"), "{error}");
}

#[test]
fn a_cell_type_that_is_held_out_but_chosen_on_is_told() {
    let split =
        format!("{SPLIT}train_cells = ['A549', 'HepG2']\nvalid_cells = ['A549', 'K-562']\ntest_cells = ['K-562']\n");
    let dataset = world("chosen", &split).open().unwrap();
    let note = "cell types of the test split that validation uses too, though nothing is trained on them: K-562";
    assert!(dataset.notes().iter().any(|other| other == note), "{:?}", dataset.notes());
    let split = format!("{SPLIT}train_cells = []\n");
    let error = world("no-cells", &split).message();
    assert_eq!(error, "split.train_cells: expected some of A549, HepG2, K-562, found none");
}

#[test]
fn peaks_without_summits_and_files_without_peaks_are_told() {
    let folder = Folder::new("summits");
    folder
        .write("genome.fa", ["chr1", "chr2", "chr3"].map(|name| format!(">{name}\n{}\n", "ACGT".repeat(250))).concat());
    let peak = |chromosome, summit: &str| format!("{chromosome}\t100\t300\t.\t0\t.\t1.5\t-1\t-1\t{summit}\n");
    let all = |summit: &str| ["chr1", "chr2", "chr3"].map(|chromosome| peak(chromosome, summit)).concat();
    folder.write("X11.02c.narrowPeak", all("80"));
    folder.write("Reb1.narrowPeak", all("80") + &peak("chr1", "-1"));
    folder.write("Abf1.narrowPeak", all("80") + "chr1\t600\t700\n");
    folder.write("Gal4.narrowPeak", "");
    folder.write("blacklist.bed", "# none\n");
    folder.write(
        "dataset.toml",
        "name = 's'\ngenome = 'genome.fa'\nblacklist = 'blacklist.bed'\nwindows = { bin_bp = 200, stride_bp = 100 }\n\
         peaks = { pattern = '{tf}.narrowPeak', cell = 'K562', half_width_bp = 50 }\n\
         split = { valid = ['chr2'], test = ['chr3'] }",
    );
    let dataset = folder.open().unwrap();
    assert_eq!(names(&dataset), ["Abf1@K562", "Gal4@K562", "Reb1@K562", "X11.02c@K562"]);
    let path = |name: &str| folder.path(name).display().to_string();
    let expected = [
        format!(
            "peaks are not all centred alike: 9 on their summit; 1 on their midpoint, without a summit; 1 on their \
             start, as lines of plain BED; see {}, {}",
            path("Abf1.narrowPeak"),
            path("Reb1.narrowPeak"),
        ),
        format!("{}: no interval of the genome in it, so that no bin is dropped", path("blacklist.bed")),
        format!("{}: no peak in it", path("Gal4.narrowPeak")),
    ];
    assert_eq!(dataset.notes()[..3], expected, "the blacklist is no file of peaks");
    folder.write("Reb1.narrowPeak", all("80"));
    folder.write("Abf1.narrowPeak", "chr1\t600\t700\nchr2\t600\t700\nchr3\t600\t700\n");
    let note = format!(
        "peaks are not all centred alike: 6 on their summit; 3 on their start, as lines of plain BED; see {}",
        path("Abf1.narrowPeak")
    );
    assert_eq!(folder.open().unwrap().notes()[0], note, "files that are alike within may differ from each other");
}

#[test]
fn hidden_labels_are_missing_and_no_others() {
    let mut dataset = world("hidden", SPLIT).open().unwrap();
    let before = world("hidden-before", SPLIT).open().unwrap();
    let is_hidden = |task: usize, cell: usize, bin: Interval| task == 1 && cell == 1 && bin.chromosome == 2;
    dataset.hide_labels(|track, bin| is_hidden(track.task, track.cell, bin));
    let mut hidden = 0;
    for (task, cell, bin) in (0..FACTORS.len())
        .flat_map(|task| (0..3).map(move |cell| (task, cell)))
        .flat_map(|(task, cell)| (0..before.grid().len()).map(move |bin| (task, cell, bin)))
    {
        let sample = Sample { bin: bin as u32, cell: cell as u16 };
        let label = before.label(task, sample);
        let is_hidden = is_hidden(task, cell, before.grid().interval(bin));
        hidden += usize::from(is_hidden && label != Label::Missing);
        assert_eq!(dataset.label(task, sample), if is_hidden { Label::Missing } else { label });
    }
    assert!(hidden > 0);
    assert_ne!(dataset.fingerprint_number(), before.fingerprint_number());
}

#[test]
fn data_sets_that_differ_in_sequence_bins_signal_or_transform_are_told_apart() {
    let fingerprint = |name: &str, letters: &str, bin_bp: usize, peak: usize, transform: &str| {
        let folder = Folder::new(&format!("fingerprint-{name}"));
        folder.write("genome.fa", format!(">chr1\n{letters}\n>chr2\n{letters}\n>chr3\n{letters}\n"));
        let genome = Genome::open(folder.path("genome.fa")).unwrap();
        let runs = (0..3).map(|chromosome| (Interval { chromosome, start: peak, end: peak + 10 }, 2.0));
        write_bigwig(folder.path("a.bw"), &genome, runs).unwrap();
        folder.write("F.bed", "chr1\t0\t100\nchr2\t0\t100\nchr3\t10\t90\n");
        folder.write(
            "dataset.toml",
            format!(
                "name = 'f'\ngenome = 'genome.fa'\nwindows = {{ bin_bp = {bin_bp}, stride_bp = 50 }}\n\
                 peaks = {{ pattern = '{{tf}}.bed', cell = 'K562' }}\n\
                 accessibility = {{ K562 = 'a.bw', transform = '{transform}' }}\n\
                 split = {{ valid = ['chr2'], test = ['chr3'] }}"
            ),
        );
        folder.open().unwrap().fingerprint_number()
    };
    let (letters, turned) = ("ACGT".repeat(100), "TGCA".repeat(100));
    let same = fingerprint("same", &letters, 100, 50, "log1p");
    assert_eq!(fingerprint("again", &letters, 100, 50, "log1p"), same);
    assert_ne!(fingerprint("sequence", &turned, 100, 50, "log1p"), same);
    assert_ne!(fingerprint("bins", &letters, 101, 50, "log1p"), same);
    assert_ne!(fingerprint("signal", &letters, 100, 60, "log1p"), same);
    assert_ne!(fingerprint("transform", &letters, 100, 50, "none"), same);
}

#[test]
fn a_test_split_of_other_cell_types_is_no_part_of_what_trainings_depend_on() {
    let number = |name: &str, test: &str, cells: &str| {
        let split = format!(
            "train = ['chr1', 'chr2']\nvalid = ['chr3']\ntest = ['{test}']\ntrain_cells = ['A549', 'HepG2']\n\
             test_cells = ['{cells}']\n"
        );
        world(name, &split).open().unwrap().fingerprint_number()
    };
    let apart = number("apart", "chr4", "K-562");
    assert_eq!(number("apart-elsewhere", "chr1", "K-562"), apart);
    assert_ne!(number("apart-common", "chr4", "HepG2"), apart);
}

#[test]
fn places_that_are_trained_on_in_other_cell_types_are_told() {
    let split = "train = ['chr1', 'chr2']\nvalid = ['chr3']\ntest = ['chr2', 'chr4']\n";
    let cells = "train_cells = ['A549', 'HepG2']\ntest_cells = ['K-562']\n";
    let dataset = world("common-places", &format!("{split}{cells}")).open().unwrap();
    let told = dataset.notes().iter().filter(|note| note.starts_with("50 % of the places to test on are trained on"));
    assert_eq!(told.count(), 1, "{:?}", dataset.notes());
    let bins = 2 * bins_per_chromosome();
    assert!(dataset.samples(Split::Train, 1000).unwrap().iter().all(|sample| (sample.bin as usize) < bins));
    let error = world("common-cells", split).message();
    assert!(error.ends_with("found train chr2:0-20000 and test chr2:0-20000"), "{error}");
}

#[test]
fn a_cell_type_that_is_left_out_is_neither_trained_nor_stopped_on() {
    let dataset = world("left-out", &format!("{SPLIT}train_cells = ['A549', 'HepG2']\n")).open().unwrap();
    let fold = dataset.leave_out("HepG2").unwrap();
    assert_eq!(Split::ALL.map(|split| fold.split_cells(split).to_vec()), [vec![0], vec![0], vec![1]]);
    let bins = |dataset: &Dataset, split| dataset.regions(split, 200);
    assert_eq!(bins(&fold, Split::Test), bins(&dataset, Split::Valid));
    assert_eq!(bins(&fold, Split::Train), bins(&dataset, Split::Train));
    assert_eq!((fold.split_name(Split::Test), dataset.split_name(Split::Test)), ("left-out", "test"));
    assert!(fold.notes().iter().all(|note| !note.contains("both trained and tested")), "{:?}", fold.notes());
    for cell in ["K-562", "HepG"] {
        let error = dataset.leave_out(cell).unwrap_err().to_string();
        let expected = "leave_out: expected one of several cell types to train on; there are A549, HepG2, found ";
        assert_eq!(error, format!("{expected}{cell:?}"));
    }
    assert!(fold.leave_out("A549").unwrap_err().to_string().contains("there are A549, found"));
}
