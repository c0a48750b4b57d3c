//! Profiles of filters, counted from the sites that they find.

use rayon::prelude::*;

use super::input::Input;
use crate::{
    Result,
    data::check_interval,
    genome::{Interval, Strand, base},
    motif::{Background, CountMatrix, Motif, MotifSet},
    nn::{ModelFile, MotifSite, SiteScores, TrunkSites},
    predict::{ScanSource, SequenceScorer},
};

/// Sites below this share of a filter's best score are not counted.
const MIN_SHARE: f32 = 0.5;
/// The fewest sites of a profile.
const MIN_SITES: usize = 10;
/// Regions that are scanned at once.
const AT_ONCE: usize = 256;

/// A site of a filter: its score, and the bases on the filter's strand.
type Site = (f32, Vec<u8>);

/// Counts the profile of each filter from its best site in the context of each of some regions, such as bound training
/// bins: of those sites that pass the filter's ReLU with at least half of its best score (Kelley et al. 2016,
/// [doi:10.1101/gr.200535.115](https://doi.org/10.1101/gr.200535.115)). Unlike [`ModelFile::motifs`], which reads the
/// weights, this shows what a filter responds to in the genome. Filters with fewer than ten such sites are left out; a
/// pseudocount of one site of the genome's base frequencies is added.
///
/// # Errors
///
/// Those of [`SequenceScorer::score_regions`].
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::filter_profiles,
///     genome::{BinGrid, Genome, Interval},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
///     predict::ScanSource,
/// };
///
/// # let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
/// # let model = config.init(&Device::default());
/// # let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
/// let genome = Genome::from_sequences([("chr1", "GATTACACCGT".repeat(100))])?;
/// let grid = BinGrid::new(&genome, 200, 50)?;
/// let bound: Vec<_> = (0..20).map(|site| Interval { chromosome: 0, start: 50 * site, end: 50 * site + 60 }).collect();
/// let profiles = filter_profiles(&file, ScanSource::new(&genome, &grid), &bound)?;
/// assert!(profiles.iter().all(|profile| profile.matrix.width() == 11 && profile.sites >= Some(10.0)));
/// # Ok::<(), multitf::Error>(())
/// ```
pub fn filter_profiles(file: &ModelFile, source: ScanSource<'_>, regions: &[Interval]) -> Result<MotifSet> {
    SequenceScorer::new(file).check_source(source)?;
    for (index, region) in regions.iter().enumerate() {
        check_interval(|| format!("region {index}"), *region, source.genome())?;
    }
    let filters = file.motifs()?;
    let widths: Vec<usize> = filters.iter().map(|motif| motif.matrix.width()).collect();
    let members: Vec<TrunkSites> = file.model.members().map(|member| member.trunk.to_sites()).collect();
    let mut sites: Vec<Vec<Site>> = vec![Vec::new(); widths.len()];
    for regions in regions.chunks(AT_ONCE) {
        let best = |region: &Interval| best_sites(&members, &Input::of_region(&file.model, source, *region), &widths);
        let found: Vec<Vec<Option<Site>>> = regions.par_iter().map(best).collect();
        for (filter, site) in found.into_iter().flat_map(|found| found.into_iter().enumerate()) {
            sites[filter].extend(site);
        }
    }
    let background = Background::new(source.genome().base_frequencies())?;
    let profile = |(filter, sites): (&Motif, Vec<Site>)| counted(filter, &sites, &background).transpose();
    MotifSet::from_motifs(filters.iter().zip(sites).filter_map(profile).collect::<Result<_>>()?)
}

/// The best site of each filter in an input, if it passes the filter's ReLU.
fn best_sites(members: &[TrunkSites], input: &Input, widths: &[usize]) -> Vec<Option<Site>> {
    let mut best: Vec<Option<MotifSite>> = vec![None; widths.len()];
    let (mut scores, mut first) = (SiteScores::default(), 0);
    for member in members {
        let sites = member.find(&input.codes, &input.signal, &mut scores);
        let count = sites.iter().map(|site| site.motif + 1).max().unwrap_or_default();
        for site in sites.into_iter().filter(|site| site.score > 0.0) {
            let known = &mut best[first + site.motif];
            if known.is_none_or(|known| site.score > known.score) {
                *known = Some(site);
            }
        }
        first += count;
    }
    let bases = |(site, width): (Option<MotifSite>, &usize)| {
        let MotifSite { start, strand, score, .. } = site?;
        let mut codes = input.codes[start..start + width].to_vec();
        if strand == Strand::Reverse {
            codes.reverse();
            for code in &mut codes {
                *code = base::complement(*code);
            }
        }
        Some((score, codes))
    };
    best.into_iter().zip(widths).map(bases).collect()
}

