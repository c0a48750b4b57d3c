//! The sites of motifs that carry a prediction.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use burn::{module::Module, tensor::Device};
use rand::RngExt;

use super::{BaseEffects, Filter, Mutagenesis, input::Input};
use crate::{
    Error, Result,
    data::Batch,
    genome::Strand,
    motif::MotifSet,
    nn::{Model, ModelFile, MotifSite, SiteScores, TrunkSites, device_of},
    random::stream,
};

/// The least cosine of a filter and of the contributions at its site.
const MIN_FIT: f32 = 0.5;
/// Sites whose contributions follow their filter by less than this share of the region's best are left out.
const MIN_SHARE: f32 = 0.1;
/// Sequences that a site is replaced with.
const DRAWS: usize = 16;
/// Sequences of a batch.
const BATCH: usize = 1024;

/// A site of a filter that a prediction rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct MotifHit {
    /// The index of the task among those that were explained.
    pub task: usize,
    /// The index of the filter among [`HitFinder::filters`].
    pub filter: usize,
    /// The positions of the filter's core in the explained sequence.
    pub site: Range<usize>,
    /// The strand on which the filter fits.
    pub strand: Strand,
    /// The cosine between the filter and the hypothetical contributions at the site, from -1 to 1: below 0 where the
    /// motif speaks against binding.
    pub fit: f32,
    /// What the task's log-odds lose without the site.
    pub contribution: f32,
}

/// Finds the sites of motifs that a model's predictions rest on.
///
/// 1. *Candidates.* In each pool the place where a filter scores best is one, if the score passes the filter's ReLU.
/// 2. *Filters.* Of overlapping candidates the one stays whose filter the hypothetical contributions of the task follow
///    most: the longest projection of the contributions on the filter's log-odds, both centred at each position. So a
///    site is named after the filter that reads it, also where members of an ensemble each have their own.
/// 3. *Contribution by ablation.* The site is replaced by bases drawn from the background, 16 times, with a fixed seed,
///    and the mean of the log-odds is taken from that of the sequence.
///
/// # Examples
///
/// ```
/// use burn::tensor::Device;
/// use multitf::{
///     explain::{HitFinder, Mutagenesis},
///     nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig},
/// };
///
/// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 2);
/// let model = config.init(&Device::default());
/// let file = ModelFile { config, tasks: vec!["CTCF".into(), "REST".into()], inputs: None, model };
///
/// let mutagenesis = Mutagenesis::new(&file)?;
/// let finder = HitFinder::new(&mutagenesis)?.with_least_contribution(0.01);
/// for effects in mutagenesis.sequences(&["ACGTTGCAATCGCTAGGATCCGAT"], None)? {
///     for hit in finder.find(&effects)? {
///         let filter = &finder.filters()[hit.filter];
///         println!("{} at {:?} {}: {:.2}", filter.name(), hit.site, hit.strand.letter(), hit.contribution);
///     }
/// }
/// # Ok::<(), multitf::Error>(())
/// ```
#[derive(Debug)]
pub struct HitFinder<'a> {
    file: &'a ModelFile,
    model: Model,
    device: Device,
    tasks: Vec<usize>,
    members: Vec<Member>,
    filters: Vec<Filter>,
    background: [f64; 4],
    least: f32,
}

/// The filters of a member.
#[derive(Debug)]
struct Member {
    sites: TrunkSites,
    /// The index of its first filter among all.
    first: usize,
    /// Whether it predicts each task.
    answers: Vec<bool>,
}

/// A place of a filter's core.
struct Candidate {
    member: usize,
    filter: usize,
    site: Range<usize>,
    strand: Strand,
}

impl<'a> HitFinder<'a> {
    /// Reads the filters of a model, for the tasks that are explained.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if a weight of a filter is not finite.
    pub fn new(mutagenesis: &Mutagenesis<'a>) -> Result<Self> {
        let file = mutagenesis.file();
        let tasks = mutagenesis.task_indices().to_vec();
        let mut first = 0;
        let members = file.model.members().enumerate().map(|(index, member)| {
            let answers = |&task: &usize| {
                let members = file.model.answers.as_ref().map(|answers| answers.for_task(task));
                members.is_none_or(|members| members.contains(&index))
            };
            let answers = tasks.iter().map(answers).collect();
            let of_member = Member { sites: member.trunk.to_sites(), first, answers };
            first += member.trunk.num_motifs();
            of_member
        });
        Ok(Self {
            members: members.collect(),
            filters: file.motifs()?.iter().map(Filter::new).collect(),
            background: file.config.motif_scale.clone().unwrap_or_default().background,
            model: file.model.valid(),
            device: device_of(&file.model)?,
            least: 0.5,
            file,
            tasks,
        })
    }

    /// Names filters after the known profiles that they are most like.
    #[must_use]
    pub fn with_profiles(mut self, profiles: &MotifSet) -> Self {
        self.filters.iter_mut().for_each(|filter| filter.compare(profiles));
        self
    }

    /// Leaves out sites that contribute less to the log-odds, for or against binding. The default is 0.5.
    #[must_use]
    pub fn with_least_contribution(self, least: f32) -> Self {
        Self { least, ..self }
    }

