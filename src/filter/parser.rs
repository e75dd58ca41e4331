//! Builds the tree of an expression from its words, with a stack of open groups instead of recursion.
//!
//! Groups of a single item and groups joined the way they are themselves joined (`a && (b && c)`) leave no trace in the
//! tree. So its depth is bounded by the number of comparisons, and walking or dropping it needs no care.

use std::mem;
use std::ops::Range;

use super::error::{Fault, Problem, excerpt};
use super::lexer::{Join, Lexer, Place, Token, TokenKind};
use super::{
    Comparison, Expression, ExpressionKind, MAX_COMPARISONS, MAX_GROUP_DEPTH, Operand, OperandKind, ParseError,
};

/// Parses a rule or filter (reference part 2, section 2.1), in time linear in its length.
///
/// A text of nothing but blanks and comments is an error; whether an empty text means "no condition" is up to the
/// caller. The length of client filters ([`super::MAX_FILTER_BYTES`]) is the caller's to check as well.
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    let parser = Parser { lexer: Lexer::new(text), levels: vec![Level::new(0)], comparisons: 0 };
    parser.run().map_err(|fault| fault.locate(text))
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The expression itself and the groups open in it; never empty.
    levels: Vec<Level>,
    comparisons: usize,
}

impl<'a> Parser<'a> {
    fn run(mut self) -> Result<Expression, Fault> {
        loop {
            self.item()?;
            if let Some(expression) = self.after_item()? {
                return Ok(expression);
            }
        }
    }

    /// Reads opening parentheses and the comparison that must follow.
    fn item(&mut self) -> Result<(), Fault> {
        loop {
            let token = self.next()?;
            match token.kind {
                TokenKind::Open => self.open(token.span.start)?,
                TokenKind::End if self.levels.len() == 1 && self.comparisons == 0 => {
                    return Err(Fault::new(Problem::Empty, token.span.start));
                }
                _ => {
                    let left = self.operand(token, "an operand or `(`")?;
                    return self.comparison(left);
                }
            }
        }
    }

    fn open(&mut self, start: usize) -> Result<(), Fault> {
        if self.levels.len() > MAX_GROUP_DEPTH {
            return Err(Fault::new(Problem::TooDeep, start));
        }
        self.levels.push(Level::new(start));
        Ok(())
    }

    fn comparison(&mut self, left: Operand) -> Result<(), Fault> {
        let token = self.next()?;
        let TokenKind::Sign { sign, any } = token.kind else { return Err(self.expected("a sign", &token)) };
        let token = self.next()?;
        let right = self.operand(token, "an operand")?;
        let span = left.span.start..right.span.end;
        if self.comparisons == MAX_COMPARISONS {
            return Err(Fault::new(Problem::TooManyComparisons, span.start));
        }
        self.comparisons += 1;
        let kind = ExpressionKind::Comparison(Box::new(Comparison { left, sign, any, right }));
        self.level().add(Item { expression: Expression { kind, span: span.clone() }, extent: span });
        Ok(())
    }

    /// Reads what may follow an item up to where the next one begins; at the end of the text, the whole.
    fn after_item(&mut self) -> Result<Option<Expression>, Fault> {
        loop {
            let token = self.next()?;
            match token.kind {
                TokenKind::Join(join) => {
                    self.level().join = join;
                    return Ok(None);
                }
                // No join: the level keeps the one it had.
                TokenKind::Open => {
                    self.open(token.span.start)?;
                    return Ok(None);
                }
                TokenKind::Close if self.levels.len() > 1 => {
                    let group = self.close_level();
                    let extent = group.start..token.span.end;
                    self.level().add(Item { expression: group.finish(), extent });
                }
                TokenKind::End => {
                    let level = self.close_level();
                    return if self.levels.is_empty() {
                        Ok(Some(level.finish()))
                    } else {
                        Err(Fault::new(Problem::OpenParenthesis, level.start))
                    };
                }
                _ => return Err(self.expected("`&&`, `||` or the end", &token)),
            }
        }
    }

