//! Tables of features, and their files.

use std::{io::Write, path::Path};

use flate2::{Crc, CrcWriter};

use crate::{
    Error, Result,
    file::{at, numbers, write_atomic},
};

/// The first bytes of a file.
const MAGIC: [u8; 8] = *b"MTFFEAT2";
/// The first bytes of files of an earlier version, without a checksum.
const MAGIC_1: [u8; 8] = *b"MTFFEAT1";

/// A table of numbers: a row for each sample, a named column for each feature. Missing values are NaN.
///
/// # Examples
///
/// ```
/// use multitf::baseline::features::FeatureTable;
///
/// let table = FeatureTable::new(vec!["best".into(), "open".into()], vec![vec![1.5, f32::NAN], vec![0.25, 4.0]])?;
/// assert_eq!(table.rows(), 2);
/// assert_eq!(table.column("open"), Some(&[0.25, 4.0][..]));
///
/// let path = std::env::temp_dir().join(format!("multitf-doc-features-{}.bin", std::process::id()));
/// table.save(&path, 7)?;
/// assert!(FeatureTable::open(&path, 7)?.is_some());
/// assert!(FeatureTable::open(&path, 8)?.is_none(), "another fingerprint");
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureTable {
    names: Vec<String>,
    columns: Vec<Vec<f32>>,
}

impl FeatureTable {
    /// Returns a table of columns.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if there is not a name for each column, if a name occurs twice or if lengths differ.
    pub fn new(names: Vec<String>, columns: Vec<Vec<f32>>) -> Result<Self> {
        Error::unless_equal("names of features", columns.len(), names.len())?;
        if let Some(twice) = names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
            return Err(Error::mismatch("names of features", "each once", format!("{} again", twice.1)));
        }
        let rows = columns.first().map_or(0, Vec::len);
        match columns.iter().find(|column| column.len() != rows) {
            Some(other) => Err(Error::mismatch("rows of features", rows, other.len())),
            None => Ok(Self { names, columns }),
        }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Returns the names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the columns, in the order of their names.
    pub fn columns(&self) -> &[Vec<f32>] {
        &self.columns
    }

    /// Returns the column of a name.
    pub fn column(&self, name: &str) -> Option<&[f32]> {
        let index = self.names.iter().position(|known| known == name)?;
        Some(&self.columns[index])
    }

    /// Returns the rows with these indices, which may repeat.
    ///
    /// # Panics
    ///
    /// Panics if there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let column = |column: &Vec<f32>| rows.iter().map(|&row| column[row]).collect();
        Self { names: self.names.clone(), columns: self.columns.iter().map(column).collect() }
    }

    /// Returns the columns whose names satisfy a condition.
    #[must_use]
    pub fn columns_where(&self, is_wanted: impl Fn(&str) -> bool) -> Self {
        let wanted = self.names.iter().zip(&self.columns).filter(|(name, _)| is_wanted(name));
        let (names, columns) = wanted.map(|(name, column)| (name.clone(), column.clone())).unzip();
        Self { names, columns }
    }

    /// Writes the table, the fingerprint of its sources, and a checksum.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub fn save(&self, path: impl AsRef<Path>, fingerprint: u64) -> Result<()> {
        let names = self.names.join("\n");
        let header = [fingerprint, names.len() as u64, self.columns.len() as u64, self.rows() as u64];
        write_atomic(path.as_ref(), |writer| {
            let mut writer = CrcWriter::new(writer);
            writer.write_all(&MAGIC)?;
            header.iter().try_for_each(|number| writer.write_all(&number.to_le_bytes()))?;
            writer.write_all(names.as_bytes())?;
            self.columns.iter().try_for_each(|column| writer.write_all(&numbers::to_bytes(column)))?;
            let sum = writer.crc().sum();
            writer.into_inner().write_all(&sum.to_le_bytes())
        })
    }

    /// Reads a table; `None` if there is no file, or one with another fingerprint or of an earlier version.
    ///
    /// # Errors
    ///
    /// [`Error::Format`] if the file is no table, [`Error::Corrupt`] if it is damaged, and [`Error::Io`].
    pub fn open(path: impl AsRef<Path>, fingerprint: u64) -> Result<Option<Self>> {
        let path = path.as_ref();
        let bytes = match std::fs::read(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(at(path))?,
        };
        if bytes.starts_with(&MAGIC_1) {
            return Ok(None);
        }
        if !bytes.starts_with(&MAGIC) {
            let detail = "its first bytes are others; if it should be one, remove it, and it is made again".to_owned();
            return Err(Error::format(path, "a table of features", detail));
        }
        let (found, names, columns) = content(&bytes)
            .and_then(parse)
            .ok_or_else(|| Error::corrupt(path, "its checksum is wrong; remove it, and it is made again"))?;
        if found == fingerprint { Self::new(names, columns).map(Some) } else { Ok(None) }
    }
}

