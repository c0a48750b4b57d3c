//! The files of a simulated data set.

use std::path::Path;

use super::{
    SimulationConfig,
    config::{BIN_BP, STRIDE_BP},
    factor::FactorSet,
    profile::{self, Profile},
};
use crate::{
    Result,
    file::{gzip, write_atomic},
    genome::{BinGrid, Genome, Labels},
    motif::{Motif, MotifSet},
};

/// Writes sequences in ASCII as FASTA.
pub(super) fn write_fasta(path: &Path, names: &[String], sequences: &[Vec<u8>]) -> Result<()> {
    gzip::write(path, |out| {
        for (name, sequence) in names.iter().zip(sequences) {
            writeln!(out, ">{name}")?;
            for line in sequence.chunks(60) {
                out.write_all(line)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    })
}

/// Writes a label table in the challenge's format, with a column for each cell type.
pub(super) fn write_labels(path: &Path, genome: &Genome, grid: &BinGrid, columns: &[(&str, Labels)]) -> Result<()> {
    gzip::write(path, |out| {
        write!(out, "chr\tstart\tstop")?;
        columns.iter().try_for_each(|(cell, _)| write!(out, "\t{cell}"))?;
        writeln!(out)?;
        for bin in 0..grid.len() {
            let interval = grid.interval(bin);
            write!(out, "{}\t{}\t{}", genome.name(interval.chromosome), interval.start, interval.end)?;
            for (_, labels) in columns {
                write!(out, "\t{}", labels.get(bin).letter().unwrap_or('.'))?;
            }
            writeln!(out)?;
        }
        Ok(())
    })
}

/// Writes the profiles in the minimal MEME format.
pub(super) fn write_motifs(path: &Path, factors: FactorSet, profiles: &[Profile]) -> Result<()> {
    let motifs = factors.list().iter().zip(profiles).enumerate().map(|(index, (factor, profile))| Motif {
        id: format!("SIM{:04}.1", index + 1),
        name: factor.name.to_owned(),
        matrix: profile.probabilities.clone(),
        sites: Some(profile::SITES),
    });
    MotifSet::from_motifs(motifs.collect())?.write_meme(path)
}

/// Writes `dataset.toml`.
pub(super) fn write_dataset(path: &Path, config: &SimulationConfig) -> Result<()> {
    let names = config.chromosome_names();
    let (train, held_out) = names.split_at(names.len() - 2);
    let quoted = |names: &[String]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    let track = |cell: &String| format!("{cell} = \"accessibility/{cell}.bigWig\"\n");
    let accessibility = config.cell_names().iter().map(track).collect::<Vec<_>>().concat();
    write_atomic(path, |out| {
        write!(
            out,
            "# A simulated world (seed {seed}). What is true of it lies in the folder truth.\n\
             name = \"simulated\"\n\
             genome = \"genome.fa.gz\"\n\
             motifs = \"motifs.meme\"\n\
             labels = \"labels/{{tf}}.train.labels.tsv.gz\"\n\n\
             [windows]\nbin_bp = {BIN_BP}\nstride_bp = {STRIDE_BP}\n\n\
             [accessibility]\n{accessibility}\n\
             [split]\ntrain = [{train}]\nvalid = [{valid}]\ntest = [{test}]\n",
            seed = config.seed,
            train = quoted(train),
            valid = quoted(&held_out[..1]),
            test = quoted(&held_out[1..]),
        )
    })
}
