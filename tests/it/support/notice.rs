//! Ways that many tests go: letting oneself in with a key in software, and filing the notice of tree
//! removal, by the pages and forms that anybody would use.

/// What the notice says, as the benchmark says it.
#[path = "../../../src/cli/bench/steps.rs"]
mod steps;

use std::io;

use steps::STEPS;

use super::{
    root,
    soft_key::SoftKey,
    visitor::{Answered, Door, Visitor},
};

/// The photograph with a place in it.
pub fn photo() -> Vec<u8> {
    std::fs::read(root().join("tests/data/uploads/gps.jpg")).unwrap()
}

/// A real document of one page.
pub fn pdf() -> Vec<u8> {
    std::fs::read(root().join("tests/data/uploads/szkic.pdf")).unwrap()
}

fn unexpected(answered: &Answered) -> io::Error {
    io::Error::other(format!("{answered}: {}", answered.text()))
}

impl<D: Door> Visitor<D> {
    /// Opens a page of ours and sends the form that leads to `action` with these values.
    pub fn try_fill(
        &self,
        page: &str,
        action: &str,
        values: &[(&str, &str)],
    ) -> io::Result<Answered> {
        let page = self.try_get(page)?;
        if page.status != 200 {
            return Err(unexpected(&page));
        }
        let form = page.form(action).with(values);
        self.try_post(&form.action, &form.fields)
    }

    /// Registers as a resident, as anybody may, and is logged in.
    pub fn try_register(&self, key: &mut SoftKey, given: &str, family: &str) -> io::Result<()> {
        let names = [("given", given), ("family", family), ("phone", "600 100 200")];
        self.try_enter("/konto/nowe", &names, key)
    }

    /// Comes in by an invitation's code, or as the first administrator by the console's.
    pub fn try_enter_with_code(
        &self,
        door: &str,
        key: &mut SoftKey,
        code: &str,
        given: &str,
        family: &str,
    ) -> io::Result<()> {
        self.try_enter(door, &[("code", code), ("given", given), ("family", family)], key)
    }

    fn try_enter(&self, door: &str, values: &[(&str, &str)], key: &mut SoftKey) -> io::Result<()> {
        let answered = self.try_fill(door, door, values)?;
        if answered.status != 303 {
            return Err(unexpected(&answered));
        }
        let page = self.try_get(answered.location())?;
        let form = page.form(&format!("{door}/klucz/start"));
        self.try_ceremony(&form, key)?.map(|_to| ()).map_err(io::Error::other)
    }

    /// Logs in with a key that is known.
    pub fn try_log_in(&self, key: &mut SoftKey) -> io::Result<()> {
        let page = self.try_get("/logowanie")?;
        self.try_ceremony(&page.form("/logowanie/start"), key)?
            .map(|_to| ())
            .map_err(io::Error::other)
    }

    /// Begins a notice and fills it in, without files or with a photo and a document; gives the
    /// address of the draft.
    pub fn try_draft(&self, with_files: bool) -> io::Result<String> {
        let draft = self.try_begin()?;
        self.try_steps(&draft, with_files)?;
        Ok(draft)
    }

    /// Begins a notice; gives the address of the draft.
    pub fn try_begin(&self) -> io::Result<String> {
        let begin = "/sprawy/srod-drzewa-zgl/nowa";
        let begun = self.try_fill(begin, begin, &[])?;
        match begun.location().rsplit_once('/') {
            Some((draft, _)) => Ok(draft.to_owned()),
            None => Err(unexpected(&begun)),
        }
    }

    /// Fills a draft in. Doing it again changes nothing.
    pub fn try_steps(&self, draft: &str, with_files: bool) -> io::Result<()> {
        for (step, values) in STEPS {
            let path = format!("{draft}/{step}");
            let page = self.try_get(&path)?;
            if page.status != 200 {
                return Err(unexpected(&page));
            }
            let mut form = page.form(&path).with(values);
            let answered = if step == "rysunek" && with_files {
                let (photo, pdf) = (photo(), pdf());
                let files = [
                    ("sketch", "szkic.pdf", "application/pdf", pdf.as_slice()),
                    ("photos", "dąb.jpg", "image/jpeg", photo.as_slice()),
                ];
                self.try_submit_files(&form, &files)?
            } else {
                // A gap that the law minds is said once and may be left.
                form.fields.push(("skip".to_owned(), "yes".to_owned()));
                self.try_post(&form.action, &form.fields)?
            };
            if answered.status != 303 {
                return Err(unexpected(&answered));
            }
        }
        Ok(())
    }

    /// The form that files a draft by the session, accepting gaps.
    pub fn try_filing_form(&self, draft: &str) -> io::Result<super::Form> {
        let page = self.try_get(&format!("{draft}/sprawdz"))?;
        if page.status != 200 {
            return Err(unexpected(&page));
        }
        Ok(page.form(&format!("{draft}/wyslij")).with(&[("anyway", "yes")]))
    }
}
