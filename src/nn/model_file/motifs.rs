//! The motifs of a model in a file.

use super::ModelFile;
use crate::{Result, motif::MotifSet, nn::MotifScale};

impl ModelFile {
    /// Returns the model's filters as profiles, ready for [`MotifSet::write_meme`]. Each layer is converted by
    /// [`MotifConv::to_motifs`](crate::nn::MotifConv::to_motifs) with the scale of the configuration.
    ///
    /// Motifs are named `motif1` and so on; those of other widths `width9-motif1`, or `layer3-motif1` if two layers
    /// have one width, and those of other members `member2-motif1`. Flanks without a preferred base are included;
    /// [`MotifSet::trimmed`] removes them. A file without a scale is read with the [default](MotifScale::default),
    /// against the background of the filters if they have one.
    ///
    /// # Errors
    ///
    /// [`Error::Mismatch`](crate::Error::Mismatch) if a weight is not finite.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use burn::tensor::Device;
    /// use multitf::nn::ModelFile;
    ///
    /// let file = ModelFile::open("model.safetensors", &Device::default())?;
    /// file.motifs()?.trimmed(0.25).write_meme("filters.meme")?;
    /// # Ok::<(), multitf::Error>(())
    /// ```
    pub fn motifs(&self) -> Result<MotifSet> {
        let widths = self.config.trunk.body.widths();
        let mut motifs = Vec::new();
        for (index, member) in self.model.members().enumerate() {
            let member_name = if index == 0 { String::new() } else { format!("member{}-", index + 1) };
            for (layer, conv) in member.trunk.layers().enumerate() {
                let width = conv.width();
                let layer_name = match layer {
                    0 => String::new(),
                    _ if widths.iter().filter(|other| **other == width).count() == 1 => format!("width{width}-"),
                    _ => format!("layer{}-", layer + 1),
                };
                let scale = self.config.motif_scale.clone().unwrap_or_else(|| MotifScale::for_form(conv.form()));
                motifs.extend(conv.to_motifs(&scale)?.into_iter().map(|mut motif| {
                    motif.id = format!("{member_name}{layer_name}{}", motif.id);
                    motif
                }));
            }
        }
        MotifSet::from_motifs(motifs)
    }
}
