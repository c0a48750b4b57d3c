//! The table of sites.

use std::{io::Write, path::Path};

use super::{
    super::{Occupancy, Site, SiteInCell},
    Truth,
    line::for_each_row,
};
use crate::Result;

/// Writes a line for each site.
pub(super) fn write(truth: &Truth, out: &mut dyn Write) -> std::io::Result<()> {
    write!(out, "chr\tstart\tend\ttf\tscore\tstrand\tplanted")?;
    for cell in &truth.cells {
        write!(out, "\t{cell}.openness\t{cell}.probability\t{cell}.occupancy")?;
    }
    writeln!(out)?;
    let names = truth.config.chromosome_names();
    for site in &truth.sites {
        let (chromosome, factor) = (&names[site.chromosome], truth.config.factors.list()[site.factor].name);
        let strand = if site.reversed { '-' } else { '+' };
        let planted = u8::from(site.planted);
        write!(out, "{chromosome}\t{}\t{}\t{factor}\t{}\t{strand}\t{planted}", site.start, site.end, site.score)?;
        for cell in &site.cells {
            write!(out, "\t{}\t{}\t{}", cell.openness, cell.probability, cell.occupancy.letter())?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Reads the sites into a truth without any.
pub(super) fn read(truth: &mut Truth, path: &Path) -> Result<()> {
    let chromosomes = truth.config.chromosome_names();
    let (factors, cells) = (truth.config.factors, truth.cells.len());
    let sites = &mut truth.sites;
    for_each_row(path, |line| {
        let mut site = Site {
            chromosome: line.known("a chromosome of the world", |name| chromosomes.iter().position(|c| c == name))?,
            start: line.number()?,
            end: line.number()?,
            factor: line.known("a factor of the world", |name| factors.index_of(name))?,
            score: line.number()?,
            reversed: line.known("+ or -", |strand| ["+", "-"].iter().position(|s| *s == strand))? == 1,
            planted: line.number::<u8>()? == 1,
            cells: Vec::with_capacity(cells),
        };
        for _ in 0..cells {
            let (openness, probability) = (line.number()?, line.number()?);
            let occupancy = line.known("., A or B", Occupancy::from_letter)?;
            site.cells.push(SiteInCell { openness, probability, occupancy });
        }
        sites.push(site);
        Ok(())
    })
}
