//! The arms of a comparison, and what each trains.

use std::path::PathBuf;

use super::{Comparison, TRUTH};
use crate::{
    Error, Result,
    strategy::{
        Arm, Setup, Strategy,
        run::PlannedRun,
        trainer::{SharedObserver, Trainer},
    },
};

/// A run, and the index of its arm.
pub(super) type ArmRun = (usize, PlannedRun);

impl<'a> Comparison<'a> {
    /// Refuses arms that cannot be told apart, and names that cannot be a folder.
    pub(super) fn check_arms(&self) -> Result<()> {
        Error::unless(!self.arms.is_empty(), "strategies", "at least one", "none")?;
        let repeated = (1..self.arms.len()).find(|&i| self.arms[..i].iter().any(|arm| arm.name == self.arms[i].name));
        let repeated = repeated.map(|index| self.arms[index].name.as_str());
        Error::unless(repeated.is_none(), "strategies", "each once", repeated.unwrap_or_default())?;
        let truth = self.arms.iter().find(|arm| arm.name == TRUTH);
        Error::unless(truth.is_none(), "strategies", "another name than that of the ideal model", TRUTH)?;
        self.arms.iter().try_for_each(Arm::check)
    }

    /// The setup of each arm: that of the comparison, with the arm's settings.
    pub(super) fn setups(&self) -> Result<Vec<Setup<'a>>> {
        let setup = |arm: &Arm| match &arm.config {
            Some(config) => self.setup.for_arm(config).map_err(|error| error.in_table(&arm.name)),
            None => Ok(self.setup.clone()),
        };
        self.arms.iter().map(setup).collect()
    }

    /// All trainings, seeds one after the other.
    pub(super) fn plan(&self, setups: &[Setup<'_>]) -> Vec<ArmRun> {
        let runs = |arm: usize, seed| PlannedRun::all(self.arms[arm].strategy, &setups[arm], seed);
        let of_seed =
            |seed| (0..self.arms.len()).flat_map(move |arm| runs(arm, seed).into_iter().map(move |run| (arm, run)));
        (0..self.seeds).flat_map(of_seed).collect()
    }

    /// The trainings of single models, which need no other model.
    pub(super) fn plan_singles(&self, setups: &[Setup<'_>]) -> Vec<ArmRun> {
        let has_singles = |arm: &usize| matches!(self.arms[*arm].strategy, Strategy::Single | Strategy::Rescue);
        let runs = |arm: usize, seed| PlannedRun::all(Strategy::Single, &setups[arm], seed);
        let arms: Vec<usize> = (0..self.arms.len()).filter(has_singles).collect();
        let of_seed = |seed| arms.iter().flat_map(move |&arm| runs(arm, seed).into_iter().map(move |run| (arm, run)));
        (0..self.seeds).flat_map(of_seed).collect()
    }

    /// The folder of all runs.
    pub(super) fn runs(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("runs"))
    }

    /// The trainers of the arms.
    pub(super) fn trainers<'b>(&'b self, setups: &'b [Setup<'b>], observer: &SharedObserver<'b>) -> Trainers<'b> {
        let runs = self.runs();
        let own = |(arm, setup): (&Arm, &'b Setup<'b>)| {
            arm.config.as_ref().map(|_| Trainer::for_arm(arm, setup, runs.as_deref(), observer.clone()))
        };
        let own = self.arms.iter().zip(setups).map(own).collect();
        Trainers { shared: Trainer::new(self.setup, runs, observer.clone()), own }
    }
}

/// A trainer for all arms with the settings of the comparison, which may share models, and one for each other arm.
pub(super) struct Trainers<'a> {
    pub(super) shared: Trainer<'a>,
    own: Vec<Option<Trainer<'a>>>,
}

impl<'a> Trainers<'a> {
    /// The trainer of an arm.
    pub(super) fn of(&mut self, arm: usize) -> &mut Trainer<'a> {
        self.own[arm].as_mut().unwrap_or(&mut self.shared)
    }
}
