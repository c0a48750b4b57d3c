//! Shards: parts of a scan for several processes.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// One of several parts of a scan, "2/3": the second of three.
///
/// The bins of a scan, chromosome by chromosome, are cut into one range for each shard. Their lengths differ by one at
/// most; with more shards than bins, some are empty.
///
/// # Examples
///
/// ```
/// use multitf::predict::Shard;
///
/// let shard: Shard = "2/3".parse()?;
/// assert_eq!(shard.range(10), 4..7);
/// assert_eq!(Shard::WHOLE.range(10), 0..10);
/// let error = "4/3".parse::<Shard>().unwrap_err();
/// assert_eq!(error.to_string(), "shard: expected K/N with K from 1 to N, such as 2/3, found 4/3");
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// The whole scan.
    pub const WHOLE: Self = Self { index: 1, count: 1 };

    /// Makes one of several shards, counted from 1.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] unless the index is from 1 to `count`.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::predict::Shard;
    ///
    /// assert_eq!(Shard::new(2, 3)?.to_string(), "2/3");
    /// assert!(Shard::new(0, 3).is_err());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn new(index: usize, count: usize) -> Result<Self> {
        if (1..=count).contains(&index) { Ok(Self { index, count }) } else { Err(invalid(format!("{index}/{count}"))) }
    }

    /// Returns the index of the shard, from 1 on.
    pub fn index(self) -> usize {
        self.index
    }

    /// Returns the number of shards.
    pub fn count(self) -> usize {
        self.count
    }

    /// Returns the shard's range of a number of bins.
    pub fn range(self, bins: usize) -> Range<usize> {
        // The first shards have one bin more if the division has a remainder.
        let (each, left) = (bins / self.count, bins % self.count);
        let end = |shards: usize| shards * each + shards.min(left);
        end(self.index - 1)..end(self.index)
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let numbers = text.split_once('/').map(|(index, count)| (index.parse(), count.parse()));
        let Some((Ok(index), Ok(count))) = numbers else { return Err(invalid(text.into())) };
        Self::new(index, count)
    }
}

impl TryFrom<String> for Shard {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

fn invalid(found: String) -> Error {
    Error::config("shard", "K/N with K from 1 to N, such as 2/3", found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_bin_is_in_just_one_shard_and_shards_are_alike(bins in 0_usize..300, of in 1_usize..40) {
            let ranges: Vec<_> = (1..=of).map(|index| Shard::new(index, of).unwrap().range(bins)).collect();
            prop_assert_eq!(ranges.iter().cloned().flatten().collect::<Vec<_>>(), (0..bins).collect::<Vec<_>>());
            let (least, most) = (ranges.iter().map(Range::len).min(), ranges.iter().map(Range::len).max());
            prop_assert!(most.unwrap() - least.unwrap() <= 1, "{:?}", ranges);
        }

        #[test]
        fn a_shard_is_read_back_from_its_text(index in 1_usize..50, more in 0_usize..50) {
            let shard = Shard::new(index, index + more).unwrap();
            prop_assert_eq!(shard.to_string().parse::<Shard>().unwrap(), shard);
            let json = serde_json::to_string(&shard).unwrap();
            prop_assert_eq!(&json, &format!("\"{shard}\""));
            prop_assert_eq!(serde_json::from_str::<Shard>(&json).unwrap(), shard);
        }
    }

    #[test]
    fn what_is_no_shard_is_an_error() {
        for text in [
            "0/3",
            "4/3",
            "0/0",
            "1/0",
            "",
            "2",
            "/",
            "1/",
            "/3",
            "a/b",
            "-1/3",
            "1/2/3",
            "1 / 2",
            "1/99999999999999999999",
        ] {
            let error = text.parse::<Shard>().unwrap_err().to_string();
            assert_eq!(error, format!("shard: expected K/N with K from 1 to N, such as 2/3, found {text}"));
            assert!(serde_json::from_value::<Shard>(text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_number_of_shards_has_no_limit() {
        let most = usize::MAX;
        assert_eq!(Shard::new(most, most).unwrap().range(most), most - 1..most);
        assert_eq!(Shard::new(most, most).unwrap().range(2), 2..2);
        assert_eq!(Shard::new(2, most).unwrap().range(2), 1..2);
    }
}
