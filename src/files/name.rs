//! What uploaded files are called once they are stored.

use crate::schema::ids::{LOWER_ALPHANUMERIC, random_string};

use super::content_type::extension_of;

/// Bytes of the client's name that count: its last ones.
const MAX_CLIENT_BYTES: usize = 300;

/// Longest stem, before its random end.
const MAX_STEM_BYTES: usize = 100;

/// Shorter stems get more random characters.
const MIN_STEM_BYTES: usize = 3;

/// Longest extension, without its dot.
const MAX_EXTENSION_BYTES: usize = 20;

/// Random characters behind the stem.
const RANDOM_CHARACTERS: usize = 10;

/// The name to store an upload under: `stem_<10 random characters>.extension`, made of the client's name and, if that has no
/// extension, of what the file is. No more is left of a client's name than ASCII letters, digits, `_`, and in the extension
/// `.*-+=#`.
///
/// The name is at most 150 bytes long, no path, not hidden, and not a device of Windows.
pub fn stored_name(client_name: &str, content_type: &str) -> String {
    let name = base_name(client_name);
    let name = &name[name.ceil_char_boundary(name.len().saturating_sub(MAX_CLIENT_BYTES))..];
    let (stem, extension) = split_extension(name);
    let mut out = snake_case(stem);
    if out.len() < MIN_STEM_BYTES {
        out += &random_string(RANDOM_CHARACTERS, LOWER_ALPHANUMERIC);
    }
    out.truncate(MAX_STEM_BYTES);
    out.push('_');
    out += &random_string(RANDOM_CHARACTERS, LOWER_ALPHANUMERIC);
    match clean_extension(extension) {
        extension if extension.is_empty() => out += extension_of(content_type),
        extension => {
            out.push('.');
            out += &extension;
        }
    }
    out
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// Stem and extension: `a.tar.gz` has two, more there are never.
fn split_extension(name: &str) -> (&str, &str) {
    let Some(last) = name.rfind('.') else { return (name, "") };
    let start = name[..last].rfind('.').unwrap_or(last);
    name.split_at(start)
}

/// What is left of an extension, without its first dot.
fn clean_extension(extension: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "_.*-+=#".contains(c);
    let kept: String = extension.chars().filter(|c| is_kept(*c)).collect();
    let kept = kept.trim_matches('.');
    kept[kept.len().saturating_sub(MAX_EXTENSION_BYTES)..].trim_start_matches('.').to_owned()
}

/// Words in lower case with `_` between; capitals begin words.
fn snake_case(stem: &str) -> String {
    let mut out = String::with_capacity(stem.len());
    for word in stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push('_');
        }
        let mut before: Option<u8> = None;
        for byte in word.bytes() {
            if byte.is_ascii_uppercase() && before.is_some_and(|before| !before.is_ascii_uppercase()) {
                out.push('_');
            }
            out.push(char::from(byte.to_ascii_lowercase()));
            before = Some(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "text/plain; charset=utf-8";

    /// The name with the random characters as `~`.
    fn shape(name: &str) -> String {
        let stored = stored_name(name, TEXT);
        let (stem, extension) = stored.split_once('.').unwrap_or((&stored, ""));
        let (stem, random) = stem.split_at(stem.len() - RANDOM_CHARACTERS);
        assert!(random.bytes().all(|b| LOWER_ALPHANUMERIC.contains(&b)), "{stored}");
        let dot = if stored.contains('.') { "." } else { "" };
        format!("{stem}~{dot}{extension}")
    }

    #[test]
    fn names_are_what_the_reference_makes_of_them() {
        let long = |n: usize| "x".repeat(n);
        for (name, want) in [
            ("Test Name.PNG", "test_name_~.PNG"),
            ("MyTESTFile.Txt", "my_testfile_~.Txt"),
            ("a.b.c.d", "a_b_~.c.d"),
            ("noext", "noext_~.txt"),
            ("/etc/passwd", "passwd_~.txt"),
            ("a\\b.txt", "a_b_~.txt"),
            ("C:\\dir\\File.TXT", "c_dir_file_~.TXT"),
            ("über Größe.pdf", "ber_gr_e_~.pdf"),
            ("a b  c__d--e.txt", "a_b_c_d_e_~.txt"),
            ("a-b.c-d", "a_b_~.c-d"),
            ("HTTPServer.go", "httpserver_~.go"),
            ("ABCdef", "abcdef_~.txt"),
            ("aB", "a_b_~.txt"),
            ("1A2B", "1_a2_b_~.txt"),
            ("fooBAR", "foo_bar_~.txt"),
            ("foo..bar", "foo_~.bar"),
            ("foo...", "foo_~.txt"),
            ("foo. ", "foo_~.txt"),
            ("foo .txt ", "foo_~.txt"),
            ("foo.t;x", "foo_~.tx"),
            ("foo.*", "foo_~.*"),
            ("foo.+=#", "foo_~.+=#"),
            ("foo.\"q\"", "foo_~.q"),
            ("a;b=c.txt", "a_b_c_~.txt"),
            ("naïveFile.txt", "na_ve_file_~.txt"),
            ("tab\there.txt", "tab_here_~.txt"),
            ("AéB.txt", "a_b_~.txt"),
            ("abc.é", "abc_~.txt"),
            ("abc.txt.é", "abc_~.txt"),
            ("abc.b.é.", "abc_b_~.txt"),
            ("foo.a..", "foo_a_~.txt"),
            ("foo.bar..txt", "foo_bar_~.txt"),
            (".b.c.d.e", "b_c_~.d.e"),
            ("a.b.c.", "a_b_~.c"),
            ("image (1).png", "image_1_~.png"),
            ("a\u{301}bc.txt", "a_bc_~.txt"),
            ("\u{212a}elvin.txt", "elvin_~.txt"),
            ("abc\u{202e}.txt", "abc_~.txt"),
            ("٣abc.txt", "abc_~.txt"),
            ("file!.t!ar.gz", "file_~.tar.gz"),
            ("CON.txt", "con_~.txt"),
            ("nul.", "nul_~.txt"),
            ("com1.tar.gz", "com1_~.tar.gz"),
            (&format!("{}.txt", long(300)), &format!("{}_~.txt", long(100))),
            (&format!("{}Ab.t", long(99)), &format!("{}__~.t", long(99))),
            (&format!("{}AbC.t", long(97)), &format!("{}_ab_~.t", long(97))),
            (&format!(".{}", long(400)), &format!("{}_~.txt", long(100))),
            (&format!("abc.{}", "b".repeat(21)), &format!("abc_~.{}", "b".repeat(20))),
            (&format!("abc.xx.{}", "c".repeat(18)), &format!("abc_~.x.{}", "c".repeat(18))),
            (&format!("abc.xx.{}", "c".repeat(19)), &format!("abc_~.{}", "c".repeat(19))),
        ] {
            assert_eq!(shape(name), want, "{name}");
        }
    }

    #[test]
    fn short_stems_grow() {
        for (name, start, extension) in [
            ("a.tar.gz", "a", ".tar.gz"),
            ("..", "", ".txt"),
            (".", "", ".txt"),
            ("", "", ".txt"),
            ("/", "", ".txt"),
            ("a/", "a", ".txt"),
            ("../../x.txt", "x", ".txt"),
            (".htaccess", "", ".htaccess"),
            ("日本語.jpg", "", ".jpg"),
            ("ab_", "ab", ".txt"),
            ("\u{202e}ab.txt", "ab", ".txt"),
        ] {
            let stored = stored_name(name, TEXT);
            let stem = stored.strip_suffix(extension).unwrap_or_else(|| panic!("{name}: {stored}"));
            assert_eq!(stem.len(), start.len() + 10 + 1 + 10, "{name}: {stored}");
            assert!(stem.starts_with(start) && stem.as_bytes()[start.len() + 10] == b'_', "{name}: {stored}");
        }
    }

    #[test]
    fn files_without_an_extension_get_that_of_their_type() {
        for (content_type, extension) in
            [("image/jpeg", ".jpg"), (TEXT, ".txt"), ("application/octet-stream", ""), ("x/y", "")]
        {
            assert!(stored_name("name", content_type).split_off("name_".len() + 10) == extension, "{content_type}");
        }
        assert_ne!(stored_name("name", TEXT), stored_name("name", TEXT));
    }

    proptest! {
        /// Whatever a client calls a file, it is stored as an ordinary one.
        #[test]
        fn stored_names_are_harmless(name in "(\\PC|[./\\\\\u{0}-\u{1f}\u{202a}-\u{202e}A-Za-z]){0,400}") {
            let stored = stored_name(&name, TEXT);
            prop_assert!((14..=150).contains(&stored.len()), "{stored}");
            prop_assert!(stored.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.*-+=#".contains(&b)), "{stored}");
            prop_assert!(!stored.starts_with('.') && !stored.ends_with('.') && !stored.contains(".."), "{stored}");
            let stem = stored.split('.').next().unwrap();
            // Names of devices are shorter.
            prop_assert!(stem.len() > RANDOM_CHARACTERS, "{stored}");
        }
    }
}
