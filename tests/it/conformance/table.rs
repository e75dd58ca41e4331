//! Reads the tables of `cases/`: Markdown that stands beside section 15 of the specification.
//!
//! Columns: number, changed rules, who, request, what is wanted, note. Within a cell a value is a code span and `\|` is
//! `|`. A request is `METHOD target` and named values (`filter`, `sort`, `expand`, `fields`, `query`, `header`, `form`,
//! `files`); a value without a name is the JSON body. A target is a path, or `collection/id` with a short id. In a value
//! `<3*x>` stands for `xxx`.

use std::fmt;
use std::iter::Peekable;
use std::str::Chars;

use reqwest::Method;
use serde_json::Value as Json;

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) number: String,
    pub(crate) rules: Vec<Rule>,
    pub(crate) who: String,
    pub(crate) request: Request,
    pub(crate) want: Vec<Want>,
    /// The row without its number and note, for messages.
    pub(crate) text: String,
}

/// A rule that holds during the case; `Null` locks it.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) collection: String,
    pub(crate) name: String,
    pub(crate) value: Json,
}

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) target: String,
    /// `filter` and its like, sent as query parameters; `header` and the others by name.
    pub(crate) values: Vec<(String, String)>,
}

/// One thing an answer has to be.
#[derive(Debug)]
pub(crate) enum Want {
    Status(u16),
    /// Short ids of the listed records, sorted.
    Items(Vec<String>),
    /// Short ids of the listed records, as they come.
    Order(Vec<String>),
    /// Error codes by field.
    Codes(Json),
    /// The whole body.
    Body(Json),
    /// Parts of the body.
    Has(Json),
    /// No body at all.
    Empty,
    /// Ids of the record and of what is expanded in it.
    Expand(Json),
    /// What a superuser sees of the record afterwards.
    Stored(Json),
    /// The token the case was sent with no longer works.
    SignedOut,
    /// Messages on a subscription.
    Messages(String),
}

impl fmt::Display for Want {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Items(ids) => write!(f, "items {ids:?}"),
            Self::Order(ids) => write!(f, "items in order {ids:?}"),
            Self::Codes(codes) => write!(f, "codes {codes}"),
            Self::Body(body) => write!(f, "body {body}"),
            Self::Has(part) => write!(f, "a body with {part}"),
            Self::Empty => f.write_str("an empty body"),
            Self::Expand(shape) => write!(f, "expand {shape}"),
            Self::Stored(part) => write!(f, "stored {part}"),
            Self::SignedOut => f.write_str("a token that is refused from now on"),
            Self::Messages(count) => write!(f, "{count} messages"),
        }
    }
}

enum Token {
    Word(String),
    Code(String),
}

/// The cases of one file.
///
/// # Panics
/// On a row that does not read, naming it.
pub(crate) fn parse(file: &str) -> Vec<Case> {
    let rows = file.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| # "));
    rows.map(|row| parse_row(row).unwrap_or_else(|problem| panic!("{problem}: {row}"))).collect()
}

fn parse_row(row: &str) -> Result<Case, String> {
    let cells = cells(row);
    let [number, rules, who, request, want, _note] = cells.as_slice() else {
        return Err(format!("{} cells, not 6", cells.len()));
    };
    Ok(Case {
        number: number.clone(),
        rules: parse_rules(tokens(rules)?)?,
        who: who.clone(),
        request: parse_request(tokens(request)?)?,
        want: parse_want(tokens(want)?)?,
        text: format!("{rules}{}{who} {request}", if rules.is_empty() { "" } else { ", " }),
    })
}

fn cells(row: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut chars = row.trim().trim_start_matches('|').chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\\' if chars.next_if_eq(&'|').is_some() => push(&mut cells, '|'),
            '|' => cells.push(String::new()),
            _ => push(&mut cells, char),
        }
    }
    // The row ends in a bar.
    cells.pop();
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

fn push(cells: &mut [String], char: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(char);
    }
}

