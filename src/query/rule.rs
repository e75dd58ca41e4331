//! The rules of a collection, parsed once when collections change.

use crate::filter::{self, Expression, ParseError};
use crate::schema::{AuthOptions, Collection, CollectionKind};

/// A rule with a condition.
#[derive(Debug)]
pub struct ParsedRule {
    /// As stored.
    pub text: String,
    /// What it says; an error if it was stored by another product with another grammar.
    pub expression: Result<Expression, ParseError>,
}

impl ParsedRule {
    /// Parses a rule that is not empty.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), expression: filter::parse(text) }
    }
}

/// Who may do something.
#[derive(Debug, Clone, Copy)]
pub enum Rule<'r> {
    /// Only superusers.
    Locked,
    /// Everyone.
    Open,
    /// Whoever satisfies the condition.
    Expression(&'r ParsedRule),
}

#[derive(Debug)]
enum Stored {
    Locked,
    Open,
    Expression(Box<ParsedRule>),
}

impl Stored {
    fn new(rule: Option<&str>) -> Self {
        match rule {
            None => Self::Locked,
            Some("") => Self::Open,
            Some(text) => Self::Expression(Box::new(ParsedRule::new(text))),
        }
    }

    fn get(&self) -> Rule<'_> {
        match self {
            Self::Locked => Rule::Locked,
            Self::Open => Rule::Open,
            Self::Expression(rule) => Rule::Expression(rule),
        }
    }
}

/// All rules of a collection.
#[derive(Debug)]
pub struct PlanRules {
    list: Stored,
    view: Stored,
    create: Stored,
    update: Stored,
    delete: Stored,
    manage: Stored,
    auth: Stored,
    mfa: Stored,
}

impl PlanRules {
    /// Parses the rules of a collection.
    pub(super) fn new(collection: &Collection) -> Self {
        let rules = &collection.rules;
        let auth: Option<&AuthOptions> = match &collection.kind {
            CollectionKind::Auth(options) => Some(options),
            _ => None,
        };
        Self {
            list: Stored::new(rules.list.as_deref()),
            view: Stored::new(rules.view.as_deref()),
            create: Stored::new(rules.create.as_deref()),
            update: Stored::new(rules.update.as_deref()),
            delete: Stored::new(rules.delete.as_deref()),
            manage: Stored::new(auth.and_then(|a| a.manage_rule.as_deref()).filter(|rule| !rule.is_empty())),
            auth: Stored::new(auth.and_then(|a| a.auth_rule.as_deref())),
            mfa: Stored::new(auth.filter(|a| a.mfa.enabled).map(|a| a.mfa.rule.as_str())),
        }
    }

    /// Whether a text stands in any of them.
    pub(super) fn mention(&self, text: &str) -> bool {
        let own = [&self.manage, &self.auth, &self.mfa];
        let all = [&self.list, &self.view, &self.create, &self.update, &self.delete].into_iter().chain(own);
        all.into_iter().any(|rule| matches!(rule, Stored::Expression(rule) if rule.text.contains(text)))
    }

    /// `listRule`
    pub fn list(&self) -> Rule<'_> {
        self.list.get()
    }

    /// `viewRule`
    pub fn view(&self) -> Rule<'_> {
        self.view.get()
    }

    /// `createRule`
    pub fn create(&self) -> Rule<'_> {
        self.create.get()
    }

    /// `updateRule`
    pub fn update(&self) -> Rule<'_> {
        self.update.get()
    }

    /// `deleteRule`
    pub fn delete(&self) -> Rule<'_> {
        self.delete.get()
    }

    /// `manageRule`; never open.
    pub fn manage(&self) -> Rule<'_> {
        self.manage.get()
    }

    /// `authRule`
    pub fn auth(&self) -> Rule<'_> {
        self.auth.get()
    }

    /// `mfa.rule`: whose sign-in needs a second factor; locked = nobody's.
    pub fn mfa(&self) -> Rule<'_> {
        self.mfa.get()
    }
}
