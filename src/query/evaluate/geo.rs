//! `geoDistance`, step by step as the SQL has it.
//!
//! SQLite calls the same functions of the same C library that Rust does, so that the last bit agrees too; a property
//! test watches over it.

use super::super::expr::Expr;
use super::super::sqlite::{Scalar, as_number};
use super::rows::Frame;
use super::{Evaluator, Unknown};

/// Kilometres.
const EARTH_RADIUS: f64 = 6371.0;

impl Evaluator<'_> {
    /// Kilometres between two places; NULL if one of the numbers is none, or the formula has no result.
    pub(super) fn geo_distance<'v>(
        &self,
        arguments: &[Expr; 4],
        frame: Option<&Frame<'_>>,
    ) -> Result<Scalar<'v>, Unknown> {
        let mut radians = [Some(0.0); 4];
        for (argument, radians) in arguments.iter().zip(&mut radians) {
            *radians = as_number(&self.value(argument, frame)?).map(f64::to_radians);
        }
        let [Some(lon_a), Some(lat_a), Some(lon_b), Some(lat_b)] = radians else { return Ok(Scalar::Null) };
        let cosine = lat_a.cos() * lat_b.cos() * (lon_b - lon_a).cos() + lat_a.sin() * lat_b.sin();
        let distance = EARTH_RADIUS * cosine.acos();
        Ok(if distance.is_nan() { Scalar::Null } else { Scalar::Real(distance) })
    }
}
