//! The end of a run: the files of tracks.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    BigwigConfig, ExistingFiles, TrackFormat, TrackWriter,
    conversion::Conversion,
    state::RunState,
    values::ValuesFile,
    written::{existing_file_error, lost_file_error, remove},
};
use crate::{
    Error, Result,
    file::{at, sync_files},
};

impl TrackWriter<'_> {
    /// Makes the bedGraph files of a scan of so many bins, and returns their paths.
    ///
    /// # Errors
    ///
    /// Those of [`TrackWriter::finish_with`].
    pub fn finish(self, bins: usize) -> Result<Vec<PathBuf>> {
        self.finish_with(bins, TrackFormat::Bedgraph, |_| ())
    }

    /// Makes the files of a scan of so many bins, and returns their paths.
    ///
    /// Calls `each` once with the path of each file, when it is made or was found to be there; new files get their
    /// names, and are on disk, when all are made. Interrupted, it goes on with the files that are left.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`] if another number of bins was written, if another file is in the way, and for bedGraph files
    /// that were lost, or of a run that was finished without them; [`Error::Io`].
    ///
    /// # Examples
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use multitf::{
    ///     genome::{BinGrid, Genome},
    ///     nn::{ModelConfig, MotifConvConfig, TrunkConfig},
    ///     predict::{
    ///         GenomeScan, RunIdentity, ScanSource, Shard, TrackFile, TrackFormat, TrackValue, TrackWriterConfig,
    ///     },
    /// };
    ///
    /// let device = Device::default();
    /// let model = ModelConfig::new(TrunkConfig::new(300, MotifConvConfig::new(16, 19)), 1).init(&device);
    /// let genome = Genome::from_sequences([("chr1", "GATTACA".repeat(100))])?;
    /// let grid = BinGrid::new(&genome, 200, 50)?;
    /// let source = ScanSource::new(&genome, &grid);
    ///
    /// let folder = std::env::temp_dir().join(format!("multitf-doc-formats-{}", std::process::id()));
    /// let files = vec![TrackFile { task: 0, name: "REST".into() }];
    /// let identity = RunIdentity::new("a random model", &[]);
    /// let config = TrackWriterConfig { files, value: TrackValue::Probability, identity, shard: Shard::WHOLE };
    /// let mut writer = config.open(&folder, source)?;
    /// let scan = GenomeScan::new(&model, source, &device)?.skipping(writer.bins_written());
    /// scan.run(|part| writer.write(&part))?;
    /// let written = writer.finish_with(scan.bins(), TrackFormat::Bigwig, |path| println!("{}", path.display()))?;
    /// assert_eq!(written, [folder.join("REST.bigWig")]);
    /// # std::fs::remove_dir_all(folder)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish_with(
        mut self,
        bins: usize,
        format: TrackFormat,
        mut each: impl FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        Error::unless_equal(format!("the bins written to {}", self.folder.display()), bins, self.state.done)?;
        match self.saver.take() {
            Some(mut saver) => self.make_files(saver.end()?, format, &mut each),
            None => self.finished_files(format, each),
        }
    }

    /// Makes the files under temporary names, puts them on disk, records that, and then gives them their names.
    fn make_files(
        &mut self,
        mut values: ValuesFile,
        format: TrackFormat,
        each: &mut dyn FnMut(&Path),
    ) -> Result<Vec<PathBuf>> {
        let (config, folder, save_every) = (self.state.config.clone(), self.folder.clone(), self.save_every);
        let conversion =
            Conversion { config: &config, folder: &folder, genome: self.genome, grid: self.grid, format, save_every };
        conversion.run(&mut values, &mut self.state, each)?;
        let (partial, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            conversion.paths(0..config.files.len()).into_iter().unzip();
        sync_files(&partial)?;
        drop(values);
        (self.state.finished, self.state.values) = (true, None);
        self.state.save(&folder)?;
        ValuesFile::remove(&folder)?;
        self.rename_all()?;
        Ok(paths)
    }

    /// The files of a run that was finished before; bigWig files that it lacks are made from the bedGraph files.
    fn finished_files(mut self, format: TrackFormat, mut each: impl FnMut(&Path)) -> Result<Vec<PathBuf>> {
        let mut paths = Vec::new();
        if format.has_bedgraph() {
            for (file, track) in self.state.config.files.iter().zip(&self.state.tracks) {
                let path = file.bedgraph(&self.folder);
                if track.is_none() {
                    let found = "none, since an earlier call has left bigWig files alone: choose another folder, or \
                                 remove tracks.json and scan again with `--force`";
                    return Err(Error::mismatch(path.display().to_string(), "the file of a finished run", found));
                }
                if !path.exists() {
                    return Err(lost_file_error(&path));
                }
                each(&path);
                paths.push(path);
            }
        }
        if format.has_bigwig() {
            let config = BigwigConfig { removes_bedgraphs: !format.has_bedgraph(), existing: self.existing };
            paths.extend(config.convert_all(&mut self.state, &self.folder, self.genome, each)?);
        }
        Ok(paths)
    }

    /// Gives the files of a finished run their names. A run that was interrupted here has renamed some files.
    pub(super) fn rename_all(&self) -> Result<()> {
        let RunState { config, tracks, bigwigs, .. } = &self.state;
        for (file, (track, bigwig)) in config.files.iter().zip(tracks.iter().zip(bigwigs)) {
            let [bedgraph, bigwig_path] = [file.bedgraph(&self.folder), file.bigwig(&self.folder)];
            let other = bigwig.is_none().then_some(&*bigwig_path);
            self.rename(track.is_some(), &file.partial(&self.folder), &bedgraph, other)?;
            let other = track.is_none().then_some(&*bedgraph);
            self.rename(bigwig.is_some(), &file.partial_bigwig(&self.folder), &bigwig_path, other)?;
        }
        Ok(())
    }

    /// Renames a file if it is there and of this run. `other` is its path in a format that the run has not made.
    fn rename(&self, is_made: bool, from: &Path, to: &Path, other: Option<&Path>) -> Result<()> {
        if !is_made {
            remove(from)?;
        }
        if !from.exists() {
            return Ok(());
        }
        match (self.existing, other) {
            (ExistingFiles::Refuse, _) if to.exists() => return Err(existing_file_error(to)),
            // A file of others would be taken for one of this run. It goes first, or an interruption could leave it.
            (ExistingFiles::Replace, Some(other)) => remove(other)?,
            _ => {}
        }
        fs::rename(from, to).map_err(at(to))
    }
}
