//! The grammar of cron expressions (reference part 3, section 14): five fields of numbers, ranges, lists and steps, or
//! a macro.

/// Names that stand for an expression.
const MACROS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Least and largest value of minute, hour, day of month, month and day of week.
const FIELDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];

/// Whether this is an expression a schedule can have. Fields are separated by single spaces.
pub(super) fn is_cron(text: &str) -> bool {
    if MACROS.contains(&text) {
        return true;
    }
    let fields: Vec<&str> = text.split(' ').collect();
    fields.len() == FIELDS.len()
        && fields.iter().zip(FIELDS).all(|(field, range)| field.split(',').all(|part| is_part(part, range)))
}

/// `*`, `5` or `1-5`, the first and last optionally with a step: `*/2`.
fn is_part(part: &str, (min, max): (u32, u32)) -> bool {
    let (values, step) = part.split_once('/').map_or((part, 1), |(values, step)| (values, number(step).unwrap_or(0)));
    let is_within = |value: u32| (min..=max).contains(&value);
    if !(1..=max).contains(&step) {
        return false;
    }
    if values == "*" {
        return true;
    }
    match values.split_once('-') {
        Some((first, last)) => {
            matches!((number(first), number(last)), (Some(a), Some(b)) if is_within(a) && is_within(b) && a <= b)
        }
        None => step == 1 && number(values).is_some_and(is_within),
    }
}

/// A number; a plus sign before it is allowed, as the reference does.
fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for text in [
            "* * * * *",
            "@daily",
            "@midnight",
            "@annually",
            "0 0 1,15 */2 1-5",
            "*/1 1-5/1 5/1 * *",
            "1-10/2 * * * *",
            "+5 * * * *",
            "05 * * * *",
            "*,5 * * * *",
            "5-5 * * * *",
            "1-59/59 * * * *",
            "* * */31 */12 */6",
        ] {
            assert!(is_cron(text), "{text}");
        }
        for text in [
            "",
            "   ",
            "x",
            "@Daily",
            "@reboot",
            "@every 1h",
            "* * * *",
            "* * * * * *",
            " 0 0 1 1 1 ",
            "0  0 1 1 1",
            "60 * * * *",
            "* * 0 * *",
            "* * * * 7",
            "* * * * MON",
            "*/0 * * * *",
            "*/61 * * * *",
            "* * */31 */12 */7",
            "5-1 * * * *",
            "1/2 * * * *",
            "1, * * * *",
            "1- * * * *",
            "-5 * * * *",
            "*-5 * * * *",
            "1-2-3 * * * *",
            "1/1/1 * * * *",
            "99999999999999999999 * * * *",
        ] {
            assert!(!is_cron(text), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn checking_never_panics(text in "[-0-9*/, @+]{0,30}|.*") {
            is_cron(&text);
        }
    }
}
