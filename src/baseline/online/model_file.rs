//! Files of online models.
//!
//! Numbers are little-endian.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `mtfonlin` |
//! | 4 | the version of the format, 1 |
//! | 4 | the length of the settings |
//! | that many | the settings, JSON |
//! | 48 | six `f64`: norm and its weight, loss and its weight, gravity, contraction |
//! | 8 | the number of weights in use |
//! | 16 each | `u32` index, `f32` weight, sum of squared gradients, scale; by index |
//! | 4 | the CRC-32 of all before |

use std::{
    fs,
    io::{self, Read, Write},
    path::Path,
};

use flate2::{Crc, CrcWriter};

use super::{OnlineConfig, OnlineModel, model::State, shrinkage::Shrinkage, slot::Slot};
use crate::{
    Error, Result,
    file::{at, numbers, write_atomic},
};

const MAGIC: &[u8; 8] = b"mtfonlin";
const VERSION: u32 = 1;

impl OnlineModel {
    /// Writes the model to a file, which appears only when it is whole.
    ///
    /// Learning goes on from an [opened](Self::open) model as from this one.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Io`] if the file cannot be written.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::baseline::online::{Example, OnlineConfig, OnlineModel};
    ///
    /// let path = std::env::temp_dir().join(format!("online-{}.model", std::process::id()));
    /// let mut model = OnlineModel::new(&OnlineConfig::default())?;
    /// let mut example = Example::new();
    /// example.namespace('m').push(17, 0.5);
    /// model.learn(&example, true, 1.0);
    /// model.save(&path)?;
    ///
    /// let opened = OnlineModel::open(&path)?;
    /// assert_eq!(opened.predict(&example), model.predict(&example));
    /// # std::fs::remove_file(path).unwrap();
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        write_atomic(path.as_ref(), |writer| {
            let mut writer = CrcWriter::new(writer);
            self.write(&mut writer)?;
            let sum = writer.crc().sum();
            writer.into_inner().write_all(&sum.to_le_bytes())
        })
    }

    /// Reads a model from a file that [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// Returns [`Error::Io`] if the file cannot be read, [`Error::Format`] if it is of another format or a later
    /// version, and [`Error::Corrupt`] if it is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(at(path))?;
        let content = checked(&bytes, path)?;
        Self::read(content).map_err(|error| corrupt(path, &error))
    }

    fn write(&self, writer: &mut impl Write) -> io::Result<()> {
        let config = serde_json::to_vec(self.config())?;
        writer.write_all(MAGIC)?;
        writer.write_all(&VERSION.to_le_bytes())?;
        writer.write_all(&(config.len() as u32).to_le_bytes())?;
        writer.write_all(&config)?;
        for number in numbers(&self.state) {
            writer.write_all(&number.to_le_bytes())?;
        }
        let used = || self.slots.iter().enumerate().filter(|(_, slot)| slot.is_used());
        writer.write_all(&(used().count() as u64).to_le_bytes())?;
        for (index, slot) in used() {
            writer.write_all(&(index as u32).to_le_bytes())?;
            writer.write_all(&numbers::to_bytes(&[slot.weight, slot.squared_gradients, slot.scale]))?;
        }
        Ok(())
    }

    /// Reads what follows the version.
    fn read(mut content: &[u8]) -> io::Result<Self> {
        let length = u32::from_le_bytes(next(&mut content)?) as usize;
        let config = content.split_off(..length).ok_or(io::ErrorKind::UnexpectedEof)?;
        let config: OnlineConfig = serde_json::from_slice(config)?;
        let mut model = Self::new(&config).map_err(io::Error::other)?;
        model.state = state(&mut content)?;
        let count = u64::from_le_bytes(next(&mut content)?);
        for _ in 0..count {
            let index = u32::from_le_bytes(next(&mut content)?);
            let slot = model.slots.get_mut(index as usize);
            let slot = slot.ok_or_else(|| io::Error::other(format!("there is no weight {index}")))?;
            *slot = Slot::new(float(&mut content)?, float(&mut content)?, float(&mut content)?);
        }
        if content.is_empty() { Ok(model) } else { Err(io::Error::other("it goes on after its end")) }
    }
}

/// Returns the bytes between version and checksum, if those are right.
fn checked<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a [u8]> {
    let wrong = |detail: String| Error::format(path, "an online model", detail);
    let mut content =
        bytes.strip_prefix(MAGIC).ok_or_else(|| wrong("it does not begin with \"mtfonlin\"".to_owned()))?;
    let version = next(&mut content).map(u32::from_le_bytes).map_err(|error| corrupt(path, &error))?;
    if version != VERSION {
        return Err(wrong(format!("its version is {version}, and {VERSION} is the only one known")));
    }
    let (content, sum) = content.split_last_chunk().ok_or_else(|| corrupt(path, &"it is too short"))?;
    let mut crc = Crc::new();
    crc.update(&bytes[..bytes.len() - sum.len()]);
    if crc.sum() == u32::from_le_bytes(*sum) { Ok(content) } else { Err(corrupt(path, &"its checksum is wrong")) }
}

