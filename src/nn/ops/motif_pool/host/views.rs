//! The best score of each motif in the pools of several windows of one sequence.

use std::ops::Range;

use super::{
    best_scores::{BestScores, Output},
    motif_tables::{MotifTables, StrandTables},
    sizes::{LANES, Row},
    window::Window,
};
use crate::nn::ops::{Axes, Strands, host::simd};

/// A window of a sequence, as long as a context, on either strand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Where it starts on the forward strand.
    pub(crate) start: usize,
    pub(crate) is_reverse: bool,
}

/// A stretch of sequence, and the windows of it that are wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    /// 0 to 4.
    pub(crate) codes: &'a [u8],
    /// A value for each code, or empty where none is read.
    pub(crate) signal: &'a [f32],
    pub(crate) views: &'a [View],
    /// So many codes and values at the start and at the end are those of the first stretch.
    pub(crate) shared: [usize; 2],
}

/// What a scan of views needs to know of the windows.
#[derive(Clone, Debug)]
pub(crate) struct ViewLayout {
    pub(crate) pools: Vec<Range<usize>>,
    /// Bases of a window.
    pub(crate) length: usize,
    pub(crate) axes: Axes,
    /// Those that motifs are looked for on.
    pub(crate) strands: Strands,
}

/// The memory of a call of [`pool_views`].
#[derive(Clone, Debug, Default)]
pub(crate) struct ViewBuffers {
    scanned: Vec<Scanned>,
    sources: Vec<Source>,
    bests: Vec<BestScores>,
}

/// Writes the best score of each motif in each pool of each view, bias and ReLU included, `[view, ...]` in the order of
/// the axes.
///
/// The layers have the same centres and tables for both strands; the widest comes first. A sequence is scanned once for
/// all of its views, and what stretches share once for all of them: that of a reverse view is what the other strand's
/// motifs find from the other end.
pub(crate) fn pool_views(
    layers: &[MotifTables],
    layout: &ViewLayout,
    stretches: &[Stretch<'_>],
    buffers: &mut ViewBuffers,
    best: &mut [f32],
) {
    let ViewBuffers { scanned, sources, bests } = buffers;
    scanned.resize_with(stretches.len(), Scanned::default);
    let widest = layers.first().map_or(0, MotifTables::width);
    let motifs = layers.iter().map(MotifTables::motifs).sum();
    let mut first = 0;
    for tables in layers {
        let layer = Layer { tables, layout, skipped: (widest - tables.width()) / 2, first, motifs };
        let mut known = None;
        for (scanned, stretch) in scanned.iter_mut().zip(stretches) {
            scanned.read(&layer, stretch, known.unwrap_or(0));
            known.get_or_insert(scanned.positions);
        }
        find_sources(&layer, stretches, scanned, sources);
        bests.resize(sources.len(), BestScores::NONE);
        simd::run(Scan { layer, stretches, scanned, sources, bests, best });
        first += tables.motifs();
    }
}

/// The motifs of one width.
#[derive(Clone, Copy)]
struct Layer<'a> {
    tables: &'a MotifTables,
    layout: &'a ViewLayout,
    /// Bases at either end of a stretch that it does not read.
    skipped: usize,
    /// Its first motif among all.
    first: usize,
    /// The number of all.
    motifs: usize,
}

impl Layer<'_> {
    /// The positions of a pool of a view.
    fn positions(&self, view: View, pool: &Range<usize>) -> Range<usize> {
        if !view.is_reverse {
            return view.start + pool.start..view.start + pool.end;
        }
        let last = view.start + self.layout.length - self.tables.width() - 2 * self.skipped;
        last + 1 - pool.end..last + 1 - pool.start
    }
}

/// What one layer finds on a stretch.
#[derive(Clone, Debug, Default)]
struct Scanned {
    window: Window,
    positions: usize,
    /// The positions that read what is not shared with the first stretch.
    own: Range<usize>,
    /// The scores of a block of motifs at each of these.
    rows: Vec<Row>,
}

