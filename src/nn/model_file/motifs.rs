//! The motifs of a model.

use super::ModelFile;
use crate::{Result, motif::MotifSet, nn::MotifScale};

impl ModelFile {
    /// Returns what the model's filters look for, as profiles, ready for [`MotifSet::write_meme`]: what
    /// [`MotifConv::to_motifs`](crate::nn::MotifConv::to_motifs) says of each layer, by the scale in the configuration.
    ///
    /// Motifs are named `motif1` and so on; those of further widths `width9-motif1`, or `layer3-motif1` where two have one
    /// width, and those of further members `member2-motif1`. Flanks that prefer no base are there too, and go with
    /// [`MotifSet::trimmed`]. A file that says nothing of a scale is read by the [default](MotifScale::default), against the
    /// background of the filters where they have one.
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
                let scale = self.config.motif_scale.clone().unwrap_or_else(|| MotifScale::of_form(conv.form()));
                motifs.extend(conv.to_motifs(&scale)?.into_iter().map(|mut motif| {
                    motif.id = format!("{member_name}{layer_name}{}", motif.id);
                    motif
                }));
            }
        }
        MotifSet::from_motifs(motifs)
    }
}
