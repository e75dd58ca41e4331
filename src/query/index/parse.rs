//! Reads a `CREATE INDEX` statement into its parts and writes it back in the canonical form.
//!
//! Only this much SQL is understood: expressions and the `WHERE` clause stay text. The statement that runs is always
//! the rebuilt one, compiled under the guard, so what is misread here cannot do more than fail.

use std::fmt::Write as _;

use crate::query::quote_identifier;

/// The parts of a `CREATE INDEX` statement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexDefinition {
    /// `UNIQUE`.
    pub unique: bool,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Empty if not given.
    pub schema: String,
    /// The index's name.
    pub name: String,
    /// The table's name.
    pub table: String,
    /// Columns and expressions in order.
    pub columns: Vec<IndexColumn>,
    /// Text after `WHERE`, empty if there is none.
    pub condition: String,
}

/// One column or expression of an index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IndexColumn {
    /// Column name without quotes, or the expression as written.
    pub expression: String,
    /// Empty if not given.
    pub collate: String,
    /// `ASC`, `DESC` or empty.
    pub sort: String,
}

impl IndexDefinition {
    /// Parses a statement; `None` if it is not one, or has no name, table or column.
    pub fn parse(sql: &str) -> Option<Self> {
        let mut rest = Scanner { rest: sql };
        let mut index = Self::default();
        rest.keyword("create").then_some(())?;
        index.unique = rest.keyword("unique");
        rest.keyword("index").then_some(())?;
        if rest.keyword("if") {
            (rest.keyword("not") && rest.keyword("exists")).then_some(())?;
            index.if_not_exists = true;
        }
        index.name = rest.name()?;
        if rest.symbol('.') {
            index.schema = std::mem::replace(&mut index.name, rest.name()?);
        }
        rest.keyword("on").then_some(())?;
        index.table = rest.name()?;
        let list = rest.parenthesised()?;
        if rest.symbol(')') {
            return None;
        }
        index.columns = split_top_level(list)?.into_iter().map(parse_column).collect::<Option<_>>()?;
        if rest.keyword("where") {
            rest.rest.trim().clone_into(&mut index.condition);
        }
        Some(index)
    }

    /// The statement in canonical form.
    pub fn build(&self) -> String {
        let mut sql = String::from("CREATE ");
        if self.unique {
            sql.push_str("UNIQUE ");
        }
        sql.push_str("INDEX ");
        if self.if_not_exists {
            sql.push_str("IF NOT EXISTS ");
        }
        if !self.schema.is_empty() {
            sql.push_str(&quote_identifier(&self.schema));
            sql.push('.');
        }
        let columns: Vec<String> = self.columns.iter().map(IndexColumn::build).collect();
        let list =
            if let [column] = columns.as_slice() { column.clone() } else { format!("\n  {}\n", columns.join(",\n  ")) };
        let _ = write!(sql, "{} ON {} ({list})", quote_identifier(&self.name), quote_identifier(&self.table));
        if !self.condition.is_empty() {
            sql.push_str(" WHERE ");
            sql.push_str(&self.condition);
        }
        sql
    }

    /// The one column of a single-column unique index.
    pub fn unique_column(&self) -> Option<&str> {
        match self.columns.as_slice() {
            [column] if self.unique => Some(&column.expression),
            _ => None,
        }
    }

    /// Whether both index the same thing: everything but schema and name is equal.
    pub fn is_same_definition(&self, other: &Self) -> bool {
        let strip = |index: &Self| Self { schema: String::new(), name: String::new(), ..index.clone() };
        strip(self).build().eq_ignore_ascii_case(&strip(other).build())
    }
}

impl IndexColumn {
    fn build(&self) -> String {
        let mut sql =
            if is_bare(&self.expression) { quote_identifier(&self.expression) } else { self.expression.clone() };
        for part in [("COLLATE ", &self.collate), ("", &self.sort)] {
            if !part.1.is_empty() {
                let _ = write!(sql, " {}{}", part.0, part.1);
            }
        }
        sql
    }
}

/// `expr [COLLATE word] [ASC|DESC]`
fn parse_column(text: &str) -> Option<IndexColumn> {
    let mut expression = text.trim();
    let mut column = IndexColumn::default();
    for sort in ["ASC", "DESC"] {
        if let Some(before) = strip_last_word(expression, sort) {
            expression = before;
            sort.clone_into(&mut column.sort);
            break;
        }
    }
    if let Some((before, collation)) = expression.rsplit_once(char::is_whitespace)
        && is_plain_word(collation)
        && let Some(before) = strip_last_word(before.trim_end(), "COLLATE")
    {
        expression = before;
        collation.clone_into(&mut column.collate);
    }
    unquote(expression).clone_into(&mut column.expression);
    (!column.expression.is_empty()).then_some(column)
}

/// The text before `word` when it ends in that word, any case.
fn strip_last_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(word.len())?;
    let (before, last) = (text.get(..start)?, text.get(start..)?);
    let is_separate = before.ends_with(|c: char| c.is_whitespace() || matches!(c, ')' | '`' | '"' | ']' | '\''));
    (last.eq_ignore_ascii_case(word) && is_separate).then(|| before.trim_end())
}

fn is_plain_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Takes the quotes off when the whole text is one quoted name; other text stays (`b || 'x'`).
fn unquote(text: &str) -> &str {
    let text = text.trim();
    let mut chars = text.chars();
    let close = match chars.next() {
        Some('[') => ']',
        Some(quote @ ('`' | '"' | '\'')) => quote,
        _ => return text,
    };
    match chars.as_str().strip_suffix(close) {
        Some(inside) if is_bare(inside.trim()) => inside.trim(),
        _ => text,
    }
}

