//! The configuration file: only what the host needs to start. Everything else is a record.
//!
//! ```toml
//! data = "/var/lib/ostoja"           # data directory, made by `ostoja init`
//! origin = "https://urzad.example.pl" # what browsers see; its host name is fixed for life
//!
//! repair_from = ["/mnt/copy/ostoja"]  # copies of the data directory: damaged files are replaced by theirs
//!
//! [public]                            # the public door, TLS
//! listen = ["0.0.0.0:443", "[::]:443"]
//! certificate = "/etc/ostoja/tls/chain.pem"
//! key = "/etc/ostoja/tls/key.pem"
//!
//! [redirect]                          # sends http:// to https://, nothing else
//! listen = ["0.0.0.0:80", "[::]:80"]
//!
//! [machine]                           # metrics and office systems, client certificate required
//! listen = ["127.0.0.1:8443"]
//! certificate = "/etc/ostoja/machine/server.pem"
//! key = "/etc/ostoja/machine/server.key"
//! authority = "/etc/ostoja/machine/ca.pem"
//! hosts = ["localhost"]
//! ```

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use url::Url;

/// The file, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Data directory.
    pub data: PathBuf,
    /// Origin of the public pages, without a path.
    pub origin: Url,
    /// Copies of the data directory, the best first. They are only read, and one that is not there is
    /// passed over.
    #[serde(default)]
    pub repair_from: Vec<PathBuf>,
    /// The public door.
    pub public: Option<Door>,
    /// The redirect from port 80.
    pub redirect: Option<Redirect>,
    /// The machine door.
    pub machine: Option<MachineDoor>,
    /// Picture workers.
    #[serde(default = "workers")]
    pub workers: usize,
    /// The file as it was read; a start enters its hash. It holds paths of secrets and never a secret.
    #[serde(skip)]
    pub text: String,
}

/// A TLS listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    pub listen: Vec<SocketAddr>,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// A listener that only redirects.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redirect {
    pub listen: Vec<SocketAddr>,
}

/// The machine listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineDoor {
    pub listen: Vec<SocketAddr>,
    pub certificate: PathBuf,
    pub key: PathBuf,
    /// Whose clients may enter.
    pub authority: PathBuf,
    /// Revoked certificates.
    pub revoked: Option<PathBuf>,
    pub hosts: Vec<String>,
}

fn workers() -> usize {
    2
}

/// The file cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}: {message}")]
    Meaning { path: PathBuf, message: String },
}

impl Config {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// It cannot be read, has an unknown or wrong line, or opens no door.
    pub fn read(path: &Path) -> Result<Config, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let wrong = |message: String| ConfigError::Meaning { path: path.to_owned(), message };
        let mut config: Config = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if config.origin.scheme() != "https"
            || config.origin.path() != "/"
            || config.host().is_empty()
        {
            return Err(wrong(
                "origin must be https:// and a host name, without a path".to_owned(),
            ));
        }
        if config.public.is_none() && config.machine.is_none() {
            return Err(wrong(
                "neither [public] nor [machine] is there: nobody could reach the daemon".to_owned(),
            ));
        }
        if !(1..=16).contains(&config.workers) {
            return Err(wrong("workers must be 1 to 16".to_owned()));
        }
        config.text = text;
        Ok(config)
    }

    /// Host name of the origin: the passkeys' RP ID.
    pub fn host(&self) -> &str {
        self.origin.host_str().unwrap_or_default()
    }

    /// The origin as browsers send it.
    pub fn origin_text(&self) -> String {
        self.origin.origin().ascii_serialization()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, ConfigError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Config::read(file.path())
    }

    #[test]
    fn a_wrong_line_is_named() {
        let good = "data = \"/d\"\norigin = \"https://urzad.example.pl\"\n[public]\nlisten = [\"127.0.0.1:1\"]\ncertificate = \"c\"\nkey = \"k\"\n";
        let config = read(good).unwrap();
        assert_eq!(
            (config.host(), config.origin_text().as_str()),
            ("urzad.example.pl", "https://urzad.example.pl")
        );
        for (from, to, says) in [
            ("listen", "lisen", "lisen"),
            ("https://urzad.example.pl", "http://urzad.example.pl", "origin must be https"),
            ("127.0.0.1:1", "here", "listen"),
            ("[public]", "workers = 0\n[public]", "workers must be"),
        ] {
            let message = read(&good.replace(from, to)).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
