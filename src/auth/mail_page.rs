//! The page that surrounds what a mail template says.

/// Before the title. Mail programs know little of CSS; what they do not know leaves plain text on white.
const TO_TITLE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>"#;

const TO_CONTENT: &str = r#"</title>
<style>
:root { color-scheme: light dark; }
body { margin: 0; padding: 24px; background: #ffffff; color: #1f2328; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.page { max-width: 36em; margin: 0 auto; }
p { margin: 0 0 16px; }
a { color: #1055c9; overflow-wrap: anywhere; }
a.btn { display: inline-block; padding: 12px 24px; border-radius: 8px; background: #1055c9; color: #ffffff; font-weight: 600; text-decoration: none; }
small { font-size: 13px; color: #59636e; }
hr { height: 0; margin: 24px 0; border: 0; border-top: 1px solid #d1d9e0; }
@media (prefers-color-scheme: dark) {
  body { background: #15181c; color: #e6e8eb; }
  a { color: #8ab4ff; }
  a.btn { background: #8ab4ff; color: #101418; }
  small { color: #a3abb5; }
  hr { border-top-color: #3a4149; }
}
</style>
</head>
<body>
<div class="page">
"#;

const END: &str = "\n</div>\n</body>\n</html>\n";

/// A complete page. Both arguments are HTML.
pub(super) fn page(title: &str, content: &str) -> String {
    [TO_TITLE, title, TO_CONTENT, content, END].concat()
}
