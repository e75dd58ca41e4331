//! Values made from a pattern: record ids, token keys, and the text fields that ask for it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex_syntax::hir::{Class, Dot, Hir, HirKind};

use super::ids::{ALPHANUMERIC, LOWER_ALPHANUMERIC, push_random, random_below};
use super::pattern;

/// The pattern of generated record ids; under [`IdOrder::Time`] it yields time-ordered ones.
pub const ID_AUTOGENERATE_PATTERN: &str = "[a-z0-9]{15}";

/// Longest generated value, in bytes.
pub const MAX_GENERATED_BYTES: usize = 64 * 1024;

/// Most pieces one value is made of: repetitions of nothing are long too.
const MAX_STEPS: u32 = 200_000;

/// What an open end of a repetition counts as; like every upper bound it is not reached itself.
const OPEN_END: u32 = 6;

/// Parsed patterns each thread keeps.
const MAX_CACHED: usize = 256;

/// How ids of the default pattern are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IdOrder {
    /// Six characters of the time, then nine random ones: new rows land on neighbouring pages.
    #[default]
    Time,
    /// Fully random, as the reference does.
    Random,
}

/// Why a pattern yields no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// Not a regular expression.
    #[error("invalid regular expression")]
    Syntax,
    /// A construct that stands for no text (anchors, word boundaries).
    #[error("the pattern holds something that cannot be generated")]
    Unsupported,
    /// The value would pass [`MAX_GENERATED_BYTES`].
    #[error("the generated value is too long")]
    TooLong,
}

thread_local! {
    static PARSED: RefCell<HashMap<String, Rc<Result<Hir, GenerateError>>>> = RefCell::default();
}

/// A random value that `pattern` describes. `now_ms` is Unix time in milliseconds, used by time-ordered ids only.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate(pattern: &str, now_ms: i64, order: IdOrder) -> Result<String, GenerateError> {
    if pattern == ID_AUTOGENERATE_PATTERN {
        return Ok(generate_id(now_ms, order));
    }
    let parsed = PARSED.with_borrow_mut(|cache| {
        if let Some(parsed) = cache.get(pattern) {
            return Rc::clone(parsed);
        }
        if cache.len() >= MAX_CACHED {
            cache.clear();
        }
        let parsed = Rc::new(parse(pattern));
        cache.insert(pattern.to_owned(), Rc::clone(&parsed));
        parsed
    });
    let hir = parsed.as_ref().as_ref().map_err(Clone::clone)?;
    let mut out = String::new();
    append(&mut out, &mut 0, hir)?;
    Ok(out)
}

/// A record id of the default pattern.
pub fn generate_id(now_ms: i64, order: IdOrder) -> String {
    let mut id = String::with_capacity(15);
    if order == IdOrder::Time {
        // Six characters last until December 2038; later ids start over, which costs locality, not uniqueness.
        let mut seconds = u64::try_from(now_ms.max(0) / 1000).unwrap_or(0) % 36u64.pow(6);
        let mut digits = [b'0'; 6];
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(seconds % 36).unwrap_or(0)];
            seconds /= 36;
        }
        id.extend(digits.map(char::from));
    }
    let random = 15 - id.len();
    push_random(&mut id, random, LOWER_ALPHANUMERIC);
    id
}

fn parse(pattern: &str) -> Result<Hir, GenerateError> {
    if !pattern::is_valid(pattern) {
        return Err(GenerateError::Syntax);
    }
    let rewritten = pattern::rewrite(pattern).ok_or(GenerateError::Syntax)?;
    regex_syntax::ParserBuilder::new().nest_limit(100).build().parse(&rewritten).map_err(|_| GenerateError::Syntax)
}

/// Appends a random text that `hir` matches. The depth is bounded by the parser's nesting limit.
fn append(out: &mut String, steps: &mut u32, hir: &Hir) -> Result<(), GenerateError> {
    *steps += 1;
    if out.len() > MAX_GENERATED_BYTES || *steps > MAX_STEPS {
        return Err(GenerateError::TooLong);
    }
    match hir.kind() {
        HirKind::Empty => Ok(()),
        HirKind::Literal(literal) => {
            out.push_str(std::str::from_utf8(&literal.0).map_err(|_| GenerateError::Unsupported)?);
            Ok(())
        }
        HirKind::Class(_) if is_dot(hir) => {
            push_random(out, 1, ALPHANUMERIC);
            Ok(())
        }
        HirKind::Class(class) => append_class(out, class),
        HirKind::Look(_) => Err(GenerateError::Unsupported),
        HirKind::Repetition(repetition) => {
            let min = repetition.min;
            let max = repetition.max.unwrap_or(OPEN_END);
            // The upper bound is exclusive, but for an exact count.
            let count = if max > min { min + random_below(max - min) } else { min };
            for _ in 0..count {
                append(out, steps, &repetition.sub)?;
            }
            Ok(())
        }
        HirKind::Capture(capture) => append(out, steps, &capture.sub),
        HirKind::Concat(parts) => parts.iter().try_for_each(|part| append(out, steps, part)),
        HirKind::Alternation(parts) => {
            let chosen = random_below(u32::try_from(parts.len()).unwrap_or(0));
            append(out, steps, &parts[usize::try_from(chosen).unwrap_or(0)])
        }
    }
}

