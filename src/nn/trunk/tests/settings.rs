//! Settings that cannot work, and those that a file can hold.

use super::*;
use crate::nn::Architecture;

fn message(config: TrunkConfig) -> String {
    config.validate().unwrap_err().to_string()
}

#[test]
fn settings_that_cannot_work_are_named_with_their_numbers() {
    let wide = TrunkConfig::new(10, MotifConvConfig::new(4, 11));
    let least = "at least 11, since a motif has as many positions (architecture.width)";
    assert_eq!(message(wide), format!("architecture.context_bp: expected {least}, found 10"));
    let nothing = TrunkConfig::new(0, MotifConvConfig::new(4, 11));
    assert_eq!(message(nothing), format!("architecture.context_bp: expected {least}, found 0"));
    let narrow = TrunkConfig::new(10, MotifConvConfig::new(4, 0));
    assert_eq!(message(narrow), "architecture.width: expected at least 1, found 0");
    let pool = config().with_pool(51);
    let most = "at most 50, the places of a motif in the context, or 0 for all of them";
    assert_eq!(message(pool), format!("architecture.pool: expected {most}, found 51"));
    let means = config().with_signal(SignalInput::Means(7));
    let divides = "{ means = N } with an N that divides context_bp, as 6 does 60";
    assert_eq!(message(means), format!("architecture.signal: expected {divides}, found {{ means = 7 }}"));
    let none = message(config().with_signal(SignalInput::Means(0)));
    assert!(none.ends_with("as 1 does 60, found { means = 0 }"), "{none}");
    let dropout = config().with_hidden_dropout(1.0);
    assert_eq!(message(dropout), "architecture.hidden_dropout: expected 0 to 1, 1 excluded, found 1");
    let dropout = config().with_body_dropout(-0.5);
    assert_eq!(message(dropout), "architecture.body_dropout: expected 0 to 1, 1 excluded, found -0.5");
}

#[test]
fn bodies_that_cannot_work_are_named_with_their_numbers() {
    let refused = |body, expected: &str| {
        assert_eq!(message(config().with_pool(3).with_body(body)), format!("architecture.trunk.{expected}"));
    };
    let plain = |channels, blocks, kernel| BodyConfig::Plain { channels, blocks, kernel };
    refused(plain(0, 1, 3), "channels: expected at least 1, found 0");
    refused(plain(5, 1, 4), "kernel: expected an odd number from 3 on, found 4");
    refused(plain(5, 1, 1), "kernel: expected an odd number from 3 on, found 1");
    refused(plain(5, 0, 3), "blocks: expected 1 to 4, for 17 pooled positions, found 0");
    refused(plain(5, 5, 3), "blocks: expected 1 to 4, for 17 pooled positions, found 5");
    let whole = message(config().with_body(plain(5, 1, 3)));
    let several =
        "expected several pooled positions to halve, as a smaller architecture.pool leaves, found 1 blocks for 1";
    assert_eq!(whole, format!("architecture.trunk.blocks: {several}"));
    let thin = TrunkConfig::new(10, MotifConvConfig::new(4, 1)).with_body(BodyConfig::Parallel { widths: vec![1] });
    let none = "expected none, since the motifs have one position (architecture.width), found 1";
    assert_eq!(message(thin), format!("architecture.trunk.widths: {none}"));
    let dilated = |channels, layers, kernel| BodyConfig::Dilated { channels, layers, kernel };
    refused(dilated(0, 1, 3), "channels: expected at least 1, found 0");
    refused(dilated(5, 1, 0), "kernel: expected an odd number from 3 on, found 0");
    refused(dilated(5, 0, 3), "layers: expected at least 1, found 0");
    let parallel = |widths: &[usize]| BodyConfig::Parallel { widths: widths.to_vec() };
    refused(parallel(&[]), "widths: expected at least one width, found none");
    refused(parallel(&[7, 0]), "widths: expected at least 1 and less than the motifs' 11, found 0");
    refused(parallel(&[7, 11]), "widths: expected at least 1 and less than the motifs' 11, found 11");
}

#[test]
fn a_receptive_field_larger_than_the_context_is_refused() {
    let too_far = config().with_pool(3).with_body(BodyConfig::Dilated { channels: 5, layers: 3, kernel: 3 });
    assert_eq!(
        message(too_far),
        "architecture.trunk: expected a receptive field of at most 60 bp (architecture.context_bp), found 97 bp"
    );
    let whole = config().with_body(dilated());
    assert_eq!(
        message(whole),
        "architecture.trunk: expected a receptive field of at most 60 bp (architecture.context_bp), found 660 bp"
    );
    let endless = BodyConfig::Dilated { channels: 5, layers: usize::MAX, kernel: 3 };
    let expected = format!(
        "architecture.trunk: expected a receptive field of at most 60 bp (architecture.context_bp), found {} bp",
        usize::MAX
    );
    assert_eq!(message(config().with_pool(3).with_body(endless)), expected);
}

#[test]
fn endless_blocks_are_refused() {
    let body = BodyConfig::Plain { channels: 5, blocks: usize::MAX, kernel: 3 };
    assert_eq!(config().with_pool(3).with_body(body.clone()).receptive_field(), usize::MAX);
    assert!(config().with_pool(3).with_body(body).validate().is_err());
}

#[test]
fn every_body_survives_a_file() {
    let small =
        |trunk| Architecture { pool: 6, trunk, pooling: Pooling::Max, body_dropout: 0.1, ..Architecture::default() };
    for body in [BodyConfig::Shallow, plain(), dilated(), parallel()] {
        let written = toml::to_string(&small(body.clone())).unwrap();
        assert_eq!(toml::from_str::<Architecture>(&written).unwrap(), small(body));
    }
}

#[test]
fn a_line_of_a_file_chooses_the_body() {
    let body = |line: &str| toml::from_str::<Architecture>(line).map(|architecture| architecture.trunk);
    assert_eq!(body("").unwrap(), BodyConfig::Shallow);
    assert_eq!(body("trunk = \"shallow\"").unwrap(), BodyConfig::Shallow);
    assert_eq!(body("trunk = { plain = { channels = 5, blocks = 2, kernel = 3 } }").unwrap(), plain());
    assert_eq!(body("trunk = { dilated = { channels = 5, layers = 2, kernel = 3 } }").unwrap(), dilated());
    assert_eq!(body("trunk = { parallel = { widths = [7, 4] } }").unwrap(), parallel());
    assert!(body("trunk = { dilated = { channels = 5, layers = 2, kernel = 3, stride = 1 } }").is_err());
    assert!(body("trunk = \"deep\"").is_err());
}

#[test]
fn an_architecture_hands_its_body_to_the_trunk() {
    let refused = |line: &str| toml::from_str::<Architecture>(line).unwrap().validate().unwrap_err().to_string();
    let found = refused("pool = 94\ntrunk = { plain = { channels = 5, blocks = 1, kernel = 3 } }");
    assert_eq!(
        found,
        "architecture.trunk: expected a receptive field of at most 300 bp (architecture.context_bp), found 582 bp"
    );
    assert!(refused("body_dropout = 1.0").starts_with("architecture.body_dropout"));
}
