//! Readers and writers of file formats.

pub(super) mod bed;
pub(super) mod bedgraph;
pub(super) mod bigwig;
mod chromosome_names;
mod fasta;
pub(super) mod label_table;
mod open;
pub(super) mod skipped;
mod twobit;
