//! Sets of motifs, and the motifs of a factor among them.

use std::collections::HashSet;

use super::{
    Motif,
    names::{NameMatch, name_match},
};
use crate::{Error, Result};

/// Motifs with unique identifiers, in the order of their file.
///
/// # Examples
///
/// ```
/// use multitf::motif::MotifSet;
///
/// # let folder = std::env::temp_dir().join(format!("multitf-motif-set-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("motifs.jaspar");
/// let text = ">MA0297.1 FKH2\nA [ 0 9 9 ]\nC [ 0 0 0 ]\nG [ 8 0 0 ]\nT [ 1 0 0 ]\n";
/// std::fs::write(&path, text)?;
/// let motifs = MotifSet::open(&path)?;
/// let motif = motifs.find("Fkh2").expect("the alternate name is compared without case");
/// assert_eq!(motif.matrix.consensus(), "GAA");
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MotifSet {
    motifs: Vec<Motif>,
}

impl MotifSet {
    /// Makes a set of motifs.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if two have the same identifier.
    pub fn from_motifs(motifs: Vec<Motif>) -> Result<Self> {
        let mut seen = HashSet::new();
        match motifs.iter().find(|motif| !seen.insert(&motif.id)) {
            None => Ok(Self { motifs }),
            Some(twice) => Err(Error::mismatch("identifiers of motifs", "each once", format!("{} again", twice.id))),
        }
    }

    /// Returns the set with each motif [trimmed](Motif::trimmed); those without an informative position are left out.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, MotifSet, ProbabilityMatrix};
    ///
    /// let motif = |id: &str, rows| -> multitf::Result<Motif> {
    ///     Ok(Motif { id: id.into(), name: String::new(), matrix: ProbabilityMatrix::new(rows)?, sites: None })
    /// };
    /// let (flat, g) = ([0.25; 4], [0.0, 0.0, 1.0, 0.0]);
    /// let set = MotifSet::from_motifs(vec![motif("a", vec![flat, g, flat])?, motif("b", vec![flat])?])?;
    /// let trimmed = set.trimmed(0.5);
    /// assert_eq!((trimmed.len(), trimmed.find("a").map(|motif| motif.matrix.width())), (1, Some(1)));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn trimmed(&self, min_information: f64) -> Self {
        Self { motifs: self.motifs.iter().filter_map(|motif| motif.trimmed(min_information)).collect() }
    }

    /// Returns the motif of a factor: the first of [`for_factor`](Self::for_factor).
    pub fn find(&self, factor: &str) -> Option<&Motif> {
        self.matches(factor).min_by_key(|(name_match, _)| *name_match).map(|(_, motif)| motif)
    }

    /// Returns all motifs of a factor, the best match first; equal matches are in the order of the set.
    ///
    /// The case of ASCII letters does not matter. A motif matches a factor by, best first,
    ///
    /// 1. its alternate name,
    /// 2. its identifier,
    /// 3. a name as a collection writes it: `MA0139.1.CTCF` (JASPAR), `CTCF_HUMAN.H11MO.0.A`, `CTCF.H12CORE.0.P.B`
    ///    (HOCOMOCO), `(Ctcf)_(Mus_musculus)_(DBD_1.00)` (CIS-BP), `CTCF(Zf)/CD4+-CTCF-ChIP-Seq(GSE12889)/Homer`
    ///    (HOMER), `CTCF_primary` (UniPROBE), `CTCF.p2` (SwissRegulon), `CTCF_full_2` (Jolma et al.),
    /// 4. the name of a second profile: `CTCF(var.2)`, `CTCF_secondary`,
    /// 5. the name of a dimer: `FOS::JUN` matches FOS and JUN.
    ///
    /// # Examples
    ///
    /// ```
    /// use multitf::motif::{Motif, MotifSet, ProbabilityMatrix};
    ///
    /// let motif = |id: &str, name: &str| -> Result<Motif, multitf::Error> {
    ///     let matrix = ProbabilityMatrix::new(vec![[0.25; 4]])?;
    ///     Ok(Motif { id: id.into(), name: name.into(), matrix, sites: None })
    /// };
    /// let motifs = MotifSet::from_motifs(vec![
    ///     motif("MA0099.3", "FOS::JUN")?,
    ///     motif("JUN_HUMAN.H11MO.0.A", "")?,
    ///     motif("MA0488.1", "JUN")?,
    /// ])?;
    /// let ids = |factor| motifs.for_factor(factor).into_iter().map(|motif| &*motif.id).collect::<Vec<_>>();
    /// assert_eq!(ids("Jun"), ["MA0488.1", "JUN_HUMAN.H11MO.0.A", "MA0099.3"]);
    /// assert_eq!(ids("FOS"), ["MA0099.3"]);
    /// assert!(ids("FO").is_empty());
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn for_factor(&self, factor: &str) -> Vec<&Motif> {
        let mut matches: Vec<_> = self.matches(factor).collect();
        matches.sort_by_key(|(name_match, _)| *name_match);
        matches.into_iter().map(|(_, motif)| motif).collect()
    }

    fn matches(&self, factor: &str) -> impl Iterator<Item = (NameMatch, &Motif)> {
        self.motifs.iter().filter_map(move |motif| Some((name_match(motif, factor)?, motif)))
    }

    /// Iterates over the motifs in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, Motif> {
        self.motifs.iter()
    }

    /// Returns the number of motifs.
    pub fn len(&self) -> usize {
        self.motifs.len()
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.motifs.is_empty()
    }
}

