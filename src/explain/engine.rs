//! Ways to find the effects of changed bases.

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData},
};

use super::{BaseEffects, input::Input};
use crate::{
    Result,
    data::Batch,
    genome::base,
    nn::{Model, Network, SubstitutionBuffers, Substitutions, device_of},
};

/// Sequences of a batch on a device.
const BATCH: usize = 1024;

/// A way to find the effects of changed bases on the outputs of a model.
#[derive(Debug)]
pub(super) enum Engine {
    /// Exact: what a change touches is computed again.
    Substitutions(Box<Substitutions>),
    /// Exact: each changed sequence is scored.
    BruteForce(Box<Model>, Device),
    /// Estimated by the gradient.
    Gradients(Box<Model>, Device),
}

impl Engine {
    /// The exact way: on the host, or on the model's device for layers of 16 bits.
    pub(super) fn exact(model: &Model) -> Result<Self> {
        match model.to_substitutions() {
            Some(host) => Ok(Self::Substitutions(host.into())),
            None => Self::brute_force(model),
        }
    }

    /// Every changed sequence by itself, on the model's device.
    pub(super) fn brute_force(model: &Model) -> Result<Self> {
        Ok(Self::BruteForce(model.valid().into(), device_of(model)?))
    }

    /// The way by gradients, on the model's device.
    pub(super) fn gradients(model: &Model) -> Result<Self> {
        Ok(Self::Gradients(model.valid().into(), device_of(model)?))
    }

    /// The number of outputs.
    fn outputs(&self) -> usize {
        match self {
            Self::Substitutions(model) => model.tasks(),
            Self::BruteForce(model, _) | Self::Gradients(model, _) => Network::tasks(&**model),
        }
    }

    /// Whether inputs can be worked on side by side.
    pub(super) fn is_parallel(&self) -> bool {
        matches!(self, Self::Substitutions(_))
    }

    /// Finds the effects on some of the outputs.
    pub(super) fn effects(
        &self,
        input: &Input,
        outputs: &[usize],
        buffers: &mut SubstitutionBuffers,
    ) -> Result<BaseEffects> {
        let (log_odds, values) = match self {
            Self::Substitutions(model) => {
                let mut log_odds = Vec::new();
                model.log_odds(&input.codes, &input.signal, input.places.clone(), buffers, &mut log_odds);
                self.changes(input, &log_odds, outputs)
            }
            Self::BruteForce(model, device) => self.changes(input, &brute_force(model, device, input)?, outputs),
            Self::Gradients(model, device) => gradients(model, device, input, outputs)?,
        };
        let signal = input.signal.get(input.places.clone()).unwrap_or_default().to_vec();
        let effects = BaseEffects::new(input.own_codes().to_vec(), log_odds, values);
        Ok(effects.with_origin(input.origin.clone()).with_signal(signal))
    }

    /// Turns log-odds of the sequence and of each change, `[1 + place * base, output]`, into those of the sequence and
    /// their changes, `[output, base, place]`.
    fn changes(&self, input: &Input, log_odds: &[f32], outputs: &[usize]) -> (Vec<f32>, Vec<f32>) {
        let (codes, all) = (input.own_codes(), self.outputs());
        let (first, changed) = log_odds.split_at(all);
        let mut values = Vec::with_capacity(outputs.len() * 4 * codes.len());
        for &output in outputs {
            for base in 0..4 {
                values.extend(codes.iter().enumerate().map(|(place, code)| {
                    let new = changed[(4 * place + base) * all + output];
                    if usize::from(*code) == base { 0.0 } else { new - first[output] }
                }));
            }
        }
        (outputs.iter().map(|&output| first[output]).collect(), values)
    }
}

/// Scores a sequence and each change of it, `[1 + place * base, output]`.
fn brute_force(model: &Model, device: &Device, input: &Input) -> Result<Vec<f32>> {
    let each = input.places.clone().flat_map(|place| (0..4).map(move |base| Some((place, base))));
    let changes: Vec<Option<(usize, u8)>> = std::iter::once(None).chain(each).collect();
    let mut log_odds = Vec::new();
    for changes in changes.chunks(BATCH) {
        let sequences = changes.iter().map(|change| {
            let mut codes = input.codes.clone();
            if let Some((place, base)) = *change {
                codes[place] = base;
            }
            codes
        });
        let Batch { codes, signal, .. } = Batch::new(&input.batch(sequences), device)?;
        log_odds.extend(model.bound_log_odds(codes, signal).into_data().iter::<f32>());
    }
    Ok(log_odds)
}

/// Computes the log-odds of a sequence, and what the gradient says of each change of it, `[output, base, place]`: the
/// derivative for the new base minus that for the old one.
fn gradients(model: &Model, device: &Device, input: &Input, outputs: &[usize]) -> Result<(Vec<f32>, Vec<f32>)> {
    let (length, places, codes) = (input.codes.len(), &input.places, input.own_codes());
    let (mut log_odds, mut values) = (Vec::new(), Vec::new());
    // A backward pass has one gradient for each sequence: as many copies as outputs.
    for outputs in outputs.chunks(BATCH) {
        let copies = outputs.len();
        let batch = Batch::new(&input.batch((0..copies).map(|_| input.codes.clone())), device)?;
        let columns = columns(&input.codes, copies, device).autodiff().require_grad();
        let signal = batch.signal.map(Tensor::from_inner);
        let scores = model.bound_log_odds_of_columns(columns.clone(), signal);
        let wanted: Vec<i32> = outputs.iter().map(|&output| output as i32).collect();
        let wanted = Tensor::<2, Int>::from_data(TensorData::new(wanted, [copies, 1]), &scores.device());
        let own = scores.gather(1, wanted);
        log_odds.extend(own.clone().into_data().iter::<f32>());
        let gradient = columns.grad(&own.sum().backward()).map(|gradient| gradient.into_data());
        let gradient: Vec<f32> = gradient.map_or_else(|| vec![0.0; copies * 4 * length], |data| data.iter().collect());
        for rows in gradient.chunks_exact(4 * length) {
            let at = |base: usize, place: usize| rows[base * length + places.start + place];
            for base in 0..4 {
                values.extend(codes.iter().enumerate().map(|(place, &code)| {
                    let old = if code == base::N { 0.0 } else { at(usize::from(code), place) };
                    at(base, place) - old
                }));
            }
        }
    }
    Ok((log_odds, values))
}

/// One-hot columns of copies of a sequence, `[copy, 4, length]`.
fn columns(codes: &[u8], copies: usize, device: &Device) -> Tensor<3> {
    let one: Vec<f32> = (0..4).flat_map(|base| codes.iter().map(move |code| f32::from(*code == base))).collect();
    Tensor::from_data(TensorData::new(one.repeat(copies), [copies, 4, codes.len()]), device)
}