impl Scanned {
    /// Reads a stretch after so many positions of the first one are known, none for that itself.
    fn read(&mut self, layer: &Layer<'_>, stretch: &Stretch<'_>, known: usize) {
        let (width, skipped, length) = (layer.tables.width(), layer.skipped, stretch.codes.len());
        let place = skipped..length - skipped;
        self.window.read(&stretch.codes[place.clone()], stretch.signal.get(place.clone()).unwrap_or_default());
        self.window.sum_by_changes();
        let (positions, [before, after]) = (place.len() + 1 - width, stretch.shared);
        let end = (length - after).saturating_sub(skipped).clamp(positions.saturating_sub(known), positions);
        self.own = (before + 1).saturating_sub(skipped + width).min(known).min(end)..end;
        self.positions = positions;
        self.rows.resize(self.own.len(), [0.0; LANES]);
    }

    /// Says where the scores of some positions are, in a first stretch of so many and in this one.
    fn source(&self, positions: Range<usize>, first: usize) -> Source {
        let (start, end) = (self.own.start, self.own.end);
        let moved = |place: usize| place + first - self.positions;
        Source::Rows {
            before: positions.start.min(start)..positions.end.min(start),
            own: positions.start.clamp(start, end) - start..positions.end.clamp(start, end) - start,
            after: moved(positions.start.max(end))..moved(positions.end.max(end)),
        }
    }
}

/// Where the scores of a pool of a view are.
#[derive(Clone, Debug)]
enum Source {
    /// At positions of the first stretch, of the own ones, and of the first stretch again.
    Rows { before: Range<usize>, own: Range<usize>, after: Range<usize> },
    /// They are those of another pool.
    Same(usize),
}

impl Source {
    /// The positions of the first stretch, if there are no others and they lie side by side there.
    fn shared(&self) -> Option<&Range<usize>> {
        match self {
            Self::Rows { before, own, after } if own.is_empty() => match (before.is_empty(), after.is_empty()) {
                (false, true) => Some(before),
                (true, false) => Some(after),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Finds where the scores of each pool of each view are.
fn find_sources(layer: &Layer<'_>, stretches: &[Stretch<'_>], scanned: &[Scanned], sources: &mut Vec<Source>) {
    sources.clear();
    let (pools, first) = (&layer.layout.pools, scanned.first().map_or(0, |first| first.positions));
    let known = stretches.first().map_or(&[][..], |first| first.views);
    for (stretch, scanned) in stretches.iter().zip(scanned) {
        for (view, pool) in stretch.views.iter().flat_map(|view| pools.iter().map(move |pool| (view, pool))) {
            let source = scanned.source(layer.positions(*view, pool), first);
            let same = source.shared().and_then(|shared| {
                let is_shared = |place: &usize| {
                    let known = known[place / pools.len()];
                    known.is_reverse == view.is_reverse
                        && layer.positions(known, &pools[place % pools.len()]) == *shared
                };
                (0..known.len() * pools.len()).find(is_shared)
            });
            sources.push(same.map_or(source, Source::Same));
        }
    }
}

struct Scan<'a> {
    layer: Layer<'a>,
    stretches: &'a [Stretch<'a>],
    scanned: &'a mut [Scanned],
    /// `[view, pool]`
    sources: &'a [Source],
    /// `[view, pool]`
    bests: &'a mut [BestScores],
    best: &'a mut [f32],
}

impl simd::Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run<const FUSED: bool>(mut self) {
        for (index, (block, bias)) in self.layer.tables.blocks().enumerate() {
            let first = self.layer.first + index * LANES;
            // Motifs of one strand are looked for on that which a view reads.
            let Some(reverse) = &block.reverse else { continue };
            if self.layer.layout.strands == Strands::Both {
                self.find::<FUSED>(&block.forward, Some(reverse));
                self.write([true, true], first, bias);
            } else {
                self.find::<FUSED>(&block.forward, None);
                self.write([true, false], first, bias);
                self.find::<FUSED>(reverse, None);
                self.write([false, true], first, bias);
            }
        }
    }
}

