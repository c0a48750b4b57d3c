//! The program `multitf` from its arguments to its files, on a small simulated world.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Simulates a world in a folder, and returns its data set.
fn simulated(folder: &Path) -> PathBuf {
    said(&multitf("simulate", &[("--out", &folder.join("world"))]));
    folder.join("world/dataset.toml")
}

/// Calls the program with words, and with options that are paths.
fn multitf(words: &str, paths: &[(&str, &Path)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_multitf"));
    command.args(words.split_whitespace());
    for (flag, path) in paths {
        command.arg(flag).arg(path);
    }
    command.output().unwrap()
}

/// What a call that succeeds prints.
fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Why a call is refused.
fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const SUBCOMMANDS: [&str; 9] =
    ["simulate", "compare", "thread", "predict", "train", "extend", "explain", "variants", "baseline"];

#[test]
fn every_subcommand_and_every_flag_is_explained() {
    let all = said(&multitf("--help", &[]));
    for name in SUBCOMMANDS {
        let help = said(&multitf(&format!("{name} --help"), &[]));
        let first = help.lines().next().unwrap().trim_end_matches('.');
        assert!(all.contains(&format!("{name}  ")) && all.contains(first), "{name}: {all}");
        let lines: Vec<&str> = help.lines().map(str::trim).collect();
        let flags = lines.iter().enumerate().filter(|(_, line)| line.starts_with("--") && !line.contains("   "));
        for (index, flag) in flags {
            let words = lines[index + 1].split_whitespace().count();
            assert!(words >= 2, "{name}: nothing is said of {flag}");
        }
        assert_eq!(said(&multitf(&format!("help {name}"), &[])), help);
    }
}

#[test]
fn a_world_is_simulated_once_and_nothing_else_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = simulated(folder.path());
    let before = fs::metadata(&dataset).unwrap().modified().unwrap();
    assert_eq!(simulated(folder.path()), dataset);
    assert_eq!(fs::metadata(&dataset).unwrap().modified().unwrap(), before);
    let world = folder.path().join("world");
    for words in ["simulate --seed 2", "simulate --world conflicting"] {
        assert!(refused(&multitf(words, &[("--out", &world)])).contains("choose another --out"), "{words}");
    }
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("genome.fa"), ">chr1\nACGT\n").unwrap();
    assert!(refused(&multitf("simulate", &[("--out", &own)])).contains("expected an empty folder"));
    assert_eq!(fs::read_dir(&own).unwrap().count(), 1);
}

#[test]
fn a_trained_model_predicts_and_only_force_replaces_it() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out, tracks) = (simulated(folder.path()), folder.path().join("out"), folder.path().join("tracks"));
    let train =
        |words: &str| multitf(&format!("train --tasks CTCF,MAX {words}"), &[("--data", &data), ("--out", &out)]);
    let first = said(&train("--budget 500"));
    assert!(first.contains("500 draws") && first.contains("model.safetensors"), "{first}");
    assert_eq!(said(&train("--budget 500")), first);
    let model = out.join("model.safetensors");
    let bytes = fs::read(&model).unwrap();
    for (words, why) in [("--budget 600", "training.budget"), ("--budget 500 --seed 1", "seed")] {
        let said = refused(&train(words));
        assert!(said.contains("other settings") && said.contains(why), "{said}");
        assert!(fs::read(&model).unwrap() == bytes);
    }
    said(&train("--budget 600 --force"));
    assert!(fs::read(&model).unwrap() != bytes);

    let paths: [(&str, &Path); 3] = [("--model", &model), ("--data", &data), ("--out", &tracks)];
    said(&multitf("predict --cell cell1 --tasks CTCF --chromosomes chr6", &paths));
    let track = fs::read_to_string(tracks.join("CTCF.cell1.bedGraph")).unwrap();
    assert!(track.lines().all(|line| line.starts_with("chr6\t")) && track.lines().count() > 1000);
    // bigWig files alone, of a finished run and of a new one.
    let direct = folder.path().join("direct");
    for out in [&tracks, &direct] {
        let words = "predict --cell cell1 --tasks CTCF --chromosomes chr6 --format bigwig";
        said(&multitf(words, &[("--model", &model), ("--data", &data), ("--out", out)]));
    }
    let [converted, direct] = [&tracks, &direct].map(|folder| fs::read(folder.join("CTCF.cell1.bigWig")).unwrap());
    assert!(converted == direct && !tracks.join("CTCF.cell1.bedGraph").exists());
    check_explained(folder.path(), &model, &data);
    check_variants(folder.path(), &model, &data);
}

