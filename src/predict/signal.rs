//! The signal that a network reads.

use crate::{Error, Result, nn::Network};

/// Checks the number of accessibility tracks, if the network reads any.
pub(super) fn check_signal(network: &impl Network, found: usize) -> Result<()> {
    check_tracks(network.signal_tracks(), found)
}

/// Checks the number of accessibility tracks against those that a network reads.
pub(crate) fn check_tracks(read: Option<usize>, found: usize) -> Result<()> {
    match read {
        Some(expected) if expected != found => {
            let tracks = |count: usize| if count == 0 { "none".to_owned() } else { count.to_string() };
            Err(Error::mismatch("the tracks of accessibility that the model reads", tracks(expected), tracks(found)))
        }
        _ => Ok(()),
    }
}
