//! What a test of a rule finds out.

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

/// Why a caller is let through or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The rule is empty.
    Open,
    /// The rule is null.
    Locked,
    /// Rules do not apply to the caller.
    Superuser,
    /// The rule's condition.
    Rule,
    /// The rule cannot be evaluated, which lets nobody through.
    InvalidRule,
}

/// What a rule decides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether the caller is let through.
    #[serde(rename = "allowed")]
    pub is_allowed: bool,
    /// Why.
    pub reason: Reason,
    /// What is wrong with the rule, with the position in it.
    pub error: Option<String>,
    /// A remark about the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The rule taken apart; none for rules without a condition and those that break the grammar.
    pub explanation: Option<Node>,
}

impl Verdict {
    pub(super) fn of(is_allowed: bool, reason: Reason) -> Self {
        Self { is_allowed, reason, error: None, note: None, explanation: None }
    }

    pub(super) fn invalid(error: String, explanation: Option<Node>) -> Self {
        Self { error: Some(error), explanation, ..Self::of(false, Reason::InvalidRule) }
    }
}

/// What a part of a rule comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    True,
    /// It does not.
    False,
    /// Unknown, because a value is NULL; it counts as not holding.
    Null,
    /// It cannot be evaluated.
    Error,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::True => serializer.serialize_bool(true),
            Self::False => serializer.serialize_bool(false),
            Self::Null => serializer.serialize_unit(),
            Self::Error => serializer.serialize_str("error"),
        }
    }
}

/// What a part of a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NodeKind {
    /// Parts joined by `&&`.
    And,
    /// Parts joined by `||`.
    Or,
    /// Two operands and a sign.
    Comparison,
}

/// A part of a rule, evaluated on its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// As written.
    pub text: String,
    /// Where it begins in the rule, in characters from 0.
    pub start: usize,
    /// Where it ends: the position behind its last character.
    pub end: usize,
    /// What it comes to.
    pub result: Outcome,
    /// What it is.
    pub kind: NodeKind,
    /// The parts of an `and` or `or`.
    pub children: Vec<Self>,
    /// Whether the whole came out as it did because of it.
    #[serde(rename = "decisive")]
    pub is_decisive: bool,
    /// The values of a comparison's operands, those that are written out left aside.
    pub operands: Vec<OperandValue>,
    /// Why it cannot be evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// A remark about the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
}

impl Node {
    /// The first error among it and its parts.
    pub(super) fn first_error(&self) -> Option<&str> {
        self.error.as_deref().or_else(|| self.children.iter().find_map(Self::first_error))
    }
}

/// An operand and what it stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OperandValue {
    /// As written.
    pub text: String,
    /// The value, or the values.
    #[serde(flatten)]
    pub values: Values,
}

/// What an operand stands for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Values {
    /// One value.
    One {
        /// The value; long texts are cut and end in `…`.
        value: Json,
    },
    /// One for each related row, in no particular order.
    Many {
        /// The first few.
        values: Vec<Json>,
        /// Whether there are more.
        #[serde(rename = "hasMore")]
        has_more: bool,
    },
}
