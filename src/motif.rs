//! stub
/// stub
#[derive(Debug)] pub struct LogOddsMatrix(Vec<[f64;4]>);
impl LogOddsMatrix { /// stub
 pub fn rows(&self)->&[[f64;4]] { &self.0 } }
