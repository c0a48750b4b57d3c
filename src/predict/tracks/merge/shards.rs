//! The shards of a scan, checked for completeness.

use std::{fmt::Debug, path::PathBuf};

use super::joined::TrackPart;
use crate::{
    Error, Result,
    predict::{
        Shard, TrackWriterConfig,
        tracks::state::{RunState, WrittenSpan},
    },
};

/// All shards of a scan, in order.
#[derive(Debug)]
pub(super) struct Shards {
    all: Vec<FinishedShard>,
    bins: usize,
}

/// A finished shard.
#[derive(Debug)]
struct FinishedShard {
    folder: PathBuf,
    saved: RunState,
}

impl Shards {
    /// Reads the states of shards, and refuses shards that do not make up one scan.
    pub(super) fn open(folders: &[PathBuf]) -> Result<Self> {
        let open =
            |folder: &PathBuf| RunState::read(folder).map(|saved| FinishedShard { folder: folder.clone(), saved });
        let mut all: Vec<FinishedShard> = folders.iter().map(open).collect::<Result<_>>()?;
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

    /// The state of the merged scan, without that of its tracks.
    pub(super) fn merged(&self) -> RunState {
        let mut spans = self.spans().map(|(_, span)| span);
        let span = spans.next().map(|first| {
            let last = spans.next_back().unwrap_or(first);
            WrittenSpan { bins: first.bins.start..last.bins.end, start: first.start.clone(), end: last.end.clone() }
        });
        let config = TrackWriterConfig { shard: Shard::WHOLE, ..self.all[0].saved.config.clone() };
        RunState { finished: true, ..RunState::new(config, self.bins, span) }
    }

    /// The files of a track that have lines.
    pub(super) fn parts(&self, track: usize) -> Vec<TrackPart<'_>> {
        let part = |(shard, span): (&FinishedShard, _)| {
            let FinishedShard { folder, saved } = shard;
            let digest = saved.tracks[track].unwrap_or_default().file;
            TrackPart { path: saved.config.files[track].bedgraph(folder), digest, span }
        };
        self.spans().map(part).collect()
    }

    /// The shards that are not empty, with their spans.
    fn spans(&self) -> impl DoubleEndedIterator<Item = (&FinishedShard, &WrittenSpan)> {
        self.all.iter().filter_map(|shard| shard.saved.span.as_ref().map(|span| (shard, span)))
    }

    fn check_bins(&self) -> Result<()> {
        for shard in &self.all {
            let expected = shard.saved.config.shard.range(self.bins).len();
            shard.check("bins", expected, shard.saved.done, &format!(" of {}", self.bins))?;
        }
        let spans: Vec<_> = self.spans().collect();
        for [(last, before), (shard, span)] in spans.array_windows() {
            // Between two chromosomes there may be bins of skipped ones.
            let has_gap = before.end.chromosome != span.start.chromosome && before.bins.end < span.bins.start;
            if !has_gap {
                let after = format!(", since {} ends before it", last.folder.display());
                shard.check("first bin", before.bins.end, span.bins.start, &after)?;
            }
        }
        Ok(())
    }
}

impl FinishedShard {
    /// Refuses an unfinished shard, and one of another run than the first.
    fn check_run(&self, first: &Self) -> Result<()> {
        let (found, expected) = (&self.saved.config, &first.saved.config);
        let also = format!(", as in {}", first.folder.display());
        self.check("number of shards", expected.shard.count(), found.shard.count(), &also)?;
        self.check("run", &expected.identity.source, &found.identity.source, &also)?;
        self.check("chromosomes", &expected.identity.chromosomes, &found.identity.chromosomes, &also)?;
        self.check("value", expected.value, found.value, &also)?;
        self.check("files", &expected.files, &found.files, &also)?;
        if self.saved.finished {
            return Ok(());
        }
        let what = format!("{}: shard {}", self.folder.display(), found.shard);
        Err(Error::mismatch(what, "a finished one", format!("one of {} bins so far: run it again", self.saved.done)))
    }

    fn check<T: PartialEq + Debug>(&self, what: &str, expected: T, found: T, why: &str) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        let what = format!("{}: {what}", self.folder.display());
        Err(Error::mismatch(what, format!("{expected:?}{why}"), format!("{found:?}")))
    }
}

/// Refuses repeated and missing shards.
fn check_complete(all: &[FinishedShard]) -> Result<()> {
    const WHAT: &str = "the shards to merge";
    let shard = |shard: &FinishedShard| shard.saved.config.shard;
    let Some(first) = all.first() else { return Err(Error::mismatch(WHAT, "at least one", "none")) };
    if let Some([one, two]) = all.array_windows().find(|[one, two]| shard(one) == shard(two)) {
        let found = format!("it in {} and {}", one.folder.display(), two.folder.display());
        return Err(Error::mismatch(WHAT, format!("{} once", shard(one)), found));
    }
    let of = shard(first).count();
    let is_missing = |index: &usize| all.get(index - 1).is_none_or(|found| shard(found).index() != *index);
    (1..=of).find(is_missing).map_or(Ok(()), |missing| {
        Err(Error::mismatch(WHAT, format!("{of} of them"), format!("{}, without {missing}/{of}", all.len())))
    })
}
