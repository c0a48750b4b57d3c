//! Readers and writers of file formats.

pub(super) mod bed;
pub(super) mod bedgraph;
pub(super) mod bigwig;
pub(super) mod chromosome_names;
pub(super) mod fasta;
pub(super) mod label_table;
pub(super) mod open;
pub(super) mod skipped;
pub(super) mod twobit;