/// Explains two regions by a model of CTCF and MAX.
fn check_explained(folder: &Path, model: &Path, data: &Path) {
    let (regions, out) = (folder.join("regions.bed"), folder.join("explained"));
    let explain = |words: &str| {
        let paths: [(&str, &Path); 4] =
            [("--model", model), ("--data", data), ("--regions", &regions), ("--out", &out)];
        multitf(&format!("explain --cell cell1 {words}"), &paths)
    };
    fs::write(&regions, "chr6\t1000\t1700\nchr6\t5000\t99999999\n").unwrap();
    assert!(refused(&explain("")).contains("regions.bed:2: chr6 ends at"));
    assert!(!out.exists());
    fs::write(&regions, "chr6\t1000\t1700\nchr6\t5000\t5100\n").unwrap();
    assert!(refused(&explain("--tasks REST")).contains("--tasks"));
    assert!(refused(&explain("--least-contribution nan")).contains("--least-contribution: expected a finite number"));
    assert_eq!(said(&explain("")), format!("2 regions explained for 2 tasks in {}\n", out.display()));
    let table = fs::read_to_string(out.join("regions.tsv")).unwrap();
    assert!(table.starts_with("region\tCTCF\tMAX\nchr6:1000-1700\t"), "{table}");
    // A header of 128 bytes, or of 64, and two regions of 4 x 300 numbers, in a zip file.
    let array = fs::read(out.join("contributions/MAX.npz")).unwrap();
    assert!(array.starts_with(b"PK") && array.len() > 2 * 4 * 300 * 4, "{}", array.len());
    assert_eq!(fs::read_to_string(out.join("report.html")).unwrap().matches("<svg").count(), 4);
    assert!(refused(&explain("")).contains("expected no file"));
    assert!(said(&explain("--tile --tasks max --force")).starts_with("4 regions explained for 1 tasks"));
}

/// Scores variants of a simulated genome by a model of CTCF and MAX that reads accessibility.
fn check_variants(folder: &Path, model: &Path, data: &Path) {
    let (vcf, out, table) = (folder.join("in.vcf"), folder.join("out.vcf.gz"), folder.join("variants.tsv.gz"));
    let genome = data.parent().unwrap().join("genome.fa.gz");
    let letters = multitf::genome::Genome::open(&genome).unwrap();
    let mut codes = [0; 2];
    letters.decode(letters.index_of("chr6").unwrap(), 999, &mut codes);
    let [own, next] = codes.map(|code| char::from(multitf::genome::base::to_ascii(code)));
    let other = if own == 'A' { 'C' } else { 'A' };
    let header = "##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    let write = |lines: &str| fs::write(&vcf, format!("{header}{lines}")).unwrap();
    let variants = |words: &str, from: (&str, &Path)| {
        let paths: [(&str, &Path); 5] =
            [("--model", model), from, ("--vcf", &vcf), ("--out", &out), ("--table", &table)];
        multitf(&format!("variants {words}"), &paths)
    };
    let from_data: (&str, &Path) = ("--data", data);
    write(&format!("chr6\t1000\t.\t{other}\tG\t.\t.\t.\n"));
    let wrong = refused(&variants("--cell cell1", from_data));
    assert!(wrong.contains("in.vcf:3:4: expected the genome's bases at chr6:1000") && !out.exists(), "{wrong}");
    write(&format!("chr6\t1000\t.\t{own}\t{other},<DEL>\t.\t.\t.\nchr6\t1000\t.\t{own}{next}\t{own}\t.\t.\t.\n"));
    let summary = said(&variants("--cell cell1 --index --columns reference,alternative", from_data));
    assert!(summary.starts_with("2 records, 2 alternatives scored, 1 not:"), "{summary}");
    assert!(out.exists() && folder.join("out.vcf.gz.tbi").exists() && table.exists());
    assert!(refused(&variants("--cell cell1", from_data)).contains("replaced with --force"));
    let words = "--force --shifts=-20,0,20 --tasks max --value probability --skip-mismatches";
    said(&variants(&format!("{words} --cell cell1"), from_data));
    let from_genome: (&str, &Path) = ("--genome", &genome);
    assert!(refused(&variants("--force", from_genome)).contains("--genome: expected a data set with accessibility"));
    said(&variants("--force --signal none --best-bin --forward-only --prefix MINE", from_genome));
    said(&variants("--force --signal none --cell cell1", from_data));
}

