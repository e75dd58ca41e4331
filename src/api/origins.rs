//! Origins that browsers may call from.

use actix_web::http::header::HeaderValue;

/// The configured patterns: exact origins, or with `*` for any text and `?` for one character.
#[derive(Debug, Clone)]
pub(super) struct AllowedOrigins {
    any: bool,
    patterns: Vec<String>,
}

/// Longest origin looked at.
const MAX_ORIGIN_BYTES: usize = 512;

impl AllowedOrigins {
    pub(super) fn new(patterns: &[String]) -> Self {
        Self { any: patterns.iter().any(|p| p == "*"), patterns: patterns.to_vec() }
    }

    /// The value of `Access-Control-Allow-Origin` for this origin, if it is allowed.
    pub(super) fn answer(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.any {
            return Some(HeaderValue::from_static("*"));
        }
        let text = origin.to_str().ok().filter(|t| t.len() <= MAX_ORIGIN_BYTES)?;
        self.patterns.iter().any(|p| matches(p.as_bytes(), text.as_bytes())).then(|| origin.clone())
    }
}

/// Glob match in linear space and at most quadratic time of short texts: on a mismatch only the last `*` is moved.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c.eq_ignore_ascii_case(&text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, covered)) => {
                    star = Some((at, covered + 1));
                    p = at + 1;
                    t = covered + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, origin, want) in [
            ("*", "https://a.com", true),
            ("https://a.com", "https://a.com", true),
            ("https://a.com", "https://a.com.evil.org", false),
            ("https://*.a.com", "https://x.y.a.com", true),
            ("https://*.a.com", "https://a.com", false),
            ("http://localhost:?000", "http://localhost:3000", true),
            ("http://localhost:?000", "http://localhost:33000", false),
            ("**a**b", "xxaxxb", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), origin.as_bytes()), want, "{pattern} {origin}");
        }
    }
}