/// Whether this is `.` in any mode.
fn is_dot(hir: &Hir) -> bool {
    [Dot::AnyChar, Dot::AnyCharExceptLF].into_iter().any(|dot| *hir == Hir::dot(dot))
}

/// Appends one character of a class, a printable ASCII one where the class has any.
fn append_class(out: &mut String, class: &Class) -> Result<(), GenerateError> {
    let Class::Unicode(class) = class else { return Err(GenerateError::Unsupported) };
    let ranges = |low: u32, high: u32| {
        class.iter().filter_map(move |range| {
            let (start, end) = (u32::from(range.start()).max(low), u32::from(range.end()).min(high));
            (start <= end).then_some((start, end))
        })
    };
    let size = |low, high| ranges(low, high).map(|(start, end)| end - start + 1).sum::<u32>();
    let (low, high) = if size(0x20, 0x7E) > 0 { (0x20, 0x7E) } else { (0, u32::from(char::MAX)) };
    let mut chosen = random_below(size(low, high));
    for (start, end) in ranges(low, high) {
        if chosen <= end - start {
            // A range may span the surrogates, which are no characters.
            out.push(char::from_u32(start + chosen).or(char::from_u32(start)).unwrap_or('0'));
            return Ok(());
        }
        chosen -= end - start + 1;
    }
    Err(GenerateError::Unsupported)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample(pattern: &str) -> Result<String, GenerateError> {
        generate(pattern, 0, IdOrder::Random)
    }

    #[test]
    fn ids_are_ordered_by_second() {
        let id = generate_id(1_700_000_000_000, IdOrder::Time);
        assert_eq!((id.len(), &id[..6]), (15, "s44we8"));
        assert!(generate_id(1_700_000_001_999, IdOrder::Time) > id);
        assert_ne!(generate_id(0, IdOrder::Random), generate_id(0, IdOrder::Random));
        for ms in [i64::MIN, -1, 0, i64::MAX] {
            assert!(pattern::is_match("^[a-z0-9]{15}$", &generate_id(ms, IdOrder::Time)), "{ms}");
        }
    }

    #[test]
    fn values_have_the_shape_of_their_pattern() {
        for (pattern, shape) in [
            ("abc", "^abc$"),
            ("[a-zA-Z0-9]{50}", "^[a-zA-Z0-9]{50}$"),
            ("a{2,4}", "^a{2,3}$"),
            ("a{8,}", "^a{8}$"),
            ("a{2,}", "^a{2,5}$"),
            ("a+", "^a{1,5}$"),
            ("a*", "^a{0,5}$"),
            ("ab?c", "^ac$"),
            (".{9}", "^[A-Za-z0-9]{9}$"),
            ("(?s).{9}", "^[A-Za-z0-9]{9}$"),
            ("(foo|b[ar]z){2}-", "^(foo|baz|brz){2}-$"),
            (r"\d\w\pL", r"^\d\w\pL$"),
            ("[^a]", "^[ -`b-~]$"),
            ("é[à-ï]", "^é[à-ï]$"),
            ("", "^$"),
        ] {
            for _ in 0..50 {
                let value = sample(pattern).unwrap();
                assert!(pattern::is_match(shape, &value), "{pattern} {value}");
            }
        }
    }

    #[test]
    fn what_cannot_be_generated() {
        for (pattern, want) in [
            ("^a$", GenerateError::Unsupported),
            (r"a\bb", GenerateError::Unsupported),
            ("(", GenerateError::Syntax),
            ("a{1001}", GenerateError::Syntax),
        ] {
            assert_eq!(sample(pattern), Err(want), "{pattern}");
        }
    }

    #[test]
    fn huge_repetitions_end() {
        let result = sample("((a{100}){100}){30}");
        assert!(matches!(result, Err(GenerateError::TooLong | GenerateError::Syntax)), "{result:?}");
        let empty = sample("((((a?){1000}){1000}){1000}){1000}");
        assert!(matches!(empty, Err(GenerateError::TooLong | GenerateError::Syntax)), "{empty:?}");
        let _ = sample("(((((|){1000}){1000}){1000}){1000}){1000}");
    }

    proptest! {
        /// A generated value matches the pattern it came from.
        #[test]
        fn generated_values_match(pattern in "([a-z]|[a-z]{2,5}|\\[[a-f]-[g-z]0-9\\]|\\(a\\|bc\\)|\\.|\\\\d|x\\*|y\\+|z\\?|w\\{2,4\\}|v\\{3\\}){0,8}") {
            let value = sample(&pattern).unwrap();
            let regex = regex::Regex::new(&format!("^(?:{pattern})$")).unwrap();
            prop_assert!(regex.is_match(&value), "{} {}", pattern, value);
        }

        #[test]
        fn generating_never_panics(pattern in r".*|[\[\]\\(){}?*+^$|:a-z0-9,&~-]{0,20}") {
            let _ = sample(&pattern);
        }
    }
}