/// Whether the text is a name that can be quoted; anything else is an expression, which stays as written.
fn is_bare(text: &str) -> bool {
    !text.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '`' | '"' | '\'' | '[' | ']'))
}

/// Splits on commas outside quotes and parentheses; `None` if those do not balance.
fn split_top_level(list: &str) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in list.char_indices() {
        match (quote, c) {
            (Some(close), _) => quote = (c != close).then_some(close),
            (None, '`' | '"' | '\'') => quote = Some(c),
            (None, '[') => quote = Some(']'),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.checked_sub(1)?,
            (None, ',') if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    (depth == 0 && quote.is_none()).then_some(parts)
}

/// What is left to read.
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn symbol(&mut self, symbol: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(symbol);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Takes the word if it comes next, any case.
    fn keyword(&mut self, word: &str) -> bool {
        let text = self.rest.trim_start();
        let (Some(head), Some(tail)) = (text.get(..word.len()), text.get(word.len()..)) else { return false };
        let ends = !tail.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = head.eq_ignore_ascii_case(word) && ends;
        if found {
            self.rest = tail;
        }
        found
    }

    /// Takes a bare or quoted name; `None` if it is missing, empty or holds white space.
    fn name(&mut self) -> Option<String> {
        let text = self.rest.trim_start();
        let close = match text.chars().next()? {
            '[' => Some(']'),
            quote @ ('`' | '"' | '\'') => Some(quote),
            _ => None,
        };
        let (name, tail) = if let Some(close) = close {
            text[1..].split_once(close)?
        } else {
            let end = text.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '.' | ',' | ';'));
            text.split_at(end.unwrap_or(text.len()))
        };
        let name = name.trim();
        self.rest = tail;
        (!name.is_empty() && !name.contains(char::is_whitespace)).then(|| name.to_owned())
    }

    /// Takes `( … )` up to the matching parenthesis, and gives what is inside.
    fn parenthesised(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start().strip_prefix('(')?;
        let mut depth = 1_usize;
        let mut quote = None;
        for (at, c) in text.char_indices() {
            match (quote, c) {
                (Some(close), _) => quote = (c != close).then_some(close),
                (None, '`' | '"' | '\'') => quote = Some(c),
                (None, '[') => quote = Some(']'),
                (None, '(') => depth += 1,
                (None, ')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.rest = &text[at + 1..];
                return Some(&text[..at]);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn statements_are_rebuilt_in_canonical_form() {
        for (sql, want) in [
            ("create index i on t (a)", "CREATE INDEX `i` ON `t` (`a`)"),
            (
                "CREATE  UNIQUE\nINDEX if NOT exists \"i\" ON [t]('a');",
                "CREATE UNIQUE INDEX IF NOT EXISTS `i` ON `t` (`a`)",
            ),
            ("create index main.i on t(a desc)", "CREATE INDEX `main`.`i` ON `t` (`a` DESC)"),
            ("create index `main`.`i` on t(a,b)", "CREATE INDEX `main`.`i` ON `t` (\n  `a`,\n  `b`\n)"),
            ("create index i on t (a collate NoCase asc)", "CREATE INDEX `i` ON `t` (`a` COLLATE NoCase ASC)"),
            ("create index i on t (`a`desc)", "CREATE INDEX `i` ON `t` (`a` DESC)"),
            (
                "create index i on t ((b || 'x'), lower(a) desc)",
                "CREATE INDEX `i` ON `t` (\n  (b || 'x'),\n  lower(a) DESC\n)",
            ),
            ("create index i on t (b || 'x')", "CREATE INDEX `i` ON `t` (b || 'x')"),
            ("create index i on t (json_extract(a, '$.x,)'))", "CREATE INDEX `i` ON `t` (json_extract(a, '$.x,)'))"),
            ("create unique index i on t (a) where `a` != ''", "CREATE UNIQUE INDEX `i` ON `t` (`a`) WHERE `a` != ''"),
            ("create index i on t (a) nonsense", "CREATE INDEX `i` ON `t` (`a`)"),
            ("create index i on t (a`b)", "unreadable"),
            ("create index on t (a)", "unreadable"),
            ("create index i on t ()", "unreadable"),
            ("create index i on t (a,)", "unreadable"),
            ("create index i on t (a", "unreadable"),
            ("create index i on t (a))", "unreadable"),
            ("create index i on t (a) ) where a", "unreadable"),
            ("create index `i j` on t (a)", "unreadable"),
            ("create index i t (a)", "unreadable"),
            ("create index if i on t (a)", "unreadable"),
            ("drop index i", "unreadable"),
            ("", "unreadable"),
            ("create index é", "unreadable"),
        ] {
            let got = IndexDefinition::parse(sql).map_or_else(|| "unreadable".to_owned(), |index| index.build());
            assert_eq!(got, want, "{sql}");
        }
    }

    #[test]
    fn same_definitions_ignore_the_name_but_not_the_order() {
        let parse = |sql| IndexDefinition::parse(sql).unwrap();
        let index = parse("create index i on t (a)");
        for (sql, want) in [
            ("create index j on T (`a`)", true),
            ("create index main.j on t (a)", true),
            ("create index j on t (a asc)", false),
            ("create unique index j on t (a)", false),
        ] {
            assert_eq!(index.is_same_definition(&parse(sql)), want, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(sql in "(create index i on t )?[a(),`'\"\\[\\] .é;]{0,40}") {
            if let Some(index) = IndexDefinition::parse(&sql) {
                let again = IndexDefinition::parse(&index.build()).unwrap();
                prop_assert_eq!(again.build(), index.build());
            }
        }
    }
}
