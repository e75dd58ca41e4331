//! Reads the column list and the tables of a view query (reference part 1, section 7.2).
//!
//! This is no SQL parser: it finds the outer `SELECT`'s columns and where they come from, in one pass and without
//! recursion. Whether the query is valid is SQLite's to say. Sub-selects and expressions stay opaque text.

use crate::query::quote_identifier;

/// What a view query selects, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct ParsedQuery {
    pub(super) columns: Vec<ParsedColumn>,
    pub(super) tables: Vec<ParsedTable>,
}

/// One item of the column list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedColumn {
    pub(super) expression: String,
    /// Name in the result, without quotes.
    pub(super) alias: String,
    /// Where ` AS alias` can be written into the query, if it has none there.
    alias_at: Option<usize>,
}

/// One item after `FROM` or `JOIN`; sub-selects have their text as the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParsedTable {
    pub(super) name: String,
    pub(super) alias: String,
}

/// Why a query cannot be a view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueryError {
    #[error("only one statement is allowed")]
    SeveralStatements,
    #[error("quotes, comments or parentheses are not closed")]
    Unbalanced,
    #[error("the query must be a SELECT")]
    NotSelect,
    #[error("`*` is not supported here: name the columns the view shall have")]
    Wildcard,
    #[error("cannot tell the name of the column `{0}`: put the expression in parentheses and add `AS name`")]
    Column(String),
    #[error("`{0}` of the outer query is not supported: put it in a sub-select")]
    Compound(String),
    #[error("parentheses are nested more than {MAX_NESTING} deep")]
    TooDeep,
}

/// Deepest nesting of parentheses in a view query.
pub(super) const MAX_NESTING: usize = 100;

/// A word (with the quoted and parenthesised text that touches it) or a separating comma.
#[derive(Debug, PartialEq)]
enum Token {
    Word(Word),
    Comma,
}

#[derive(Debug, Default, PartialEq)]
struct Word {
    text: String,
    /// Offset of the byte behind it in the query.
    end: usize,
}

impl ParsedQuery {
    /// The query with the name of every column written out.
    ///
    /// SQLite rewrites views when a column they read is renamed. With the names written out the view's own columns keep
    /// theirs: `SELECT title` would become `SELECT "heading"`, and the view would lose its `title`.
    pub(super) fn with_aliases(&self, query: &str) -> String {
        let mut out = String::with_capacity(query.len() + 16 * self.columns.len());
        let mut copied = 0;
        for column in &self.columns {
            if let Some(at) = column.alias_at {
                out.push_str(&query[copied..at]);
                out.push_str(" AS ");
                out.push_str(&quote_identifier(&column.alias));
                copied = at;
            }
        }
        out.push_str(&query[copied..]);
        out
    }
}

/// Where in the outer query the reader is.
#[derive(Clone, Copy, PartialEq)]
enum Section {
    /// Before `SELECT`, possibly in `WITH`.
    Start,
    With,
    Columns,
    Tables,
    /// After `ON` or `USING`.
    JoinCondition,
    /// From `WHERE` on.
    Rest,
}

/// The query without the white space and semicolons around it.
pub(super) fn trim_query(query: &str) -> &str {
    query.trim_matches(|c: char| c.is_whitespace() || c == ';')
}

/// Parses a trimmed query.
///
/// # Errors
/// See [`QueryError`].
pub(super) fn parse_query(query: &str) -> Result<ParsedQuery, QueryError> {
    let mut parsed = ParsedQuery::default();
    let mut section = Section::Start;
    let mut parts: Vec<Word> = Vec::new();
    for token in tokenize(query)? {
        let word = match token {
            Token::Word(word) => word,
            Token::Comma => {
                match section {
                    Section::Columns => parsed.columns.push(take_column(&mut parts)?),
                    Section::Tables => parsed.tables.extend(take_table(&mut parts)),
                    Section::JoinCondition => section = Section::Tables,
                    Section::Start | Section::With | Section::Rest => {}
                }
                continue;
            }
        };
        let keyword = word.text.to_ascii_lowercase();
        match (section, keyword.as_str()) {
            (Section::Start | Section::With, "select") => section = Section::Columns,
            (Section::Start, "with") => section = Section::With,
            (Section::With, _) => {}
            (Section::Start, _) => return Err(QueryError::NotSelect),
            (_, "union" | "intersect" | "except" | "select") => return Err(QueryError::Compound(word.text)),
            (Section::Columns, "distinct" | "all") if parts.is_empty() && parsed.columns.is_empty() => {}
            (Section::Columns, "from") => {
                parsed.columns.push(take_column(&mut parts)?);
                section = Section::Tables;
            }
            (Section::Columns | Section::Tables | Section::JoinCondition, _) if ends_tables(&keyword) => {
                match section {
                    Section::Columns => parsed.columns.push(take_column(&mut parts)?),
                    _ => parsed.tables.extend(take_table(&mut parts)),
                }
                section = Section::Rest;
            }
            (Section::Tables, "on" | "using") => {
                parsed.tables.extend(take_table(&mut parts));
                section = Section::JoinCondition;
            }
            (Section::Tables | Section::JoinCondition, _) if is_join_word(&keyword) => {
                parsed.tables.extend(take_table(&mut parts));
                section = Section::Tables;
            }
            (Section::Columns | Section::Tables, _) => parts.push(word),
            (Section::JoinCondition | Section::Rest, _) => {}
        }
    }
    match section {
        Section::Start | Section::With => Err(QueryError::NotSelect),
        Section::Columns => {
            parsed.columns.push(take_column(&mut parts)?);
            Ok(parsed)
        }
        Section::Tables | Section::JoinCondition | Section::Rest => {
            parsed.tables.extend(take_table(&mut parts));
            Ok(parsed)
        }
    }
}

