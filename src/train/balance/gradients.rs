//! Balancers by the gradients of tasks.

pub(super) mod aligned;
pub(super) mod cagrad;
pub(super) mod gram;
pub(super) mod pcgrad;