/// The profile of a filter, if it has enough sites.
fn counted(filter: &Motif, sites: &[Site], background: &Background) -> Result<Option<Motif>> {
    let best = sites.iter().fold(0.0_f32, |best, (score, _)| best.max(*score));
    let counted: Vec<&Vec<u8>> =
        sites.iter().filter(|(score, _)| *score >= MIN_SHARE * best).map(|(_, codes)| codes).collect();
    if counted.len() < MIN_SITES {
        return Ok(None);
    }
    // As many as a pseudocount of one, so that a position of unknown bases alone is still one.
    let mut rows = vec![background.frequencies(); filter.matrix.width()];
    for codes in &counted {
        for (row, &code) in rows.iter_mut().zip(*codes).filter(|(_, code)| **code < base::N) {
            row[usize::from(code)] += 1.0;
        }
    }
    let matrix = CountMatrix::new(rows)?.to_probabilities(background, 0.0)?;
    Ok(Some(Motif { matrix, sites: Some(counted.len() as f64), ..filter.clone() }))
}

#[cfg(test)]
mod tests {
    use burn::{
        module::Param,
        tensor::{Device, TensorData},
    };
    use rand::RngExt;

    use super::*;
    use crate::{
        genome::{BinGrid, Genome},
        nn::{ModelConfig, MotifConvConfig, TrunkConfig},
        random::stream,
    };

    #[test]
    fn a_filter_has_the_profile_of_the_sites_that_it_finds_on_both_strands() {
        let mut random = stream(&[5]);
        let mut codes: Vec<u8> = (0..20_000).map(|_| b"AT"[random.random_range(0..2)]).collect();
        // Three of four sites end in C, on either strand, and one in G.
        for site in 0..80 {
            let word: &[u8] = if site % 4 == 0 { b"GATAAG" } else { b"GATAAC" };
            let start = site * 250 + 100;
            codes[start..start + 6].copy_from_slice(word);
            if site % 2 == 1 {
                codes[start..start + 6].copy_from_slice(b"GTTATC");
            }
        }
        let genome = Genome::from_sequences([("chr1", codes)]).unwrap();
        let grid = BinGrid::new(&genome, 200, 50).unwrap();
        let at = |site: usize| Interval { chromosome: 0, start: site * 250 + 80, end: site * 250 + 140 };
        let regions: Vec<Interval> = (0..80).map(at).collect();
        let device = Device::default();
        let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(2, 6)), 1);
        let mut model = config.init(&device);
        let word = [2, 0, 3, 0, 0];
        let weight = (0..4).flat_map(|base| (0..6).map(move |at| if word.get(at) == Some(&base) { 1.0 } else { 0.0 }));
        // The second filter never fires.
        let weights: Vec<f32> = weight.chain([-1.0; 24]).collect();
        model.trunk.conv.weight = Param::from_data(TensorData::new(weights, [2, 4, 6]), &device);
        model.trunk.conv.bias = Param::from_data(TensorData::new(vec![-3.5_f32; 2], [2]), &device);
        let file = ModelFile { config, tasks: vec!["GATA1".into()], inputs: None, model };
        let profiles = filter_profiles(&file, ScanSource::new(&genome, &grid), &regions).unwrap();
        let profiles: Vec<&Motif> = profiles.iter().collect();
        assert_eq!((profiles.len(), profiles[0].id.as_str(), profiles[0].sites), (1, "motif1", Some(80.0)));
        assert_eq!(profiles[0].matrix.consensus(), "GATAAC");
        // 20 of 80 sites end in G, and of a pseudocount of one a share of some hundredths.
        let last = profiles[0].matrix.rows()[5];
        assert!((last[2] - 20.0 / 81.0).abs() < 0.005 && (last[1] - 60.0 / 81.0).abs() < 0.005, "{last:?}");
        let few = filter_profiles(&file, ScanSource::new(&genome, &grid), &regions[..9]).unwrap();
        assert!(few.is_empty());
    }
}
