//! Readers and writers of file formats.

pub(super) mod bed;
mod bedgraph;
mod bigwig;
mod chromosome_names;
mod fasta;
mod label_table;
mod open;
mod skipped;
mod twobit;
mod vcf;

pub use self::{
    bed::read_intervals,
    bedgraph::bedgraph_to_bigwig,
    bigwig::write_bigwig,
    label_table::LabelTable,
    skipped::Skipped,
    vcf::{Alternative, VcfReader, VcfRecord},
};
pub(crate) use self::{
    bedgraph::bedgraph_to_bigwig_on_one_thread, bigwig::BigwigWriter, chromosome_names::NameResolver,
};
