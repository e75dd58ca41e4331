//! Holds the code to the table of rings in `ARCHITECTURE.md`, and that page to the code.

#![expect(clippy::unwrap_used, reason = "a test may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Uses that the page allows by name: (module, used module).
const ALLOWED: &[(&str, &str)] = &[("config", "db")];

fn page() -> String {
    std::fs::read_to_string("ARCHITECTURE.md").unwrap()
}

/// Position of each module in the table: a module may use those with a smaller one.
fn order() -> BTreeMap<String, usize> {
    let page = page();
    let rows = page
        .lines()
        .filter(|l| l.starts_with("| 1 ") || l.starts_with("| 2 ") || l.starts_with("| 3 ") || l.starts_with("| 4 "));
    let modules = rows.flat_map(|row| row.split('|').nth(2).unwrap().split_whitespace());
    modules.map(|m| m.trim_matches('`').to_owned()).enumerate().map(|(i, m)| (m, i)).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                files.push(path);
            }
        }
    }
    files
}

fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix("src").unwrap();
    relative.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// Modules named as `crate::name` in the text; comments are left out, because they may point anywhere.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let names = code.split("crate::").skip(1);
    names.map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn modules_use_only_what_lies_further_in() {
    let order = order();
    let mut wrong = Vec::new();
    for path in rust_files(Path::new("src")) {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let position = order.get(&module).unwrap_or_else(|| panic!("ARCHITECTURE.md does not name `{module}`"));
        for used in used_modules(&std::fs::read_to_string(&path).unwrap()) {
            let is_allowed = ALLOWED.contains(&(module.as_str(), used.as_str()));
            if used != module && !is_allowed && order.get(&used).is_some_and(|p| p > position) {
                wrong.push(format!("{} uses crate::{used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "uses that point outwards:\n{}", wrong.join("\n"));
}

#[test]
fn some_crates_are_known_to_one_module_only() {
    for (word, module) in
        [("actix", "api"), ("open_with_flags", "db"), ("reqwest", "http_client"), ("tantivy", "fulltext")]
    {
        for path in rust_files(Path::new("src")) {
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            let is_exempt = module_of(&path) == module;
            assert!(
                is_exempt || !code.contains(word),
                "{} names `{word}`, which belongs to `{module}`",
                path.display()
            );
        }
    }
}

#[test]
fn paths_named_in_the_page_exist() {
    for name in page().split('`').skip(1).step_by(2) {
        let is_path = name.contains('/') && !name.contains(' ') && !name.starts_with('/');
        if is_path && !name.contains("npm") {
            assert!(Path::new(name).exists(), "ARCHITECTURE.md names {name}");
        }
    }
}
