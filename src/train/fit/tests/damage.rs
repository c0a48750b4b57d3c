//! Damaged files.

use super::*;

#[test]
fn flipped_bits_in_files_of_a_run_are_found() {
    let folder = TestFolder::new("fit-damage");
    let (dataset, mut config, run) = (world(&folder), config(), folder.path().join("run"));
    config.training.budget = 64;
    let go_on = || fit(&dataset, &config, &[0], 1).with_folder(&run).run();
    let whole = go_on().unwrap();
    for name in ["state.json", "last-64.bpk", "best-64.bpk", "optimizer-64.bpk"] {
        let path = run.join(name);
        let bytes = std::fs::read(&path).unwrap();
        for place in (0..bytes.len()).step_by(bytes.len() / 9 + 1) {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1 << (place % 8);
            std::fs::write(&path, damaged).unwrap();
            let error = go_on().unwrap_err();
            let is_damage = matches!(&error, Error::Corrupt { path: at, .. } if *at == path);
            assert!(
                is_damage && error.to_string().ends_with("; remove its folder, and the run is made again"),
                "{error}"
            );
        }
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(matches!(go_on(), Err(Error::Corrupt { .. })));
        std::fs::remove_file(&path).unwrap();
        if name != "state.json" {
            assert!(matches!(go_on(), Err(Error::Io { .. })));
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(weights(&go_on().unwrap()) == weights(&whole));
}

#[test]
fn a_folder_of_an_earlier_version_is_named_as_such() {
    let folder = TestFolder::new("fit-earlier");
    let (dataset, mut config, run) = (world(&folder), config(), folder.path().join("run"));
    config.training.budget = 64;
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("state.json"), "{\n  \"identity\": {},\n  \"state\": {}\n}").unwrap();
    let error = fit(&dataset, &config, &[0], 1).with_folder(&run).run().unwrap_err().to_string();
    assert!(error.contains("of an earlier version of the crate; remove its folder"), "{error}");
}
