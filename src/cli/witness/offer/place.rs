//! The address of a witness: scheme, host, port and prefix.

use std::{fmt, str::FromStr};

use http::Uri;

/// Where a witness is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub is_tls: bool,
    /// A name, or an address without brackets.
    pub host: String,
    pub port: u16,
    /// Host and port as they were written, for the request's head.
    pub authority: String,
    /// Path of the request.
    pub path: String,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Place, String> {
        let uri: Uri = text.parse().map_err(|error| format!("it is no address: {error}"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err("it begins with neither https:// nor http://".to_owned()),
        };
        let authority = uri.authority().ok_or("it names no host")?;
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err("a witness has no user, no password and no query in its address".to_owned());
        }
        let host = authority.host();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err("it names no host".to_owned());
        }
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let prefix = uri.path().trim_end_matches('/');
        if prefix.ends_with("/add-checkpoint") {
            return Err("leave /add-checkpoint away, it is added".to_owned());
        }
        Ok(Place {
            is_tls,
            host: host.to_owned(),
            port,
            authority: authority.to_string(),
            path: format!("{prefix}/add-checkpoint"),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_the_request_goes() {
        for (text, host, port, path) in [
            ("https://w.example", "w.example", 443, "/add-checkpoint"),
            ("https://w.example/", "w.example", 443, "/add-checkpoint"),
            ("https://w.example:8443/a/b/", "w.example", 8443, "/a/b/add-checkpoint"),
            ("http://localhost:8091", "localhost", 8091, "/add-checkpoint"),
            ("http://[::1]:8091/w", "::1", 8091, "/w/add-checkpoint"),
        ] {
            let place: Place = text.parse().unwrap();
            assert_eq!((place.host.as_str(), place.port, place.path.as_str()), (host, port, path));
            assert_eq!(place.is_tls, text.starts_with("https"));
        }
        for text in [
            "",
            "w.example",
            "ftp://w.example",
            "https://",
            "https://user@w.example",
            "https://w.example/?a=b",
            "https://w.example/add-checkpoint",
            "https://w example",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
