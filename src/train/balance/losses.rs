//! Balancers by the losses of tasks.

pub(super) mod dynamic_average;
pub(super) mod equal;
pub(super) mod famo;
pub(super) mod tchebycheff;
pub(super) mod uncertainty;