fn ends_tables(keyword: &str) -> bool {
    matches!(keyword, "where" | "group" | "having" | "order" | "limit" | "window")
}

fn is_join_word(keyword: &str) -> bool {
    matches!(keyword, "join" | "inner" | "left" | "right" | "full" | "outer" | "cross" | "natural")
}

/// `expr`, `expr alias` or `expr AS alias`.
fn take_column(parts: &mut Vec<Word>) -> Result<ParsedColumn, QueryError> {
    let parts = std::mem::take(parts);
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    if texts.iter().any(|part| *part == "*" || part.ends_with(".*")) {
        return Err(QueryError::Wildcard);
    }
    let (expression, alias) = match texts.as_slice() {
        [expression] => (*expression, last_segment(expression)),
        [expression, alias] => (*expression, *alias),
        [expression, word, alias] if word.eq_ignore_ascii_case("as") => (*expression, *alias),
        _ => return Err(QueryError::Column(texts.join(" "))),
    };
    Ok(ParsedColumn {
        expression: expression.to_owned(),
        alias: trim_identifier(alias).trim_matches('\'').to_owned(),
        alias_at: parts.first().filter(|_| parts.len() == 1).map(|part| part.end),
    })
}

/// `table`, `table alias` or `table AS alias`; anything else tells nothing about types.
fn take_table(parts: &mut Vec<Word>) -> Option<ParsedTable> {
    let parts = std::mem::take(parts);
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
    let (name, alias) = match texts.as_slice() {
        [name] => (*name, last_segment(name)),
        [name, alias] => (*name, *alias),
        [name, word, alias] if word.eq_ignore_ascii_case("as") => (*name, *alias),
        _ => return None,
    };
    let name = trim_identifier(last_segment(name)).to_owned();
    Some(ParsedTable { name, alias: trim_identifier(alias).to_owned() })
}

/// The text after the last dot; of a call or a sub-select all of it.
fn last_segment(text: &str) -> &str {
    if text.contains('(') { text } else { text.rsplit_once('.').map_or(text, |(_, last)| last) }
}

/// Takes the quotes off a name.
pub(super) fn trim_identifier(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '[' | ']' | ';'))
}

/// Splits at top-level white space and commas; comments count as white space.
fn tokenize(query: &str) -> Result<Vec<Token>, QueryError> {
    let mut tokens = Vec::new();
    let mut word = Word::default();
    let mut depth = 0_usize;
    let mut chars = query.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, next)| next);
        match (c, next) {
            ('-', Some('-')) => {
                chars.by_ref().find(|&(_, c)| c == '\n');
                separate(&mut tokens, &mut word, depth);
            }
            ('/', Some('*')) => {
                chars.next();
                let mut star = false;
                let mut ends = |&(_, c): &(usize, char)| std::mem::replace(&mut star, c == '*') && c == '/';
                chars.by_ref().find(|item| ends(item)).ok_or(QueryError::Unbalanced)?;
                separate(&mut tokens, &mut word, depth);
            }
            ('`' | '"' | '\'' | '[', _) => {
                let close = if c == '[' { ']' } else { c };
                // A doubled quote inside reads as one text that ends and another that begins: the same characters.
                let (end, _) = chars.by_ref().find(|&(_, inside)| inside == close).ok_or(QueryError::Unbalanced)?;
                word.push(query, at, end + 1);
            }
            ('(', _) => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Err(QueryError::TooDeep);
                }
                word.push(query, at, at + 1);
            }
            (')', _) => {
                depth = depth.checked_sub(1).ok_or(QueryError::Unbalanced)?;
                word.push(query, at, at + 1);
            }
            (';', _) => return Err(QueryError::SeveralStatements),
            (',', _) if depth == 0 => {
                separate(&mut tokens, &mut word, depth);
                tokens.push(Token::Comma);
            }
            (c, _) if c.is_whitespace() => separate(&mut tokens, &mut word, depth),
            (c, _) => word.push(query, at, at + c.len_utf8()),
        }
    }
    separate(&mut tokens, &mut word, 0);
    if depth == 0 { Ok(tokens) } else { Err(QueryError::Unbalanced) }
}

