//! The host names a listener answers to.
//!
//! Everything else gets 421, so that a page of ours can never be led to believe it has another name
//! (DNS rebinding, poisoned links, open redirects).

use std::collections::BTreeSet;

use http::{HeaderMap, Uri, header, uri::Authority};

use super::Refusal;

/// A configured name that is not a host name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a host name (write it without scheme and port)")]
pub struct BadHostName(String);

/// Host names, lower case, without ports. IPv6 addresses stand in brackets.
#[derive(Clone, Debug, Default)]
pub struct Hosts(BTreeSet<String>);

impl Hosts {
    /// Takes names as they stand in the configuration.
    ///
    /// # Errors
    /// One of them is not a bare host name.
    pub fn new<Name: AsRef<str>>(
        names: impl IntoIterator<Item = Name>,
    ) -> Result<Self, BadHostName> {
        let mut hosts = BTreeSet::new();
        for name in names {
            let name = name.as_ref().to_ascii_lowercase();
            let bare = name.parse::<Authority>().is_ok_and(|authority| authority.host() == name);
            if !bare || name.contains('@') {
                return Err(BadHostName(name));
            }
            hosts.insert(name);
        }
        Ok(Self(hosts))
    }

    /// The names of this very machine, for the demonstration.
    #[must_use]
    pub fn loopback() -> Self {
        Self(["localhost", "127.0.0.1", "[::1]"].into_iter().map(str::to_owned).collect())
    }

    /// The name a request is for, if it is one of ours.
    ///
    /// # Errors
    /// `BadHost` if the request does not say it in one way, `WrongHost` if it says another's.
    pub(super) fn find(&self, uri: &Uri, headers: &HeaderMap) -> Result<&str, Refusal> {
        let mut fields = headers.get_all(header::HOST).iter();
        let field = match (fields.next(), fields.next()) {
            (Some(only), None) => {
                Some(Authority::try_from(only.as_bytes()).map_err(|_malformed| Refusal::BadHost)?)
            }
            (None, _) => None,
            (Some(_), Some(_)) => return Err(Refusal::BadHost),
        };
        let target = uri.authority();
        // An absolute-form target or :authority beside a Host field: both must say the same.
        if let (Some(target), Some(field)) = (target, &field)
            && target != field
        {
            return Err(Refusal::BadHost);
        }
        let authority = target.or(field.as_ref()).ok_or(Refusal::BadHost)?;
        if authority.as_str().contains('@') {
            return Err(Refusal::BadHost);
        }
        let name = authority.host().to_ascii_lowercase();
        self.0.get(&name).map(String::as_str).ok_or(Refusal::WrongHost)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_host_is_found_or_refused() {
        let hosts = Hosts::new(["Urzad.Modrzewie.example", "[::1]"]).unwrap();
        let table: &[(&str, &[&str], Result<&str, Refusal>)] = &[
            ("/", &["urzad.modrzewie.example"], Ok("urzad.modrzewie.example")),
            ("/", &["URZAD.modrzewie.example:8443"], Ok("urzad.modrzewie.example")),
            ("/", &["[::1]:443"], Ok("[::1]")),
            ("https://urzad.modrzewie.example/", &[], Ok("urzad.modrzewie.example")),
            (
                "https://urzad.modrzewie.example/",
                &["urzad.modrzewie.example"],
                Ok("urzad.modrzewie.example"),
            ),
            ("https://other.example/", &["urzad.modrzewie.example"], Err(Refusal::BadHost)),
            ("https://urzad.modrzewie.example/", &["other.example"], Err(Refusal::BadHost)),
            ("https://other.example/", &["other.example"], Err(Refusal::WrongHost)),
            ("/", &[], Err(Refusal::BadHost)),
            ("/", &[""], Err(Refusal::BadHost)),
            ("/", &["a b"], Err(Refusal::BadHost)),
            ("/", &["x@urzad.modrzewie.example"], Err(Refusal::BadHost)),
            ("/", &["urzad.modrzewie.example", "urzad.modrzewie.example"], Err(Refusal::BadHost)),
            ("/", &["urzad.modrzewie.example.evil.example"], Err(Refusal::WrongHost)),
            ("/", &["evil-urzad.modrzewie.example"], Err(Refusal::WrongHost)),
        ];
        for (target, fields, expected) in table {
            let mut headers = HeaderMap::new();
            for field in *fields {
                headers.append(header::HOST, HeaderValue::from_str(field).unwrap());
            }
            assert_eq!(
                hosts.find(&target.parse().unwrap(), &headers),
                *expected,
                "{target} {fields:?}"
            );
        }
    }

    #[test]
    fn a_name_with_port_or_scheme_is_no_host_name() {
        for name in
            ["a.example:443", "https://a.example", "a b", "", "user@a.example", "a.example/x"]
        {
            assert!(Hosts::new([name]).is_err(), "{name}");
        }
    }
}
