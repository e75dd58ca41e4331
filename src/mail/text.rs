//! The text part of a mail, derived from its HTML.

use html2text::config;
use html2text::render::TextDecorator;

/// Where lines would be wrapped, in characters: far out, because the layout would break the addresses of links too.
const WIDTH: usize = 10_000;

/// Most tags laid out: nested ones cost the square of their number.
const MAX_TAGS: usize = 4000;

/// Stands for a page with too many tags.
const NO_TEXT: &str = "This mail can be read in a mail program that shows HTML.\n";

/// Text for readers without HTML, with the addresses of links behind them. A paragraph is one line.
///
/// # Errors
/// If the HTML cannot be laid out.
pub(super) fn of_html(html: &str) -> Result<String, html2text::Error> {
    if html.bytes().filter(|byte| *byte == b'<').count() > MAX_TAGS {
        return Ok(NO_TEXT.to_owned());
    }
    // Raw: cells of tables stand one below the other, not side by side in columns of such a width.
    let config = config::with_decorator(Plain::default()).raw_mode(true).allow_width_overflow();
    let text = config.string_from_read(html.as_bytes(), WIDTH)?;
    Ok(text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n")
}

/// Words only: no signs for emphasis or headings, and a link's address in angle brackets (RFC 3986, appendix C).
#[derive(Debug, Clone, Default)]
struct Plain {
    /// Addresses of the links that are open.
    open: Vec<String>,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.open.push(url.to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let url = self.open.pop().unwrap_or_default();
        if url.is_empty() { url } else { format!(" <{url}>") }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "- ".to_owned()
    }

    fn ordered_item_prefix(&self, i: i64) -> String {
        format!("{i}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_whole_and_readable() {
        let link = format!("https://app.example.com/_/#/auth/confirm-verification/{}", "eyJhbGciOi.".repeat(30));
        let html = format!(
            "<html><head><style>p {{ color: red }}</style><title>T</title></head><body><p>Hi <b>Ann</b>,</p>\
             <p>please <a class=\"btn\" href=\"{link}\">Confirm address</a></p><p>A &lt;b&gt; &amp; é {link}</p>\
             <table><tr><td>cell 1</td><td>cell 2</td></tr></table><ul><li>one</li></ul><hr><small>Acme</small></body></html>"
        );
        let text = of_html(&html).unwrap();
        assert!(text.contains(&format!("<{link}>")), "{text}");
        assert!(text.starts_with("Hi Ann,\n\nplease Confirm address"), "{text}");
        assert!(text.contains(&format!("A <b> & é {link}\n")), "{text}");
        assert!(text.ends_with("cell 1\ncell 2\n- one\nAcme\n"), "{text}");
        assert!(!text.contains("color"), "{text}");
    }

    #[test]
    fn odd_html_is_survived() {
        let wide = "w".repeat(5000);
        for html in ["", "<", "<p", "&#xD800;", "<table><tr><td>a<td>b</table>", "<a href>x</a>", "</a>", wide.as_str()]
        {
            of_html(html).unwrap();
        }
        for tags in ["<div>", "<blockquote>", "<table><tr><td>", "<b>", "<ul><li>"] {
            assert!(of_html(&(tags.repeat(200) + "core")).unwrap().contains("core"), "{tags}");
            assert_eq!(of_html(&(tags.repeat(1_000_000) + "core")).unwrap(), NO_TEXT, "{tags}");
        }
    }
}