impl Scan<'_> {
    /// Finds the score of a strand, or the better of two, at each position.
    #[inline(always)]
    fn find<const FUSED: bool>(&mut self, strand: &StrandTables, other: Option<&StrandTables>) {
        for Scanned { window, own, rows, .. } in &mut *self.scanned {
            window.score::<FUSED, false>(strand, own.start, rows);
        }
        if let Some(other) = other {
            for Scanned { window, own, rows, .. } in &mut *self.scanned {
                window.score::<FUSED, true>(other, own.start, rows);
            }
        }
    }

    /// Writes the pools of the views of the forward strand, of the reverse one, or of both.
    #[inline(always)]
    fn write(&mut self, strands: [bool; 2], first: usize, bias: &[f32]) {
        let Self { layer, stretches, scanned, sources, bests, best } = self;
        let pools = layer.layout.pools.len();
        let strides = match layer.layout.axes {
            Axes::MotifsFirst => [pools, 1],
            Axes::PositionsFirst => [1, layer.motifs],
        };
        let views = stretches
            .iter()
            .zip(&**scanned)
            .flat_map(|(stretch, scanned)| stretch.views.iter().map(move |view| (view, scanned)));
        for (index, (view, scanned_view)) in views.enumerate() {
            if !strands[usize::from(view.is_reverse)] {
                continue;
            }
            for place in index * pools..(index + 1) * pools {
                bests[place] = match &sources[place] {
                    Source::Same(other) => bests[*other],
                    Source::Rows { before, own, after } => {
                        let shared = &scanned[0].rows;
                        BestScores::of([
                            &shared[before.clone()],
                            &scanned_view.rows[own.clone()],
                            &shared[after.clone()],
                        ])
                    }
                };
            }
            let values = &mut best[index * pools * layer.motifs..(index + 1) * pools * layer.motifs];
            let mut output = Output { values, strides, winners: &mut [] };
            output.write(&bests[index * pools..(index + 1) * pools], first, bias);
            let is_spoiled = |pool: &usize| {
                let positions = layer.positions(*view, &layer.layout.pools[*pool]);
                scanned_view.window.is_spoiled(&positions, layer.tables.width())
            };
            let spoiled: Vec<usize> = (0..pools).filter(is_spoiled).collect();
            output.spoil(&spoiled, pools, first..first + bias.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::{RngExt, rngs::Xoshiro256PlusPlus};

    use super::*;
    use crate::{
        genome::base,
        nn::ops::motif_pool::host::sample::{SampleBuffers, pool_sample},
        random::stream,
        testing::cases,
    };

    const WIDTHS: [usize; 4] = [9, 8, 3, 1];

    fn tables(strands: Strands, channels: usize, widths: &[usize], seed: u64) -> Vec<MotifTables> {
        let mut random = stream(&[seed]);
        let mut values = |count| (0..count).map(|_| random.random_range(-1.0..1.0)).collect::<Vec<f32>>();
        let layer = |(index, &width): (usize, &usize)| {
            let motifs = 3 + 14 * index;
            let (weight, bias) = (values(motifs * (4 + channels) * width), values(motifs));
            MotifTables::new([motifs, 4 + channels, width], &weight, &bias, strands)
        };
        widths.iter().enumerate().map(layer).collect()
    }

    /// Random codes and a signal with runs, and here and there a value that is no number.
    fn sequence(length: usize, has_signal: bool, random: &mut Xoshiro256PlusPlus) -> (Vec<u8>, Vec<f32>) {
        let codes = (0..length).map(|_| random.random_range(0..5)).collect();
        let mut value = 0.0;
        let signal = (0..if has_signal { length } else { 0 }).map(|_| {
            value = if random.random_bool(0.2) { random.random_range(0.0..4.0) } else { value };
            if random.random_bool(0.01) { f32::NAN } else { value }
        });
        (codes, signal.collect())
    }

    #[test]
    fn a_pool_across_a_loss_is_not_taken_for_what_lies_before_it() {
        // Motifs of one base: between the sides of a loss none reads both. The best of the pool lies behind it.
        let tables = || [MotifTables::new([1, 4, 1], &[1.0, 2.0, 3.0, 4.0], &[0.0], Strands::Both)];
        let (codes, lost) = ([0, 1, 2, 2, 3, 3], [0, 1, 3, 3]);
        let view = |start| View { start, is_reverse: false };
        let layout = ViewLayout { pools: vec![0..1, 1..3], length: 3, axes: Axes::MotifsFirst, strands: Strands::Both };
        let stretches = [
            // Its first pool is what lies before the loss in the second pool of the other.
            Stretch { codes: &codes, signal: &[], views: &[view(1)], shared: [0, 0] },
            Stretch { codes: &lost, signal: &[], views: &[view(0)], shared: [2, 2] },
        ];
        let mut found = [0.0; 4];
        pool_views(&tables(), &layout, &stretches, &mut ViewBuffers::default(), &mut found);
        // Either strand counts: A and T 4, C and G 3.
        assert_eq!(found, [3.0, 3.0, 4.0, 4.0]);
    }

    proptest! {
        #![proptest_config(cases(192))]

        #[test]
        fn a_view_has_the_scores_of_its_window_alone(
            (length, pool, beyond) in (9_usize..40, 1_usize..20, 0_usize..12),
            (before, lost, new) in (0_usize..50, 0_usize..6, 0_usize..6),
            widths in 1..=WIDTHS.len(),
            (both, has_signal, motifs_first, seed) in (any::<bool>(), any::<bool>(), any::<bool>(), any::<u64>()),
        ) {
            let (strands, widths) = (if both { Strands::Both } else { Strands::Forward }, &WIDTHS[..widths]);
            let axes = if motifs_first { Axes::MotifsFirst } else { Axes::PositionsFirst };
            let positions = length + 1 - widths[0];
            let pools: Vec<_> = (0..positions).step_by(pool).map(|start| start..positions.min(start + pool)).collect();
            let mut random = stream(&[seed, 1]);
            // A stretch, and another one with some bases in place of others.
            let (codes, signal) = sequence(length + beyond + 6, has_signal, &mut random);
            let (start, lost) = (before.min(codes.len()), lost.min(codes.len() - before.min(codes.len())));
            let (mut codes_2, mut signal_2) = (codes.clone(), signal.clone());
            let (new_codes, new_signal) = sequence(new, has_signal, &mut random);
            codes_2.splice(start..start + lost, new_codes);
            if has_signal {
                signal_2.splice(start..start + lost, new_signal);
            }
            let mut views = |codes: &[u8]| -> Vec<View> {
                let mut view = || View {
                    start: random.random_range(0..=codes.len() - length),
                    is_reverse: random.random_bool(0.5),
                };
                (0..4).map(|_| view()).collect()
            };
            let (views, views_2) = (views(&codes), views(&codes_2));
            let shared = [start, codes.len() - start - lost];
            let stretches = [
                Stretch { codes: &codes, signal: &signal, views: &views, shared: [0, 0] },
                Stretch { codes: &codes_2, signal: &signal_2, views: &views_2, shared },
            ];
            let layers = |strands| tables(strands, usize::from(has_signal), widths, seed);
            let motifs: usize = layers(strands).iter().map(MotifTables::motifs).sum();
            let outputs = motifs * pools.len();
            let mut found = vec![f32::INFINITY; 8 * outputs];
            let layout = ViewLayout { pools, length, axes, strands };
            pool_views(&layers(Strands::Both), &layout, &stretches, &mut ViewBuffers::default(), &mut found);

            let lengths: Vec<usize> = layout.pools.iter().map(ExactSizeIterator::len).collect();
            let all = stretches.iter().flat_map(|stretch| stretch.views.iter().map(move |view| (stretch, view)));
            for ((stretch, view), found) in all.zip(found.chunks_exact(outputs)) {
                let place = view.start..view.start + length;
                let (mut codes, mut signal) = (stretch.codes[place.clone()].to_vec(), Vec::new());
                signal.extend(stretch.signal.get(place).unwrap_or_default());
                if view.is_reverse {
                    codes = codes.iter().rev().map(|&code| base::complement(code)).collect();
                    signal.reverse();
                }
                let (mut expected, mut buffers) = (vec![0.0; outputs], SampleBuffers::default());
                pool_sample(&layers(strands), &codes, &signal, &lengths, axes, &mut buffers, &mut expected);
                for (found, expected) in found.iter().zip(&expected) {
                    let near = (found - expected).abs() <= 3e-6 * (1.0 + expected.abs());
                    prop_assert!(near || found.is_nan() && expected.is_nan(), "{view:?}: {expected}, found {found}");
                }
            }
        }
    }
}