/// Returns the bytes between the first ones and the checksum, if that is right.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    let (checked, sum) = bytes.split_last_chunk()?;
    let mut crc = Crc::new();
    crc.update(checked);
    (crc.sum() == u32::from_le_bytes(*sum)).then(|| checked.strip_prefix(&MAGIC))?
}

/// Reads the fingerprint, the names and the columns that follow the first bytes; `None` if lengths do not fit.
fn parse(bytes: &[u8]) -> Option<(u64, Vec<String>, Vec<Vec<f32>>)> {
    let (header, rest) = bytes.split_at_checked(4 * size_of::<u64>())?;
    let number = |i: usize| u64::from_le_bytes(header.as_chunks().0[i]);
    let [names, columns, rows] = [1, 2, 3].map(|i| usize::try_from(number(i)).ok());
    let (names, values) = rest.split_at_checked(names?)?;
    let (columns, rows) = (columns?, rows?);
    if columns.checked_mul(rows)?.checked_mul(size_of::<f32>())? != values.len() {
        return None;
    }
    let text = std::str::from_utf8(names).ok()?;
    let names: Vec<String> = if columns == 0 { Vec::new() } else { text.split('\n').map(str::to_owned).collect() };
    let values = numbers::from_bytes(values);
    let column = |i: usize| values[i * rows..][..rows].to_vec();
    (names.len() == columns).then(|| (number(0), names, (0..columns).map(column).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestFolder;

    fn table() -> FeatureTable {
        let names = vec!["REB1.best".to_owned(), "accessibility.mean".to_owned()];
        FeatureTable::new(names, vec![vec![1.0, -2.5, f32::NAN], vec![0.0, 3.0, 1e-9]]).unwrap()
    }

    #[test]
    fn mismatched_columns_are_refused() {
        let message = |names: &[&str], columns| {
            FeatureTable::new(names.iter().map(|name| (*name).to_owned()).collect(), columns).unwrap_err().to_string()
        };
        assert_eq!(message(&["a"], vec![]), "names of features: expected 0, found 1");
        assert_eq!(message(&["a", "a"], vec![vec![], vec![]]), "names of features: expected each once, found a again");
        assert_eq!(message(&["a", "b"], vec![vec![1.0], vec![]]), "rows of features: expected 1, found 0");
    }

    #[test]
    fn rows_are_selected_in_any_order() {
        let rows = table().select(&[1, 1, 0]);
        assert_eq!(rows.column("REB1.best").unwrap(), [-2.5, -2.5, 1.0]);
    }

    #[test]
    fn columns_are_chosen_by_their_names() {
        let open = table().columns_where(|name| name.starts_with("accessibility."));
        assert_eq!((open.names(), open.columns()), (&table().names()[1..], &table().columns()[1..]));
    }

    #[test]
    fn a_damaged_file_is_an_error_and_no_panic() {
        let folder = TestFolder::new("features");
        let path = folder.path().join("features.bin");
        assert_eq!(FeatureTable::open(&path, 1).unwrap(), None);
        table().save(&path, 1).unwrap();
        let read = FeatureTable::open(&path, 1).unwrap().unwrap();
        let bits =
            |table: &FeatureTable| table.columns.iter().flatten().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!((read.names(), bits(&read)), (table().names(), bits(&table())));
        let bytes = std::fs::read(&path).unwrap();
        for length in 8..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(matches!(FeatureTable::open(&path, 1), Err(Error::Corrupt { .. })), "{length}");
        }
        for bit in 0..8 * bytes.len() {
            let mut wrong = bytes.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &wrong).unwrap();
            let error = FeatureTable::open(&path, 1).unwrap_err();
            assert!(matches!(&error, Error::Format { .. }) == (bit < 64), "{bit}: {error}");
            assert!(error.to_string().ends_with("remove it, and it is made again"), "{error}");
        }
        let before = [&b"MTFFEAT1"[..], &bytes[8..bytes.len() - 4]].concat();
        std::fs::write(&path, before).unwrap();
        assert_eq!(FeatureTable::open(&path, 1).unwrap(), None);
        std::fs::write(&path, b"chr1\t0\t5\n").unwrap();
        assert!(matches!(FeatureTable::open(&path, 1), Err(Error::Format { .. })));
    }
}
