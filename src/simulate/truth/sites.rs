//! The table of sites.

use std::{
    io::{self, Write},
    path::Path,
};

use super::{
    super::{Occupancy, SimulationConfig, Site, SiteInCell},
    line::for_each_row,
};
use crate::Result;

/// Writes a line for each site.
pub(super) fn write(config: &SimulationConfig, sites: &[Site], out: &mut dyn Write) -> io::Result<()> {
    write!(out, "chr\tstart\tend\ttf\tscore\tstrand\tplanted")?;
    for cell in config.cell_names() {
        write!(out, "\t{cell}.openness\t{cell}.probability\t{cell}.occupancy")?;
    }
    writeln!(out)?;
    let names = config.chromosome_names();
    for site in sites {
        let (chromosome, factor) = (&names[site.chromosome], config.factors.list()[site.factor].name);
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

/// Reads the sites.
pub(super) fn read(config: &SimulationConfig, path: &Path) -> Result<Vec<Site>> {
    let chromosomes = config.chromosome_names();
    let mut sites = Vec::new();
    for_each_row(path, |line| {
        let mut site = Site {
            chromosome: line.field("a chromosome of the world", |name| chromosomes.iter().position(|c| c == name))?,
            start: line.number()?,
            end: line.number()?,
            factor: line.field("a factor of the world", |name| config.factors.index_of(name))?,
            score: line.number()?,
            reversed: line.field("+ or -", |strand| ["+", "-"].iter().position(|s| *s == strand))? == 1,
            planted: line.number::<u8>()? == 1,
            cells: Vec::with_capacity(config.cells),
        };
        for _ in 0..config.cells {
            let (openness, probability) = (line.number()?, line.number()?);
            let occupancy = line.field("., A or B", Occupancy::from_letter)?;
            site.cells.push(SiteInCell { openness, probability, occupancy });
        }
        sites.push(site);
        Ok(())
    })?;
    Ok(sites)
}
