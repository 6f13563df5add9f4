//! What came with a request: query, form fields, files. Everything is bounded, and nothing is
//! interpreted here.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::kernel::limits::FILE_BYTES_MAX;

/// Fields of one form; a form of 500 fields passes.
pub const FIELDS_MAX: usize = 2_000;
/// Bytes of one text field.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Form fields in order of their names; a name may have several values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, Vec<String>>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`. `None`: too many fields or too long.
    pub fn parse(bytes: &[u8]) -> Option<Form> {
        let mut form = Form::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            form.add(name.into_owned(), value.into_owned())?;
        }
        Some(form)
    }

    fn add(&mut self, name: String, value: String) -> Option<()> {
        if value.len() > FIELD_BYTES_MAX
            || self.0.values().map(Vec::len).sum::<usize>() >= FIELDS_MAX
        {
            return None;
        }
        self.0.entry(name).or_default().push(value);
        Some(())
    }

    /// The first value of a field, as typed; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", String::as_str)
    }

    /// Whether the field came at all.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// All fields.
    pub fn fields(&self) -> &BTreeMap<String, Vec<String>> {
        &self.0
    }

    /// The content of a submission as bytes, without the fields that change by themselves.
    pub fn content(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, values) in self
            .0
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "form_token" | "submission_key"))
        {
            for value in values {
                for part in [name, value] {
                    out.extend((part.len() as u64).to_le_bytes());
                    out.extend(part.as_bytes());
                }
            }
        }
        out
    }
}

/// One uploaded file.
#[derive(Clone, Debug)]
pub struct Upload {
    pub field: String,
    /// As the browser named it; for display only.
    pub name: String,
    pub bytes: Bytes,
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBody {
    TooLarge,
    Malformed,
}

/// What a body held.
#[derive(Debug, Default)]
pub struct Body {
    pub form: Form,
    pub files: Vec<Upload>,
    pub json: Option<serde_json::Value>,
}

/// Reads a body by its content type.
///
/// # Errors
/// It is too large, or not what its type says.
pub async fn read(content_type: &str, bytes: Bytes) -> Result<Body, BadBody> {
    let mut body = Body::default();
    if let Ok(boundary) = multer::parse_boundary(content_type) {
        return read_multipart(boundary, bytes).await;
    }
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => {
            let json: serde_json::Value =
                serde_json::from_slice(&bytes).map_err(|_spelling| BadBody::Malformed)?;
            if let serde_json::Value::Object(fields) = &json {
                for (name, value) in fields {
                    // A name with several values comes as an array.
                    let values =
                        value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                    for text in values.iter().filter_map(serde_json::Value::as_str) {
                        body.form.add(name.clone(), text.to_owned()).ok_or(BadBody::TooLarge)?;
                    }
                }
            }
            body.json = Some(json);
        }
        "application/x-www-form-urlencoded" => {
            body.form = Form::parse(&bytes).ok_or(BadBody::TooLarge)?;
        }
        _ if bytes.is_empty() => {}
        _ => return Err(BadBody::Malformed),
    }
    Ok(body)
}

async fn read_multipart(boundary: String, bytes: Bytes) -> Result<Body, BadBody> {
    let mut body = Body::default();
    let stream = Once(Some(bytes));
    let mut parts = multer::Multipart::new(stream, boundary);
    while let Some(part) = parts.next_field().await.map_err(|_spelling| BadBody::Malformed)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let content = part.bytes().await.map_err(|_spelling| BadBody::Malformed)?;
        match file {
            None => {
                let text =
                    String::from_utf8(content.to_vec()).map_err(|_encoding| BadBody::Malformed)?;
                body.form.add(name, text).ok_or(BadBody::TooLarge)?;
            }
            // A file field left empty comes as a file without name and bytes.
            Some(file) if file.is_empty() && content.is_empty() => {}
            Some(file) => {
                if content.len() as u64 > FILE_BYTES_MAX * 2 {
                    return Err(BadBody::TooLarge);
                }
                body.files.push(Upload { field: name, name: file, bytes: content });
            }
        }
    }
    Ok(body)
}

/// A stream of one piece: the edge has already bounded and read the body.
struct Once(Option<Bytes>);

impl futures_core::Stream for Once {
    type Item = Result<Bytes, std::convert::Infallible>;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.take().map(Ok))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_keeps_what_was_typed_and_its_content_ignores_the_tokens() {
        let form = Form::parse(b"a=1&a=2&b=%C5%82%C3%B3d%C5%BA+x&form_token=t").unwrap();
        assert_eq!(
            (form.get("a"), form.all("a").len(), form.get("b"), form.get("c")),
            ("1", 2, "łódź x", "")
        );
        assert_eq!(
            form.content(),
            Form::parse(b"b=%C5%82%C3%B3d%C5%BA+x&a=1&a=2&form_token=other").unwrap().content()
        );
        assert_ne!(form.content(), Form::parse(b"a=12&b=%C5%82%C3%B3d%C5%BA+x").unwrap().content());
        assert!(Form::parse("a=1&".repeat(FIELDS_MAX + 1).as_bytes()).is_none());
    }

    #[tokio::test]
    async fn json_gives_the_fields_that_a_form_would() {
        let json = r#"{"a":["1","2"],"b":"x","c":{"d":"e"},"f":[["g"],3]}"#;
        let body = read("application/json", Bytes::from(json)).await.unwrap();
        assert_eq!(body.form, Form::parse(b"a=1&a=2&b=x").unwrap());
    }

    #[tokio::test]
    async fn multipart_gives_fields_and_files() {
        let raw = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.pdf\"\r\n\r\n%PDF\r\n--b--\r\n";
        let body = read("multipart/form-data; boundary=b", Bytes::from(raw)).await.unwrap();
        assert_eq!(
            (body.form.get("x"), body.files.len(), body.files[0].name.as_str()),
            ("1", 1, "a.pdf")
        );
        assert_eq!(
            read("multipart/form-data; boundary=b", Bytes::from("--b\r\n")).await.unwrap_err(),
            BadBody::Malformed
        );
    }
}