impl Word {
    fn push(&mut self, query: &str, start: usize, end: usize) {
        self.text.push_str(&query[start..end]);
        self.end = end;
    }
}

/// Ends a word at the top level; inside parentheses the gap belongs to the word.
fn separate(tokens: &mut Vec<Token>, word: &mut Word, depth: usize) {
    if depth > 0 {
        word.text.push(' ');
    } else if !word.text.is_empty() {
        tokens.push(Token::Word(std::mem::take(word)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `expr>alias, … | table>alias, …`
    fn show(query: &str) -> String {
        match parse_query(trim_query(query)) {
            Err(error) => format!("{error:?}"),
            Ok(parsed) => {
                let columns: Vec<_> = parsed.columns.iter().map(|c| format!("{}>{}", c.expression, c.alias)).collect();
                let tables: Vec<_> = parsed.tables.iter().map(|t| format!("{}>{}", t.name, t.alias)).collect();
                format!("{} | {}", columns.join(", "), tables.join(", "))
            }
        }
    }

    #[test]
    fn columns_and_tables_are_found() {
        for (query, want) in [
            ("select id from t", "id>id | t>t"),
            (" ; SELECT DISTINCT a.`id`, \"title\" FROM t a;", "a.`id`>id, \"title\">title | t>a"),
            ("select id, n as x, (n + 1) y from t", "id>id, n>x, (n + 1)>y | t>t"),
            ("select count(a.id) c, 'it''s, so' as 'l' from t", "count(a.id)>c, 'it''s, so'>l | t>t"),
            (
                "select id from t as a left outer join `u` b on b.id = a.id, main.v inner join [w x] using (id) where 1",
                "id>id | t>a, u>b, v>v, w x>w x",
            ),
            ("select id from (select id from t) s", "id>id | (select id from t)>s"),
            ("with x as (select 1, 2), y as (select 3) select id from x", "id>id | x>x"),
            ("select id -- all of them, from\n/* from u */ from t order by a, b limit 1", "id>id | t>t"),
            ("select 1 as id where 1", "1>id | "),
            ("select (row_number() over()) as id", "(row_number() over())>id | "),
            ("select id, \"a from b\" as x from t", "id>id, \"a from b\">x | t>t"),
            ("select *", "Wildcard"),
            ("select id, a.* from a", "Wildcard"),
            ("select n + 1 as x from t", "Column(\"n + 1 as x\")"),
            ("select a is b from t", "Column(\"a is b\")"),
            ("select a,,b from t", "Column(\"\")"),
            ("select from t", "Column(\"\")"),
            ("select id from t union select id from u", "Compound(\"union\")"),
            ("select id from t; drop table t", "SeveralStatements"),
            ("select (1", "Unbalanced"),
            ("select 1)) union (select 2", "Unbalanced"),
            ("select 'a", "Unbalanced"),
            ("select 1 /* open", "Unbalanced"),
            ("delete from t", "NotSelect"),
            ("values (1)", "NotSelect"),
            ("with x as (select 1)", "NotSelect"),
            ("", "NotSelect"),
        ] {
            assert_eq!(show(query), want, "{query}");
        }
        assert_eq!(show(&"(".repeat(100_000)), "TooDeep");
    }

    #[test]
    fn names_are_written_out() {
        for (query, want) in [
            ("select id, a.n from a", "select id AS `id`, a.n AS `n` from a"),
            ("select distinct (1), x y, z as w", "select distinct (1) AS `(1)`, x y, z as w"),
            ("select `a b`/* c */,\"é\" -- d\n from t", "select `a b` AS `a b`/* c */,\"é\" AS `é` -- d\n from t"),
        ] {
            assert_eq!(parse_query(query).unwrap().with_aliases(query), want);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(query in "select [a-c(),.*`'\"\\[\\] /;é-]{0,60} from [a-c ,()]{0,20}") {
            if let Ok(parsed) = parse_query(trim_query(&query)) {
                let aliased = parsed.with_aliases(trim_query(&query));
                prop_assert!(aliased.len() >= trim_query(&query).len());
            }
        }
    }
}
