//! 64-bit floats; SQLite keeps whole ones as integers.

use rusqlite::types::ValueRef;
use serde::{Deserialize, Serialize};

use crate::schema::field_json::Source;
use crate::schema::{FieldDecodeError, cast, json_text};
use crate::validation::{Issue, ValidationErrors};

/// Options of number fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NumberOptions {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
    /// Refuse fractions.
    pub only_int: bool,
}

pub(in crate::schema) const COLUMN: &str = "NUMERIC DEFAULT 0 NOT NULL";

impl NumberOptions {
    pub(in crate::schema) fn read(source: &Source<'_>) -> Result<Self, FieldDecodeError> {
        Ok(Self { min: source.number("min")?, max: source.number("max")?, only_int: source.boolean("onlyInt")? })
    }

    pub(in crate::schema) fn check_options(&self, errors: &mut ValidationErrors) {
        for (key, bound) in [("min", self.min), ("max", self.max)] {
            if self.only_int && bound.is_some_and(|bound| !is_integer(bound)) {
                errors.add(key, Issue::new("validation_only_int_constraint", "Must be a whole number."));
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && max < min
        {
            errors.add("max", below_min(min));
        }
    }

    pub(in crate::schema) fn check_value(&self, value: f64, required: bool) -> Result<(), Issue> {
        if !value.is_finite() {
            return Err(Issue::new("validation_not_a_number", "Must be a number."));
        }
        if value == 0.0 {
            // 0 also means "not set", so bounds do not apply to it.
            return if required { Err(Issue::required()) } else { Ok(()) };
        }
        if self.only_int && !is_integer(value) {
            return Err(Issue::new("validation_only_int_constraint", "Must be a whole number."));
        }
        match (self.min, self.max) {
            (Some(min), _) if value < min => Err(below_min(min)),
            (_, Some(max)) if value > max => {
                let message = format!("Must be {max} or less.");
                Err(Issue::new("validation_max_number_constraint", message).with("max", cast::json_of_number(max)))
            }
            _ => Ok(()),
        }
    }
}

/// Whether this is a whole number that 64 bits with a sign can hold.
fn is_integer(value: f64) -> bool {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    value.fract() == 0.0 && (-LIMIT..LIMIT).contains(&value)
}

fn below_min(min: f64) -> Issue {
    Issue::new("validation_min_number_constraint", format!("Must be {min} or more."))
        .with("min", cast::json_of_number(min))
}

/// A stored column as a number.
pub(in crate::schema) fn read(value: ValueRef<'_>) -> f64 {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "numbers are floats on the wire, as documented")]
        ValueRef::Integer(integer) => integer as f64,
        ValueRef::Real(real) => real,
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            std::str::from_utf8(text).map(cast::number_of_text).unwrap_or_default()
        }
        ValueRef::Null => 0.0,
    }
}

pub(in crate::schema) fn write_json(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Integer(integer) if integer.unsigned_abs() <= 1 << 53 => json_text::write_integer(out, integer),
        other => json_text::write_number(out, read(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let options = NumberOptions { min: Some(2.0), max: Some(5.0), only_int: true };
        for (value, required, want) in [
            (3.0, true, None),
            (0.0, false, None),
            (0.0, true, Some("validation_required")),
            (f64::NAN, false, Some("validation_not_a_number")),
            (f64::INFINITY, false, Some("validation_not_a_number")),
            (2.5, false, Some("validation_only_int_constraint")),
            (1.0, false, Some("validation_min_number_constraint")),
            (6.0, false, Some("validation_max_number_constraint")),
        ] {
            let code = options.check_value(value, required).err().map(|issue| issue.code.into_owned());
            assert_eq!(code.as_deref(), want, "{value} {required}");
        }
    }

    #[test]
    fn whole_numbers_fit_64_bits() {
        let options = NumberOptions { only_int: true, ..NumberOptions::default() };
        for (value, want) in [
            (9.2e18, true),
            (-9_223_372_036_854_775_808.0, true),
            (9_223_372_036_854_775_808.0, false),
            (9.3e18, false),
            (-9.3e18, false),
            (1e21, false),
            (1e300, false),
            (0.5, false),
        ] {
            assert_eq!(options.check_value(value, false).is_ok(), want, "{value}");
            let mut errors = ValidationErrors::new();
            NumberOptions { min: Some(value), ..options.clone() }.check_options(&mut errors);
            assert_eq!(errors.is_empty(), want, "min {value}");
        }
    }

    #[test]
    fn stored_forms() {
        for (stored, want) in [
            (ValueRef::Integer(5), "5"),
            (ValueRef::Integer(9_007_199_254_740_993), "9007199254740992"),
            (ValueRef::Integer(i64::MIN), "-9223372036854776000"),
            (ValueRef::Real(1.5), "1.5"),
            (ValueRef::Real(f64::INFINITY), "0"),
            (ValueRef::Text(b"1.50"), "1.5"),
            (ValueRef::Text(b"x"), "0"),
            (ValueRef::Text(b"\xff"), "0"),
            (ValueRef::Null, "0"),
        ] {
            let mut out = Vec::new();
            write_json(stored, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want, "{stored:?}");
        }
    }
}