impl<'a> IntoIterator for &'a MotifSet {
    type Item = &'a Motif;
    type IntoIter = std::slice::Iter<'a, Motif>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motif::ProbabilityMatrix;

    fn motif(id: &str, name: &str) -> Motif {
        let matrix = ProbabilityMatrix::new(vec![[0.25; 4]]).unwrap();
        Motif { id: id.into(), name: name.into(), matrix, sites: None }
    }

    #[test]
    fn alternate_names_go_before_identifiers_and_case_does_not_matter() {
        let set = MotifSet::from_motifs(vec![motif("MAX", ""), motif("M2", "Max"), motif("M3", "CTCF")]).unwrap();
        assert_eq!(set.find("max").unwrap().id, "M2");
        assert_eq!(set.find("m3").unwrap().id, "M3");
        assert_eq!(set.find("ctcf").unwrap().id, "M3");
        assert_eq!(set.find("YY1"), None);
        assert_eq!(set.find(""), None);
    }

    #[test]
    fn identifiers_are_unique() {
        let error = MotifSet::from_motifs(vec![motif("M1", ""), motif("M1", "x")]).unwrap_err();
        assert_eq!(error.to_string(), "identifiers of motifs: expected each once, found M1 again");
    }

    #[test]
    fn all_motifs_of_a_factor_are_found_the_surest_first() {
        let names = [
            ("MA0099.3", "FOS::JUN"),
            ("MA0489.1", "JUN(var.2)"),
            ("JUN_HUMAN.H11MO.0.A", ""),
            ("jun", ""),
            ("MA0488.1", "JUN"),
            ("MA0491.2", "JUND"),
            ("M3_2.00", "Jun"),
        ];
        let set = MotifSet::from_motifs(names.map(|(id, name)| motif(id, name)).to_vec()).unwrap();
        let ids = |factor| set.for_factor(factor).into_iter().map(|motif| &*motif.id).collect::<Vec<_>>();
        assert_eq!(ids("JUN"), ["MA0488.1", "M3_2.00", "jun", "JUN_HUMAN.H11MO.0.A", "MA0489.1", "MA0099.3"]);
        assert_eq!(ids("FOS"), ["MA0099.3"]);
        assert_eq!(ids("FOSL1"), [""; 0]);
        for factor in ["JUN", "FOS", "FOSL1"] {
            assert_eq!(set.find(factor), set.for_factor(factor).first().copied());
        }
    }
}