fn tokens(cell: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = cell.chars().peekable();
    while let Some(char) = chars.peek() {
        match char {
            ' ' => drop(chars.next()),
            '`' => tokens.push(Token::Code(code_span(&mut chars)?)),
            _ => {
                let mut word = String::new();
                while let Some(char) = chars.next_if(|c| !matches!(c, ' ' | '`')) {
                    word.push(char);
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// A span between runs of as many backticks; with more than one, a blank on each side belongs to the fence.
fn code_span(chars: &mut Peekable<Chars<'_>>) -> Result<String, String> {
    let mut fence = String::new();
    while chars.next_if_eq(&'`').is_some() {
        fence.push('`');
    }
    let mut text = String::new();
    for char in chars {
        text.push(char);
        if text.ends_with(&fence) {
            text.truncate(text.len() - fence.len());
            let inner = text.strip_prefix(' ').and_then(|t| t.strip_suffix(' ')).filter(|_| fence.len() > 1);
            return repeated(inner.unwrap_or(&text));
        }
    }
    Err("a code span that does not end".to_owned())
}

/// Writes `<3*x>` out.
fn repeated(text: &str) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        written.push_str(before);
        let times = after.split_once('*').and_then(|(times, after)| Some((times.parse().ok()?, after)));
        if let Some((times, after)) = times {
            let (part, after) = after.split_once('>').ok_or("a repetition that does not end")?;
            written.push_str(&part.repeat(times));
            rest = after;
        } else {
            written.push('<');
            rest = after;
        }
    }
    Ok(written + rest)
}

/// ``items.listRule = `qty = 1`; people.listRule = null``
fn parse_rules(tokens: Vec<Token>) -> Result<Vec<Rule>, String> {
    let mut rules = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(path) = tokens.next() {
        let (Token::Word(path), Some(Token::Word(equals)), Some(value)) = (path, tokens.next(), tokens.next()) else {
            return Err("a rule is `collection.rule = value`".to_owned());
        };
        let (collection, name) = path.split_once('.').filter(|_| equals == "=").ok_or("a rule needs a collection")?;
        let value = match value {
            Token::Code(text) => Json::String(text),
            Token::Word(word) if word.trim_end_matches(';') == "null" => Json::Null,
            Token::Word(word) if word.trim_end_matches(';') == "''" => Json::String(String::new()),
            Token::Word(word) => return Err(format!("{word} is no rule")),
        };
        rules.push(Rule { collection: collection.to_owned(), name: name.to_owned(), value });
        tokens.next_if(|t| matches!(t, Token::Word(word) if word == ";"));
    }
    Ok(rules)
}

fn parse_request(tokens: Vec<Token>) -> Result<Request, String> {
    let mut tokens = tokens.into_iter();
    let (Some(Token::Word(method)), Some(Token::Word(target))) = (tokens.next(), tokens.next()) else {
        return Err("a request is `METHOD target`".to_owned());
    };
    let mut values = Vec::new();
    while let Some(token) = tokens.next() {
        match (token, &mut tokens) {
            (Token::Code(body), _) => values.push(("body".to_owned(), body)),
            (Token::Word(name), rest) => match rest.next() {
                Some(Token::Code(value)) => values.push((name, value)),
                _ => return Err(format!("{name} has no value")),
            },
        }
    }
    Ok(Request { method: method.parse().map_err(|_| "no such method")?, target, values })
}

fn parse_want(tokens: Vec<Token>) -> Result<Vec<Want>, String> {
    let mut wants = Vec::new();
    let mut ids = Vec::new();
    let (mut listed, mut ordered) = (false, false);
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let Token::Word(word) = token else { return Err("a wanted value without a name".to_owned()) };
        let mut json = || match tokens.next() {
            Some(Token::Code(text)) => serde_json::from_str::<Json>(&text).map_err(|e| format!("{text}: {e}")),
            _ => Err(format!("{word} has no value")),
        };
        match word.as_str() {
            "none" => listed = true,
            "order" => ordered = true,
            "codes" => wants.push(Want::Codes(json()?)),
            "body" => wants.push(Want::Body(json()?)),
            "has" => wants.push(Want::Has(json()?)),
            "expand" => wants.push(Want::Expand(json()?)),
            "stored" => wants.push(Want::Stored(json()?)),
            "empty" => wants.push(Want::Empty),
            "signed-out" => wants.push(Want::SignedOut),
            "messages" => match tokens.next() {
                Some(Token::Word(count)) if count.parse::<usize>().is_ok() => wants.push(Want::Messages(count)),
                _ => return Err("a count of messages".to_owned()),
            },
            _ => match word.parse() {
                Ok(status) => wants.push(Want::Status(status)),
                Err(_) => ids.push(word),
            },
        }
    }
    if ordered {
        wants.push(Want::Order(ids));
    } else if listed || !ids.is_empty() {
        ids.sort();
        wants.push(Want::Items(ids));
    }
    if wants.is_empty() {
        return Err("nothing is wanted".to_owned());
    }
    if !wants.iter().any(|want| matches!(want, Want::Status(_) | Want::Messages(_))) {
        wants.insert(0, Want::Status(200));
    }
    Ok(wants)
}
