//! The receptive field, measured by changes of single bases.

use rand::RngExt;

use super::*;
use crate::random::stream;

const LENGTH: usize = 60;
const SAMPLES: usize = 32;

/// The channels of a position, in the same samples but for the base at `changed`.
fn seen(trunk: &Trunk, position: usize, changed: Option<usize>) -> Vec<f32> {
    let mut random = stream(&[1]);
    let mut codes: Vec<i32> = (0..SAMPLES * LENGTH).map(|_| random.random_range(0..4)).collect();
    if let Some(changed) = changed {
        for sample in codes.chunks_exact_mut(LENGTH) {
            sample[changed] = (sample[changed] + 1) % 4;
        }
    }
    let codes = Tensor::from_data(TensorData::new(codes, [SAMPLES, LENGTH]), &Device::default());
    body_output(trunk, codes).slice(s![.., .., position..=position]).into_data().iter::<f32>().collect()
}

/// The first and the last base that change a position.
fn field(trunk: &Trunk, position: usize) -> (usize, usize) {
    let before = seen(trunk, position, None);
    let mut changes = (0..LENGTH).filter(|&base| seen(trunk, position, Some(base)) != before);
    let first = changes.next().unwrap();
    (first, changes.next_back().unwrap())
}

fn check_field(body: BodyConfig, width: usize, pool: usize, position: usize, first: usize) {
    let config = TrunkConfig::new(LENGTH, MotifConvConfig::new(8, width)).with_pool(pool).with_body(body);
    let found = field(&config.init(&Device::default()), position);
    assert_eq!(found, (first, first + config.receptive_field() - 1), "{config:?}");
}

#[test]
fn a_shallow_trunk_sees_its_pool() {
    check_field(BodyConfig::Shallow, 5, 4, 6, 24);
}

#[test]
fn a_plain_trunk_sees_its_receptive_field() {
    // From the centre of a pool, two convolutions reach 2 pools to the left.
    check_field(BodyConfig::Plain { channels: 12, blocks: 1, kernel: 3 }, 4, 3, 4, 4 * 6 - 2 * 3);
    // Two more reach 2 pairs of pools.
    check_field(BodyConfig::Plain { channels: 12, blocks: 2, kernel: 3 }, 4, 2, 3, 3 * 8 - 2 * 2 - 2 * 4);
}

#[test]
fn a_dilated_trunk_sees_its_receptive_field() {
    check_field(BodyConfig::Dilated { channels: 12, layers: 2, kernel: 3 }, 4, 2, 12, 12 * 2 - (2 + 4) * 2);
    check_field(BodyConfig::Dilated { channels: 8, layers: 2, kernel: 5 }, 3, 1, 26, 26 - 2 * (2 + 4));
}

#[test]
fn parallel_motifs_see_no_more_than_the_widest() {
    check_field(BodyConfig::Parallel { widths: vec![3, 4] }, 7, 3, 5, 15);
}
