//! What belongs together.

use std::{fmt::Debug, path::PathBuf};

use super::joined::TrackPart;
use crate::{
    Error, Result,
    predict::{
        Shard, TrackWriterConfig,
        track_writer::{
            state::{Saved, Span},
            whole,
        },
    },
};

/// All shards of a scan, in order.
#[derive(Debug)]
pub(super) struct Shards {
    all: Vec<Done>,
    bins: usize,
}

/// A shard that is done.
#[derive(Debug)]
struct Done {
    folder: PathBuf,
    saved: Saved,
}

impl Shards {
    /// Reads how far shards are, and refuses those that do not make up one scan.
    pub(super) fn open(folders: &[PathBuf]) -> Result<Self> {
        let open = |folder: &PathBuf| Saved::read(folder).map(|saved| Done { folder: folder.clone(), saved });
        let mut all: Vec<Done> = folders.iter().map(open).collect::<Result<_>>()?;
        for shard in &all {
            shard.check_run(&all[0])?;
        }
        all.sort_by_key(|shard| shard.saved.config.shard.index());
        check_complete(&all)?;
        let bins = all.iter().map(|shard| shard.saved.done).sum();
        let shards = Self { all, bins };
        shards.check_bins()?;
        Ok(shards)
    }

    /// The state of a scan without shards, the stands of its files left out.
    pub(super) fn together(&self) -> Saved {
        let mut spans = self.spans().map(|(_, span)| span);
        let span = spans.next().map(|first| {
            let last = spans.next_back().unwrap_or(first);
            Span { bins: first.bins.start..last.bins.end, start: first.start.clone(), end: last.end.clone() }
        });
        let config = TrackWriterConfig { shard: Shard::WHOLE, ..self.all[0].saved.config.clone() };
        Saved::new(config, (self.bins, span), true, Vec::new())
    }

    /// The files of a track that have a line.
    pub(super) fn parts(&self, track: usize) -> Vec<TrackPart<'_>> {
        let part = |(shard, span): (&Done, _)| {
            let Done { folder, saved } = shard;
            TrackPart { path: whole(folder, &saved.config.files[track]), written: saved.tracks[track].file, span }
        };
        self.spans().map(part).collect()
    }

    /// The shards that are not empty, and what they span.
    fn spans(&self) -> impl DoubleEndedIterator<Item = (&Done, &Span)> {
        self.all.iter().filter_map(|shard| shard.saved.span.as_ref().map(|span| (shard, span)))
    }

    fn check_bins(&self) -> Result<()> {
        for shard in &self.all {
            let expected = shard.saved.config.shard.range(self.bins).len();
            shard.check("bins", expected, shard.saved.done, &format!(" of {}", self.bins))?;
        }
        let mut before: Option<(&Done, &Span)> = None;
        for (shard, span) in self.spans() {
            if let Some((last, end)) = before {
                let is_same = end.end.chromosome == span.start.chromosome;
                // On another chromosome, bins of those that are not scanned lie between.
                if is_same && span.bins.start != end.bins.end || span.bins.start < end.bins.end {
                    let after = format!(", since {} ends before it", last.folder.display());
                    shard.check("first bin", end.bins.end, span.bins.start, &after)?;
                }
            }
            before = Some((shard, span));
        }
        Ok(())
    }
}

impl Done {
    /// Refuses a shard that is not done, or of another run than the first one.
    fn check_run(&self, first: &Self) -> Result<()> {
        let (found, expected) = (&self.saved.config, &first.saved.config);
        let also = format!(", as in {}", first.folder.display());
        self.check("number of shards", expected.shard.of(), found.shard.of(), &also)?;
        self.check("run", &expected.identity.source, &found.identity.source, &also)?;
        self.check("chromosomes", &expected.identity.chromosomes, &found.identity.chromosomes, &also)?;
        self.check("value", expected.value, found.value, &also)?;
        self.check("files", &expected.files, &found.files, &also)?;
        if self.saved.finished {
            return Ok(());
        }
        let what = format!("{}: shard {}", self.folder.display(), found.shard);
        let found = format!("one that goes on after {} bins: run it again", self.saved.done);
        Err(Error::Mismatch { what, expected: "one that is done".into(), found })
    }

    fn check<T: PartialEq + Debug>(&self, what: &str, expected: T, found: T, why: &str) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        let what = format!("{}: {what}", self.folder.display());
        Err(Error::Mismatch { what, expected: format!("{expected:?}{why}"), found: format!("{found:?}") })
    }
}

/// Refuses shards that are there twice, or not at all.
fn check_complete(all: &[Done]) -> Result<()> {
    let shard = |done: &Done| done.saved.config.shard;
    let what = || "the shards to merge".into();
    let Some(first) = all.first() else {
        return Err(Error::Mismatch { what: what(), expected: "at least one".into(), found: "none".into() });
    };
    if let Some([one, two]) = all.array_windows().find(|[one, two]| shard(one) == shard(two)) {
        let name = |done: &Done| done.folder.display().to_string();
        let (expected, found) = (format!("{} once", shard(one)), format!("it in {} and {}", name(one), name(two)));
        return Err(Error::Mismatch { what: what(), expected, found });
    }
    let of = shard(first).of();
    let Some(missing) = (1..=of).find(|&index| all.get(index - 1).is_none_or(|done| shard(done).index() != index))
    else {
        return Ok(());
    };
    let found = format!("{}, without {missing}/{of}", all.len());
    Err(Error::Mismatch { what: what(), expected: format!("{of} of them"), found })
}