    fn operand(&mut self, token: Token<'a>, expected: &'static str) -> Result<Operand, Fault> {
        let kind = match token.kind {
            TokenKind::Identifier(name) => OperandKind::Identifier(name.to_owned()),
            TokenKind::Number(number) => OperandKind::Number(number),
            TokenKind::Text(text) => OperandKind::Text(text),
            TokenKind::FunctionStart(name) => return self.function(name, token.span),
            _ => return Err(self.expected(expected, &token)),
        };
        Ok(Operand { kind, span: token.span })
    }

    /// Reads the arguments of a function up to its closing parenthesis. A comma may follow the last argument.
    fn function(&mut self, name: &str, opening: Range<usize>) -> Result<Operand, Fault> {
        let mut arguments = Vec::new();
        let mut is_after_argument = false;
        loop {
            let token = self.lexer.next(Place::Inside)?;
            match token.kind {
                TokenKind::Close => {
                    let kind = OperandKind::Function { name: name.to_owned(), arguments };
                    return Ok(Operand { kind, span: opening.start..token.span.end });
                }
                TokenKind::End => return Err(Fault::new(Problem::OpenParenthesis, opening.end - 1)),
                TokenKind::Comma if is_after_argument => is_after_argument = false,
                _ if is_after_argument => return Err(self.expected("`,` or `)`", &token)),
                TokenKind::FunctionStart(_) => return Err(Fault::new(Problem::NestedFunction, token.span.start)),
                _ => {
                    arguments.push(self.operand(token, "an argument")?);
                    is_after_argument = true;
                }
            }
        }
    }

    fn next(&mut self) -> Result<Token<'a>, Fault> {
        self.lexer.next(if self.levels.len() > 1 { Place::Inside } else { Place::TopLevel })
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().expect("the first level is closed only at the end")
    }

    fn close_level(&mut self) -> Level {
        self.levels.pop().expect("the first level is closed only at the end")
    }

    fn expected(&self, expected: &'static str, token: &Token<'_>) -> Fault {
        let found = match token.kind {
            TokenKind::End => "the end".to_owned(),
            _ => format!("`{}`", excerpt(&self.lexer.text()[token.span.clone()])),
        };
        Fault::new(Problem::Expected { expected, found }, token.span.start)
    }
}

/// A group that is open, or the expression itself.
struct Level {
    /// Where its parenthesis stands.
    start: usize,
    /// The join last seen, for the next item.
    join: Join,
    /// The finished parts of an `||`.
    alternatives: Vec<Item>,
    /// The items since the last `||`.
    conjunction: Vec<Item>,
}

/// A part of a level, and where it stands with the parentheses around it.
struct Item {
    expression: Expression,
    extent: Range<usize>,
}

impl Level {
    fn new(start: usize) -> Self {
        Self { start, join: Join::And, alternatives: Vec::new(), conjunction: Vec::new() }
    }

    fn add(&mut self, item: Item) {
        if self.join == Join::Or {
            self.end_conjunction();
        }
        self.conjunction.push(item);
    }

    fn end_conjunction(&mut self) {
        self.alternatives.extend(combine(Join::And, mem::take(&mut self.conjunction)));
    }

    fn finish(mut self) -> Expression {
        self.end_conjunction();
        combine(Join::Or, self.alternatives).expect("a level is closed only after an item").expression
    }
}

/// Joins items to one; the parts of an item that is joined the same way are taken over. `None` without items.
fn combine(join: Join, mut items: Vec<Item>) -> Option<Item> {
    if items.len() < 2 {
        return items.pop();
    }
    let extent = items.first()?.extent.start..items.last()?.extent.end;
    let mut parts = Vec::with_capacity(items.len());
    for Item { expression, .. } in items {
        match (join, expression.kind) {
            (Join::And, ExpressionKind::And(inner)) | (Join::Or, ExpressionKind::Or(inner)) => parts.extend(inner),
            (_, kind) => parts.push(Expression { kind, span: expression.span }),
        }
    }
    let kind = match join {
        Join::And => ExpressionKind::And(parts),
        Join::Or => ExpressionKind::Or(parts),
    };
    Some(Item { expression: Expression { kind, span: extent.clone() }, extent })
}