    /// Returns the filters, in the order of [`ModelFile::motifs`].
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// Returns the file of the model.
    pub(super) fn file(&self) -> &'a ModelFile {
        self.file
    }

    /// Returns the names of the tasks.
    pub fn tasks(&self) -> Vec<&'a str> {
        self.tasks.iter().map(|&task| self.file.tasks[task].as_str()).collect()
    }

    /// Finds the sites of a sequence that each task rests on, the tasks in order, and those of a task by their place.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for the effects of other tasks, of a sequence that is longer than the context, and without
    /// the accessibility that the model reads.
    pub fn find(&self, effects: &BaseEffects) -> Result<Vec<MotifHit>> {
        Error::unless_equal("the tasks of the effects", self.tasks.len(), effects.log_odds().len())?;
        let input = Input::of_effects(&self.file.model, effects)?;
        let candidates = self.candidates(&input);
        let mut hits: Vec<MotifHit> =
            (0..self.tasks.len()).flat_map(|task| self.of_task(effects, task, &candidates)).collect();
        let without = self.without_sites(&input, &hits)?;
        for hit in &mut hits {
            let mean = without[&(hit.site.start, hit.site.end)][hit.task];
            hit.contribution = effects.log_odds()[hit.task] - mean;
        }
        hits.retain(|hit| hit.contribution.abs() >= self.least);
        Ok(hits)
    }

    /// The best sites of all filters whose scores pass their ReLU.
    fn candidates(&self, input: &Input) -> Vec<Candidate> {
        let (places, mut scores) = (&input.places, SiteScores::default());
        let mut found = Vec::new();
        for (member, of_member) in self.members.iter().enumerate() {
            for MotifSite { motif, start, strand, score } in
                of_member.sites.find(&input.codes, &input.signal, &mut scores)
            {
                let filter = of_member.first + motif;
                let core = self.filters[filter].site(start, strand);
                let is_known = core.start >= places.start && core.end <= places.end;
                if score > 0.0 && !core.is_empty() && is_known {
                    let site = core.start - places.start..core.end - places.start;
                    found.push(Candidate { member, filter, site, strand });
                }
            }
        }
        found
    }

    /// The sites of a task, of which no two are the same place. Their contributions are not known yet.
    fn of_task(&self, effects: &BaseEffects, task: usize, candidates: &[Candidate]) -> Vec<MotifHit> {
        let hypothetical = effects.hypothetical(task);
        let answering = candidates.iter().filter(|candidate| self.members[candidate.member].answers[task]);
        let fitting = answering.filter_map(|Candidate { filter, site, strand, .. }| {
            let (projection, length) = self.filters[*filter].projection(&hypothetical, site, *strand);
            let fit = if length > 0.0 { projection / length } else { 0.0 };
            let hit = MotifHit { task, filter: *filter, site: site.clone(), strand: *strand, fit, contribution: 0.0 };
            (fit.abs() >= MIN_FIT).then_some((projection.abs(), hit))
        });
        let mut fitting: Vec<(f32, MotifHit)> = fitting.collect();
        // The sort is stable: of equal ones the first filter's stays.
        fitting.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let least = MIN_SHARE * fitting.first().map_or(0.0, |(strongest, _)| *strongest);
        let mut kept: Vec<MotifHit> = Vec::new();
        for (_, hit) in fitting.into_iter().take_while(|(projection, _)| *projection >= least) {
            if !kept.iter().any(|before| is_same_place(&before.site, &hit.site)) {
                kept.push(hit);
            }
        }
        kept.sort_by_key(|hit| (hit.site.start, hit.site.end));
        kept
    }

    /// The mean log-odds of each task with a site replaced by the background, for each site.
    fn without_sites(&self, input: &Input, hits: &[MotifHit]) -> Result<BTreeMap<(usize, usize), Vec<f32>>> {
        let sites: BTreeSet<(usize, usize)> = hits.iter().map(|hit| (hit.site.start, hit.site.end)).collect();
        let sites: Vec<(usize, usize)> = sites.into_iter().collect();
        let mut means = BTreeMap::new();
        for sites in sites.chunks(BATCH / DRAWS) {
            let replaced: Vec<Vec<u8>> = sites.iter().flat_map(|site| self.replaced(input, *site)).collect();
            let Batch { codes, signal, .. } = Batch::new(&input.batch(replaced.into_iter()), &self.device)?;
            let log_odds: Vec<f32> = self.model.bound_log_odds(codes, signal).into_data().iter().collect();
            let all = self.file.tasks.len();
            for (site, draws) in sites.iter().zip(log_odds.chunks_exact(DRAWS * all)) {
                let mean = |task: &usize| draws.chunks_exact(all).map(|draw| draw[*task]).sum::<f32>() / DRAWS as f32;
                means.insert(*site, self.tasks.iter().map(mean).collect());
            }
        }
        Ok(means)
    }

    /// Sequences with a site replaced by draws from the background.
    fn replaced(&self, input: &Input, (start, end): (usize, usize)) -> Vec<Vec<u8>> {
        let mut random = stream(&[start as u64, end as u64]);
        let mut draw = || {
            let mut left = random.random::<f64>();
            let is_drawn = |share: &f64| {
                left -= share;
                left < 0.0
            };
            self.background.iter().position(is_drawn).unwrap_or(3) as u8
        };
        let sequence = |_| {
            let mut codes = input.codes.clone();
            codes[input.places.start + start..input.places.start + end].fill_with(&mut draw);
            codes
        };
        (0..DRAWS).map(sequence).collect()
    }
}

/// Whether two sites overlap by more than half of the shorter one.
fn is_same_place(a: &Range<usize>, b: &Range<usize>) -> bool {
    let overlap = a.end.min(b.end).saturating_sub(a.start.max(b.start));
    2 * overlap > a.len().min(b.len())
}
