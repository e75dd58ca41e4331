//! The rows a condition reads, as far as they are known, and `EXISTS` over them.

use std::borrow::Cow;

use super::super::expr::{Expr, Row};
use super::super::scope::JoinKind;
use super::super::sqlite::{Scalar, SqlValue, json_each, json_elements};
use super::{Evaluator, MAX_COMBINATIONS, Unknown, scalar_of};

static NULL: SqlValue = SqlValue::Null;

/// The element a list stands at, inside of the frames around it.
pub(super) struct Frame<'f> {
    join: usize,
    /// `None` if the list is not known.
    element: Option<Scalar<'f>>,
    outer: Option<&'f Frame<'f>>,
}

impl Evaluator<'_> {
    /// A field of a row.
    pub(super) fn cell<'v>(
        &'v self,
        row: Row,
        field: usize,
        frame: Option<&'v Frame<'v>>,
    ) -> Result<&'v SqlValue, Unknown> {
        let Row::Join(at) = row else { return self.base.get(field).ok_or(Unknown::Refused) };
        let key = match &self.scope.joins[at].kind {
            JoinKind::ById(_) => {
                let caller = self.caller.ok_or(Unknown::Row)?;
                return caller.get(field).ok_or(Unknown::Refused);
            }
            JoinKind::Relation { parent, field } => self.cell(*parent, *field, frame)?.into(),
            JoinKind::Target { element } => element_of(*element, frame)?,
            JoinKind::Back { parent, .. } | JoinKind::BackInList { parent, .. } => {
                self.cell(*parent, self.scope.plan_of(*parent).id_field(), frame)?.into()
            }
            JoinKind::Elements(_) | JoinKind::All | JoinKind::ByIds(_) => return Err(Unknown::Row),
        };
        // Nothing is joined to a row of NULLs.
        if matches!(key, Scalar::Null) { Ok(&NULL) } else { Err(Unknown::Row) }
    }

    /// Whether a combination of joined rows satisfies the condition. A row of another table stands for all there may be:
    /// there is always at least one, if only of NULLs.
    pub(super) fn exists(&self, joins: &[usize], condition: &Expr, frame: Option<&Frame<'_>>) -> Result<bool, Unknown> {
        let Some((&join, rest)) = joins.split_first() else {
            self.combinations.set(self.combinations.get() + 1);
            if self.combinations.get() > MAX_COMBINATIONS {
                return Err(Unknown::Refused);
            }
            return Ok(self.holds(condition, frame)? == Some(true));
        };
        let JoinKind::Elements(list) = &self.scope.joins[join].kind else {
            return self.exists(rest, condition, frame);
        };
        let at = |element| Frame { join, element, outer: frame };
        let elements = match self.elements(list, frame) {
            Ok(elements) if elements.is_empty() => vec![Scalar::Null],
            Ok(elements) => elements,
            Err(Unknown::Row) => return self.exists(rest, condition, Some(&at(None))),
            Err(Unknown::Refused) => return Err(Unknown::Refused),
        };
        let mut answer = Ok(false);
        for element in elements {
            match self.exists(rest, condition, Some(&at(Some(element)))) {
                Ok(false) => {}
                Err(Unknown::Row) => answer = Err(Unknown::Row),
                decided => return decided,
            }
        }
        answer
    }

    fn elements<'v>(&'v self, list: &'v Expr, frame: Option<&'v Frame<'v>>) -> Result<Vec<Scalar<'v>>, Unknown> {
        if let Expr::Parameter(parameter) = list {
            let Scalar::Text(Cow::Borrowed(text)) = scalar_of(parameter) else {
                return Err(Unknown::Refused);
            };
            return json_elements(text)?.ok_or(Unknown::Refused);
        }
        Ok(json_each(self.column(list, frame)?)?)
    }
}

/// The element a list stands at.
pub(super) fn element_of<'v>(row: Row, frame: Option<&'v Frame<'v>>) -> Result<Scalar<'v>, Unknown> {
    let mut next = frame;
    while let Some(frame) = next {
        if Row::Join(frame.join) == row {
            return frame.element.as_ref().map(Scalar::borrow).ok_or(Unknown::Row);
        }
        next = frame.outer;
    }
    Err(Unknown::Refused)
}
