//! Predictions of a model in a file: for data sets, whose tasks are matched by name, and for sequences.

use super::{Predictions, Predictor, SequenceScorer, SequenceScores, predict_samples, sequences::transform};
use crate::{
    Error, Result,
    data::{Dataset, Split, find_factors},
    nn::{ModelFile, ModelInputs, Network, NetworkFile},
};

impl ModelFile {
    /// Applies the model to a split of a data set; tasks are matched by name.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a task that the data set does not have and for other inputs than in training (see
    /// [`check`](Self::check)), and [`Error::EmptySplit`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::{data::{Dataset, Split}, nn::ModelFile};
    ///
    /// let dataset = Dataset::open("yeast/dataset.toml")?;
    /// let file = ModelFile::open("model.safetensors", &Device::default())?;
    /// for track in file.predict(&dataset, Split::Test)?.average_precisions(&dataset)? {
    ///     println!("{}: {:?}", track.task, track.average_precision);
    /// }
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn predict(&self, dataset: &Dataset, split: Split) -> Result<Predictions> {
        for &cell in dataset.split_cells(split) {
            self.check(dataset, &dataset.cells()[cell].name)?;
        }
        predict_named(&self.model, &self.tasks, dataset, split)
    }

    /// Finds tasks by name, in the order that they are asked for; case and blanks around a name do not matter.
    pub(crate) fn find_tasks<S: AsRef<str>>(&self, names: &[S]) -> Result<Vec<usize>> {
        let names = find_factors(names, &self.tasks)?;
        Ok(names.iter().filter_map(|name| self.tasks.iter().position(|task| task == name)).collect())
    }

    /// Returns the log-odds that sequences are bound, read on the forward strand. Sequences are strings or bytes; the
    /// accessibility of each base is needed if the model reads it. [`SequenceScorer`] has more options.
    ///
    /// # Errors
    ///
    /// Those of [`SequenceScorer::score`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::nn::{ModelConfig, ModelFile, MotifConvConfig, TrunkConfig};
    ///
    /// let config = ModelConfig::new(TrunkConfig::new(60, MotifConvConfig::new(16, 11)), 1);
    /// let model = config.init(&Device::default());
    /// let file = ModelFile { config, tasks: vec!["CTCF".into()], inputs: None, model };
    ///
    /// let scores = file.score(&["ACGTTGCAAT", "GGGN", "ccc"], None)?;
    /// assert_eq!(scores.values[0].len(), 3);
    /// assert!(file.score(&["ACGT!"], None).unwrap_err().to_string().starts_with("base 4 of sequence 0"));
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn score<S: AsRef<[u8]> + Sync>(&self, sequences: &[S], signal: Option<&[Vec<f32>]>) -> Result<SequenceScores> {
        SequenceScorer::new(self).score(sequences, signal)
    }

    /// Makes a predictor, which scores one sequence at a time in microseconds.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if the model reads several tracks of accessibility, and for a file with another number of
    /// tasks than outputs of its model.
    ///
    /// # Examples
    ///
    /// See [`Predictor`].
    pub fn predictor(&self) -> Result<Predictor> {
        SequenceScorer::new(self).check_tasks()?;
        Predictor::new(&self.model, transform(self))
    }
}

impl<N: Network> NetworkFile<N> {
    /// Applies the network to a split of a data set; tasks are matched by name.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] for a task that the data set does not have, for other bins, and for missing accessibility or
    /// another transform of it if the network reads it; [`Error::EmptySplit`].
    ///
    /// # Examples
    ///
    /// See [`NetworkFile`].
    pub fn predict(&self, dataset: &Dataset, split: Split) -> Result<Predictions> {
        let check = |inputs: &ModelInputs| inputs.check(dataset, self.network.signal_tracks().is_some());
        self.inputs.as_ref().map_or(Ok(()), check)?;
        predict_named(&self.network, &self.tasks, dataset, split)
    }
}

fn predict_named(network: &impl Network, names: &[String], dataset: &Dataset, split: Split) -> Result<Predictions> {
    let known = || dataset.tasks().iter().map(|task| task.name.as_str());
    let place = |name: &String| {
        known().position(|known| known == name).ok_or_else(|| {
            let what = format!("the tasks of data set {}", dataset.name());
            let found = known().collect::<Vec<_>>().join(", ");
            Error::mismatch(what, format!("{name} among them, as the model's"), found)
        })
    };
    let tasks = names.iter().map(place).collect::<Result<Vec<_>>>()?;
    predict_samples(network, dataset, &tasks, dataset.samples(split, network.context_bp())?)
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::{
        nn::{ModelConfig, MotifConvConfig, SignalInput, TrunkConfig},
        simulate::{SimulationConfig, simulate},
        testing::TestFolder,
    };

    #[test]
    fn tasks_are_found_by_name_and_inputs_checked() {
        let folder = TestFolder::new("predict-file");
        simulate(&SimulationConfig { total_bases: 300_000, ..SimulationConfig::default() }, folder.path()).unwrap();
        let dataset = Dataset::open(folder.path().join("dataset.toml")).unwrap();
        let trunk = TrunkConfig::new(240, MotifConvConfig::new(6, 9)).with_signal(SignalInput::Means(3));
        let config = ModelConfig::new(trunk, 2);
        let names = [4, 1].map(|task: usize| dataset.tasks()[task].name.clone()).to_vec();
        let (model, inputs) = (config.init(&Device::default()), ModelInputs::new(&dataset, vec![0.1; 2]));
        let mut file = ModelFile { config, tasks: names, inputs: Some(inputs), model };
        let found = file.predict(&dataset, Split::Valid).unwrap();
        let samples = dataset.samples(Split::Valid, 240).unwrap();
        let expected = predict_samples(&file.model, &dataset, &[4, 1], samples).unwrap();
        assert_eq!((found.tasks, found.logits), (vec![4, 1], expected.logits));
        let message = |file: &ModelFile| file.predict(&dataset, Split::Valid).unwrap_err().to_string();
        file.tasks[1] = "nobody".into();
        assert!(message(&file).contains("expected nobody among them, as the model's, found "));
        file.inputs.as_mut().unwrap().stride_bp += 1;
        assert!(message(&file).starts_with("windows.stride_bp of data set "));
    }
}
