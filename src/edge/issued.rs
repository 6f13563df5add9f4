//! What the built-in authority has signed, read from its directory. It changes nothing.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{
    certificates::{CertificateError, common_name, revoked, trim},
    peer::hex,
};

/// What a certificate in `issued/` is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    Server,
    Client,
}

/// A certificate that the authority has signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Of the machine; the first host name of a server.
    pub name: String,
    pub purpose: Purpose,
    /// In lower-case hex.
    pub serial: String,
    /// The last second it is valid.
    pub expires: Timestamp,
    /// Stands in `ca.crl`.
    pub revoked: bool,
}

/// Every certificate that the authority has signed, the one that ends first at the front.
///
/// # Errors
/// There is no authority, or one of its files is damaged.
pub fn list(dir: &Path) -> Result<Vec<Listed>, CertificateError> {
    let missing = |source| CertificateError::NoAuthority { dir: dir.to_owned(), source };
    fs::metadata(dir.join("ca.pem")).map_err(missing)?;
    let revoked = revoked(dir)?;
    let issued = dir.join("issued");
    let names = match fs::read_dir(&issued) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names,
    };
    let read = |source| CertificateError::Read { path: issued.clone(), source };
    let mut found = Vec::new();
    for entry in names.map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            found.push(listed(&path, &revoked)?);
        }
    }
    found.sort_by(|one, other| (one.expires, &one.serial).cmp(&(other.expires, &other.serial)));
    Ok(found)
}

fn listed(path: &Path, revoked: &[(Vec<u8>, u64)]) -> Result<Listed, CertificateError> {
    let damaged = || CertificateError::Damaged(path.to_owned());
    let der = CertificateDer::from_pem_file(path).map_err(|_detail| damaged())?;
    let (_, parsed) = X509Certificate::from_der(&der).map_err(|_detail| damaged())?;
    let name = common_name(&parsed).ok_or_else(damaged)?.to_owned();
    let usage = parsed.extended_key_usage().ok().flatten().ok_or_else(damaged)?;
    let purpose = if usage.value.client_auth { Purpose::Client } else { Purpose::Server };
    let expires = Timestamp::from_second(parsed.validity().not_after.timestamp())
        .map_err(|_range| damaged())?;
    let serial = parsed.raw_serial();
    let revoked = revoked.iter().any(|(known, _)| trim(known) == trim(serial));
    Ok(Listed { name, purpose, serial: hex(serial), expires, revoked })
}