#[test]
fn a_baseline_is_scored_and_leaves_the_files_of_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (simulated(folder.path()), folder.path().join("out"));
    fs::create_dir(&out).unwrap();
    fs::write(out.join("scores.tsv"), "mine\n").unwrap();
    let fit = |words: &str| multitf(&format!("baseline --kind motif {words}"), &[("--data", &data), ("--out", &out)]);
    assert!(refused(&fit("")).contains("scores.tsv: expected no file"));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    let words = "--tasks CTCF,MAX --force";
    let table = said(&fit(words));
    assert!(table.lines().nth(1).unwrap().starts_with("motif"), "{table}");
    assert_eq!(said(&fit("--tasks CTCF,MAX")), table);
    let scores = fs::read_to_string(out.join("scores.tsv")).unwrap();
    let factors = scores.lines().skip(1).map(|line| line.split('\t').find(|field| ["CTCF", "MAX"].contains(field)));
    assert!(factors.clone().all(|factor| factor.is_some()) && factors.count() >= 2, "{scores}");
    assert!(!out.join("test-openings.tsv").exists());
    said(&fit("--tasks CTCF,MAX --score test"));
    assert_eq!(fs::read_to_string(out.join("test-openings.tsv")).unwrap().lines().count(), 1);
}

#[test]
fn a_model_is_extended_and_keeps_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let (data, shared, out) = (simulated(folder.path()), folder.path().join("shared"), folder.path().join("extended"));
    said(&multitf("train --tasks CTCF,MAX --budget 500", &[("--data", &data), ("--out", &shared)]));
    let model = shared.join("model.safetensors");
    let extend = |words: &str, out: &Path| {
        multitf(&format!("extend --tasks REST {words}"), &[("--model", &model), ("--data", &data), ("--out", out)])
    };
    let first = said(&extend("--budget 500", &out));
    assert!(first.contains("extended") && first.contains("single"), "{first}");
    assert_eq!(said(&extend("--budget 500", &out)), first);
    assert!(refused(&extend("--budget 600", &out)).contains("other settings"));
    said(&extend("--budget 600 --force", &out));
    assert!(
        refused(&extend("--budget 500 --force", &shared)).contains("--out: expected a folder other than the model's")
    );
    assert!(model.exists());

    let scores = |model: &Path, name: &str| -> Vec<String> {
        let out = folder.path().join(name);
        let regions = folder.path().join("regions.bed");
        fs::write(&regions, "chr6\t1000\t1100\nchr6\t5000\t5300\n").unwrap();
        let paths: [(&str, &Path); 4] =
            [("--model", model), ("--data", &data), ("--regions", &regions), ("--out", &out)];
        said(&multitf("predict --cell cell1 --value log-odds", &paths));
        fs::read_to_string(out.join("scores.tsv")).unwrap().lines().map(str::to_owned).collect()
    };
    let (before, after) = (scores(&model, "before"), scores(&out.join("model.safetensors"), "after"));
    assert_eq!((before[0].as_str(), after[0].as_str()), ("name\tCTCF\tMAX", "name\tCTCF\tMAX\tREST"));
    for (before, after) in before[1..].iter().zip(&after[1..]) {
        assert!(after.starts_with(&format!("{before}\t")), "{before} {after}");
    }
}
