//! What the confirmation is worth without us, and what becomes of a photo.

use std::{io::Cursor, path::Path};

use ostoja::web::cookies;

use super::{Actor, Stage, upload};
use crate::support::{Program, Visitor, Wire, photo, root, tool};

/// The proof in a file is accepted by the program and by the reader, offline, and it is about the files
/// that were sent; with another file, or a byte changed, it is not.
pub fn check_proof(stage: &Stage, file: &Path) {
    let vkey = stage.data().join("log/vkey");
    let attached = [upload("szkic.pdf"), upload("gps.jpg")];
    let program = |file: &Path, more: &[&Path]| {
        let mut arguments: Vec<&Path> =
            vec!["log".as_ref(), "verify-proof".as_ref(), file, "--vkey".as_ref(), &vkey];
        for attachment in more {
            arguments.extend([Path::new("--file"), *attachment]);
        }
        Program::run(&arguments)
    };
    let (out, err, code) = program(file, &[&attached[0], &attached[1]]);
    assert_eq!(code, 0, "{out}{err}");
    assert_ne!(program(file, &[&upload("portrait_1.jpg")]).2, 0, "a file that was never sent");
    let reader = |file: &Path| {
        let script = root().join("tests/tools/journal_reader.py");
        let key = std::fs::read_to_string(&vkey).unwrap();
        let key = Path::new(key.trim());
        tool("python3", &[&script, Path::new("proof"), file, Path::new("--vkey"), key], b"")
    };
    let (said, code) = reader(file);
    assert_eq!(code, 0, "{said}");
    let changed = file.with_extension("changed");
    let text = std::fs::read_to_string(file).unwrap();
    let at = text.find("leaf").or(text.find("header")).unwrap() + 60;
    let mut bytes = text.into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    std::fs::write(&changed, bytes).unwrap();
    assert_ne!(program(&changed, &[]).2, 0, "a changed proof");
    assert_ne!(reader(&changed).1, 0, "a changed proof, for the reader");
}

fn place_in(jpeg: &[u8]) -> bool {
    let read = exif::Reader::new().read_from_container(&mut Cursor::new(jpeg));
    read.is_ok_and(|read| read.get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY).is_some())
}

/// What pages show of the photo does not tell where it was taken; the original does, and is inert.
pub fn check_photo(stage: &Stage, resident: &Actor, case: &str) {
    let visitor = stage.reader(&resident.person);
    let cookies = resident.person.cookies();
    let session = cookies.iter().find(|cookie| cookie["name"] == cookies::SESSION).unwrap();
    assert_eq!(
        (&session["httpOnly"], &session["secure"], session["sameSite"].as_str()),
        (&true.into(), &true.into(), Some("Lax"))
    );
    assert!(place_in(&photo()), "a bad sample");
    let mut originals = 0;
    for n in 0..4 {
        let original = visitor.get(&format!("/moje-sprawy/{case}/pliki/{n}"));
        if original.status != 200 || original.body != photo() {
            continue;
        }
        originals += 1;
        assert!(original.header("content-disposition").starts_with("attachment;"), "{original:?}");
        assert_eq!(original.header("x-content-type-options"), "nosniff");
        assert!(
            original.header("content-security-policy").contains("sandbox"),
            "{}",
            original.header("content-security-policy")
        );
        for shown in ["podglad", "miniatura"] {
            let shown = visitor.get(&format!("/moje-sprawy/{case}/pliki/{n}/{shown}")).expect(200);
            assert!(image::load_from_memory(&shown.body).is_ok(), "{shown}");
            assert!(!place_in(&shown.body), "{shown} tells where it was taken");
        }
    }
    assert_eq!(originals, 1);
    // Nothing else is shown: every picture of the page is such a copy.
    resident.page.goto(&stage.url(&format!("/moje-sprawy/{case}")));
    let pictures = resident.page.eval("[...document.images].map(i => new URL(i.src).pathname)");
    let pictures = pictures.as_array().unwrap();
    assert!(!pictures.is_empty(), "the page shows no picture");
    for picture in pictures {
        let shown = visitor.get(picture.as_str().unwrap()).expect(200);
        assert!(image::load_from_memory(&shown.body).is_ok(), "{picture}");
        assert!(!place_in(&shown.body), "{picture} tells where it was taken");
    }
    // Nobody else sees any of it.
    let stranger = Visitor::new(Wire(stage.port));
    assert_eq!(stranger.get(&format!("/moje-sprawy/{case}/pliki/0")).status, 303);
}