fn corrupt(path: &Path, detail: &impl ToString) -> Error {
    Error::corrupt(path, detail.to_string())
}

fn numbers(state: &State) -> [f64; 6] {
    let State { norm, norm_weight, loss, loss_weight, shrinkage } = *state;
    [norm, norm_weight, loss, loss_weight, shrinkage.gravity, shrinkage.contraction]
}

fn state(content: &mut &[u8]) -> io::Result<State> {
    let mut numbers = [0.0; 6];
    for number in &mut numbers {
        *number = f64::from_le_bytes(next(content)?);
    }
    let [norm, norm_weight, loss, loss_weight, gravity, contraction] = numbers;
    Ok(State { norm, norm_weight, loss, loss_weight, shrinkage: Shrinkage { gravity, contraction } })
}

fn float(content: &mut &[u8]) -> io::Result<f32> {
    next(content).map(f32::from_le_bytes)
}

fn next<const N: usize>(content: &mut &[u8]) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    content.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{baseline::online::Example, testing::TestFolder};

    fn example(seed: u32) -> Example {
        let mut example = Example::new();
        for index in 0..5 {
            let hash = (seed * 7 + index).wrapping_mul(0x9e37_79b9);
            example.namespace('a').push(hash, 1.0 + (hash % 5) as f32 / 4.0);
        }
        example
    }

    fn learned() -> OnlineModel {
        let config = OnlineConfig { bits: 6, l1: 1e-4, l2: 1e-3, quadratic: vec!["aa".into()], ..Default::default() };
        let mut model = OnlineModel::new(&config).unwrap();
        for seed in 0..100 {
            model.learn(&example(seed), seed % 3 == 0, 1.5);
        }
        model
    }

    #[test]
    fn learning_goes_on_from_a_file_as_without_one() {
        let folder = TestFolder::new("whole");
        let path = folder.path().join("model");
        let mut model = learned();
        model.save(&path).unwrap();
        let mut opened = OnlineModel::open(&path).unwrap();
        assert_eq!((opened.config(), opened.state), (model.config(), model.state));
        for seed in 0..100 {
            assert_eq!(
                opened.learn(&example(seed), seed % 2 == 0, 0.5),
                model.learn(&example(seed), seed % 2 == 0, 0.5)
            );
        }
        assert_eq!(opened.slots, model.slots);
    }

    #[test]
    fn every_damage_is_found() {
        let folder = TestFolder::new("damaged");
        let path = folder.path().join("model");
        learned().save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for index in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[index] ^= 0x10;
            fs::write(&path, damaged).unwrap();
            let error = OnlineModel::open(&path).unwrap_err();
            let is_format = matches!(error, Error::Format { .. });
            assert!(
                is_format == (index < 12) && (is_format || matches!(error, Error::Corrupt { .. })),
                "{index}: {error}"
            );
        }
        for length in (0..whole.len()).step_by(5) {
            fs::write(&path, &whole[..length]).unwrap();
            let error = OnlineModel::open(&path).unwrap_err();
            assert!(matches!(error, Error::Format { .. }) == (length < 8), "{length}: {error}");
        }
    }

    #[test]
    fn a_wrong_content_with_a_right_checksum_is_an_error() {
        let folder = TestFolder::new("wrong");
        let path = folder.path().join("model");
        let model = learned();
        let mut content = Vec::new();
        model.write(&mut content).unwrap();
        let header = 16 + serde_json::to_vec(model.config()).unwrap().len();
        let message = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut content = content.clone();
            change(&mut content);
            let mut crc = Crc::new();
            crc.update(&content);
            content.extend(crc.sum().to_le_bytes());
            fs::write(&path, content).unwrap();
            OnlineModel::open(&path).unwrap_err().to_string()
        };
        assert!(message(&|bytes| bytes.push(0)).ends_with("damaged file: it goes on after its end"));
        assert!(message(&|bytes| bytes[header + 56 + 1] = 1).contains("there is no weight 2"));
        assert!(message(&|bytes| bytes[header + 48 + 7] = 1).contains("damaged file: "));
        assert!(message(&|bytes| bytes[8] = 2).ends_with("its version is 2, and 1 is the only one known"));
    }

    #[test]
    fn a_missing_file_and_another_kind_are_told_apart() {
        let folder = TestFolder::new("other");
        let path = folder.path().join("model");
        assert!(matches!(OnlineModel::open(&path), Err(Error::Io { .. })));
        fs::write(&path, b"chr1\t0\t200\n").unwrap();
        let message = OnlineModel::open(&path).unwrap_err().to_string();
        assert!(message.ends_with("not an online model: it does not begin with \"mtfonlin\""), "{message}");
    }
}
