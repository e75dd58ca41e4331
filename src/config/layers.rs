//! Reads the configuration's layers and lays them over each other.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Config;

/// File read when `--config` does not name one and it exists.
const DEFAULT_FILE: &str = "larder.toml";

/// Environment variables are `LARDER_` and the key in upper case.
const PREFIX: &str = "LARDER_";

/// Variables that begin alike but are not keys of the file: `--config`, and what the project's tests read.
const NOT_KEYS: &[&str] = &["CONFIG", "BIN", "UI_URL", "CRASH_ROUNDS"];

/// Variables of the reference that stand for keys of ours, unless those are set themselves.
const ALIASES: &[(&str, &str)] = &[("PB_ID_TOKEN_LEEWAY", "id_token_leeway")];

/// Why the configuration is refused; always names where.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is no TOML, or has an unknown key or a wrong type.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// An environment variable does not name a key.
    #[error("unknown configuration variable {0} in the environment")]
    UnknownVariable(String),
    /// A value is out of range or of the wrong type.
    #[error("invalid value of `{key}`: {reason}")]
    Invalid {
        /// The key, variable or flag.
        key: String,
        /// Why.
        reason: String,
    },
}

/// Values from the command line, as text by key.
pub type Overrides = Vec<(&'static str, String)>;

/// Loads the configuration: `file` (or `larder.toml` if there is one), then the environment, then flags.
///
/// # Errors
/// [`ConfigError`], naming the file, key or variable.
pub fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    flags: &Overrides,
) -> Result<Config, ConfigError> {
    let mut table = read_file(file)?;
    let defaults = defaults();
    let environment: Vec<_> = environment.collect();
    for (name, text) in &environment {
        let Some((_, key)) = ALIASES.iter().find(|(alias, _)| alias == name) else { continue };
        table.insert((*key).to_owned(), parse(name, text, &defaults[*key])?);
    }
    for (name, text) in environment {
        let Some(key) = name.strip_prefix(PREFIX) else { continue };
        if NOT_KEYS.contains(&key) {
            continue;
        }
        let key = key.to_lowercase();
        let Some(default) = defaults.get(&key) else { return Err(ConfigError::UnknownVariable(name)) };
        table.insert(key, parse(&name, &text, default)?);
    }
    for (key, text) in flags {
        let default = defaults.get(*key).unwrap_or(&Value::Boolean(false));
        table.insert((*key).to_owned(), parse(&format!("--{}", key.replace('_', "-")), text, default)?);
    }
    let config: Config = table.try_into().map_err(|e: toml::de::Error| ConfigError::Invalid {
        key: first_word(e.message()),
        reason: e.message().into(),
    })?;
    config.validate()?;
    Ok(config)
}

fn read_file(file: Option<&Path>) -> Result<Table, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && file.is_none() => return Ok(Table::new()),
        Err(source) => return Err(ConfigError::Unreadable { path: path.into(), source }),
    };
    let refuse = |e: &toml::de::Error| ConfigError::File { path: path.into(), reason: e.to_string().trim().to_owned() };
    // Once as the typed configuration, so that an error shows the line and names the key.
    toml::from_str::<Config>(&text).map_err(|e| refuse(&e))?;
    toml::from_str(&text).map_err(|e| refuse(&e))
}

fn defaults() -> Table {
    #[expect(clippy::expect_used, reason = "a struct of plain values serializes")]
    Table::try_from(Config::default()).expect("the defaults are a table")
}

/// Reads text as the type the key's default has; lists are comma-separated.
fn parse(name: &str, text: &str, like: &Value) -> Result<Value, ConfigError> {
    let invalid = |reason: &str| ConfigError::Invalid { key: name.to_owned(), reason: reason.to_owned() };
    Ok(match like {
        Value::Integer(_) => Value::Integer(text.parse().map_err(|_| invalid("must be a whole number"))?),
        Value::Boolean(_) => Value::Boolean(text.parse().map_err(|_| invalid("must be true or false"))?),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|s| !s.is_empty());
            Value::Array(items.map(|s| Value::String(s.into())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}

/// serde's messages quote the offending key or value first.
fn first_word(message: &str) -> String {
    message.split('`').nth(1).unwrap_or("configuration").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Vec<_>>().into_iter()
    }

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[test]
    fn later_layers_win() {
        let file = file("http = \"127.0.0.1:1\"\nworkers = 3\nslow_readers = 2\n");
        let env = environment(&[("LARDER_HTTP", "127.0.0.1:2"), ("LARDER_WORKERS", "4"), ("HOME", "/")]);
        let config = load(Some(file.path()), env, &vec![("http", "127.0.0.1:3".into())]).unwrap();
        assert_eq!((config.http.port(), config.workers, config.slow_readers), (3, 4, 2));
    }

    #[test]
    fn variables_of_the_reference_come_before_ours() {
        for (env, want) in [
            (vec![("PB_ID_TOKEN_LEEWAY", "5")], 5),
            (vec![("PB_ID_TOKEN_LEEWAY", "5"), ("LARDER_ID_TOKEN_LEEWAY", "6")], 6),
            (vec![("LARDER_ID_TOKEN_LEEWAY", "6"), ("PB_ID_TOKEN_LEEWAY", "5")], 6),
            (vec![], 300),
        ] {
            let file = file("");
            let config = load(Some(file.path()), environment(&env), &vec![]).unwrap();
            assert_eq!(config.id_token_leeway, want, "{env:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, env, want) in [
            ("htttp = 1", vec![], "htttp"),
            ("workers = \"x\"", vec![], "workers"),
            ("slow_readers = 0", vec![], "slow_readers"),
            ("durability = \"maybe\"", vec![], "maybe"),
            ("tls_cert = \"chain.pem\"", vec![], "`tls_key`"),
            ("", vec![("LARDER_TLS_KEY", "key.pem")], "`tls_cert`"),
            ("trusted_proxies = [\"10.0.0.0/33\"]", vec![], "trusted_proxies"),
            ("", vec![("LARDER_TRUSTED_PROXIES", "10.0.0.1, nowhere")], "`nowhere`"),
            ("", vec![("LARDER_NOPE", "1")], "LARDER_NOPE"),
            ("", vec![("LARDER_WORKERS", "many")], "LARDER_WORKERS"),
            ("", vec![("LARDER_HTTP", "nowhere")], "socket address"),
        ] {
            let file = file(text);
            let error = load(Some(file.path()), environment(&env), &vec![]).unwrap_err().to_string();
            assert!(error.contains(want), "{text} {env:?}: {error}");
        }
        let error = load(Some(Path::new("/nonexistent.toml")), environment(&[]), &vec![]).unwrap_err();
        assert!(error.to_string().contains("/nonexistent.toml"));
    }
}
