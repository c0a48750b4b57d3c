//! Parameters of selected tasks.

use burn::{
    module::Param,
    tensor::{Int, Tensor},
};

/// Selects slices of an axis, in this order; `None` stands for zeros.
pub(crate) fn columns<const D: usize>(
    param: Param<Tensor<D>>,
    axis: usize,
    wanted: &[Option<usize>],
) -> Param<Tensor<D>> {
    param.map(|values| {
        let count = values.dims()[axis];
        let index: Vec<i64> = wanted.iter().map(|column| column.unwrap_or(count) as i64).collect();
        let index = Tensor::<1, Int>::from_data(index.as_slice(), &values.device());
        let nothing = values.clone().narrow(axis, 0, 1).zeros_like();
        Tensor::cat(vec![values, nothing], axis).select(axis, index)
    })
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    #[test]
    fn columns_come_in_the_order_asked_for_and_zeros_where_nothing_is() {
        let param = Param::from_tensor(Tensor::<2>::from_data([[1.0, 2.0], [3.0, 4.0]], &Device::default()));
        let values = |axis| {
            let found = columns(param.clone(), axis, &[Some(1), None, Some(0)]);
            found.val().into_data().iter::<f32>().collect::<Vec<_>>()
        };
        assert_eq!(values(1), [2.0, 0.0, 1.0, 4.0, 0.0, 3.0]);
        assert_eq!(values(0), [3.0, 4.0, 0.0, 0.0, 1.0, 2.0]);
    }
}
