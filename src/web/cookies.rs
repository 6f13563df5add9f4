//! Cookies: the session, and how pages look. All of them `__Host-`: secure, this host only.

/// The session's token.
pub const SESSION: &str = "__Host-sesja";
/// Language and theme; no secret.
pub const LOOK: &str = "__Host-wyglad";
/// A year: a preference, not a trace.
const LOOK_SECONDS: u32 = 365 * 24 * 3600;

/// The value of a cookie in a `Cookie` header.
pub fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Sets the session; it ends with the browser or when the server says so.
pub fn session(token: &str) -> String {
    format!("{SESSION}={token}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// Removes the session.
pub fn no_session() -> String {
    format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

/// Keeps language and theme.
pub fn look(lang: &str, theme: &str) -> String {
    format!("{LOOK}={lang}.{theme}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LOOK_SECONDS}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let header = "a=1; __Host-sesja=token=x; x__Host-sesja=no";
        assert_eq!(find(header, SESSION), Some("token=x"));
        assert_eq!(find(header, "sesja"), None);
    }
}
