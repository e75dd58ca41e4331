//! Looks into a rule: the value of one of its parts or operands, for explanations of what it decides.
//!
//! A part is compiled as if it were the whole rule, with the code that compiles whole rules.

use std::sync::Arc;

use super::compile::{compile, operand};
use super::condition::{Statement, base_table, candidate_table, finish};
use super::expr::{Expr, Literal, Parameter, Row};
use super::paths::Viewpoint;
use super::print::{Printer, Reach};
use super::quantify::quantify;
use super::scope::Scope;
use super::sqlite::SqlValue;
use super::{Catalog, ConditionError, Plan, RequestInfo};
use crate::filter::{Expression, Operand};
use crate::schema::{CollectionKind, FieldOptions};

/// The record a rule is asked about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'s> {
    /// The stored record of an id.
    Stored(&'s str),
    /// One that is not stored yet; values in field order.
    Candidate(&'s [SqlValue]),
}

/// Something of a rule: the text, and a part or operand parsed from it.
#[derive(Debug)]
pub struct Written<'w, T> {
    /// The whole rule.
    pub text: &'w str,
    /// The part.
    pub part: &'w T,
}

/// A part or operand, compiled.
#[derive(Debug)]
pub struct Probe<'a> {
    scope: Scope<'a>,
    value: Expr,
    is_many: bool,
}

impl<'a> Probe<'a> {
    /// Compiles a part of a rule. Its value is 1, 0 or NULL.
    ///
    /// # Errors
    /// [`ConditionError`] if it names what is not there.
    pub fn of_part(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        subject: Subject<'_>,
        written: &Written<'_, Expression>,
    ) -> Result<Self, ConditionError> {
        let mut scope = Scope::new(catalog, request, plan, matches!(subject, Subject::Candidate(_)));
        let value = compile(&mut scope, &Viewpoint::rule(), written.part, written.text)?;
        let value = quantify(&scope, value, &[]);
        Ok(Self { scope, value, is_many: false })
    }

    /// Compiles an operand of a rule.
    ///
    /// # Errors
    /// [`ConditionError`] if it names what is not there.
    pub fn of_operand(
        catalog: &'a Catalog,
        request: &'a RequestInfo,
        plan: &'a Arc<Plan>,
        subject: Subject<'_>,
        written: &Written<'_, Operand>,
    ) -> Result<Self, ConditionError> {
        let mut scope = Scope::new(catalog, request, plan, matches!(subject, Subject::Candidate(_)));
        let value = operand(&mut scope, &Viewpoint::rule(), written.part, written.text)?.expr;
        let is_many = !scope.varying_joins(&value).is_empty();
        Ok(Self { scope, value, is_many })
    }

    /// Whether there may be several values: one for each joined row.
    pub fn is_many(&self) -> bool {
        self.is_many
    }

    /// Whether the values are 1 and 0 for true and false.
    pub fn is_flag(&self) -> bool {
        match &self.value {
            Expr::Column(row, field) => {
                matches!(self.scope.plan_of(*row).collection().fields[*field].options, FieldOptions::Bool)
            }
            // `F:changed` is a condition used as a value.
            Expr::Parameter(Parameter::Bool(_)) | Expr::And(_) => true,
            Expr::Literal(literal) => {
                matches!(literal, Literal::One | Literal::Zero | Literal::True | Literal::False)
            }
            _ => false,
        }
    }

    /// Whether it reads what is shown to nobody, superusers included: password hashes and token keys.
    pub fn reads_secrets(&self) -> bool {
        let mut found = false;
        self.value.walk(&mut |expr| {
            let (Expr::Column(row, field) | Expr::Elements(row, field)) = expr else { return };
            let collection = self.scope.plan_of(*row).collection();
            let field = &collection.fields[*field];
            let is_token_key = matches!(collection.kind, CollectionKind::Auth(_)) && field.name == "tokenKey";
            found |= is_token_key || matches!(field.options, FieldOptions::Password(_));
        });
        found
    }

    /// Selects the values for a record, at most `limit`; no row if there is no such record.
    pub fn select(&self, subject: Subject<'_>, limit: i64) -> Statement {
        let mut printer = Printer::new(&self.scope, Reach::One);
        printer.push("SELECT ");
        printer.expr(&self.value);
        printer.push(" FROM ");
        match subject {
            Subject::Stored(_) => printer.push(&base_table(self.scope.base)),
            Subject::Candidate(values) => candidate_table(&mut printer, self.scope.base, values.to_vec()),
        }
        // No condition: a joined row that is missing is a row of NULLs.
        printer.single_joins(&self.scope.free_joins(&self.value), &Expr::TRUE);
        if let Subject::Stored(id) = subject {
            printer.push(" WHERE ");
            printer.expr(&Expr::Column(Row::Base, self.scope.base.id_field()));
            printer.push(" = ");
            printer.bind(SqlValue::Text(id.to_owned()));
        }
        printer.push(" LIMIT ");
        printer.bind(SqlValue::Integer(limit));
        finish(printer)
    }
}
