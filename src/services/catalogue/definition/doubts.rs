//! What in a definition nobody could confirm: every `unverified` of the file, with the place it stands in.
//!
//! One list for all pages of the staff, so that a new kind of mark cannot be forgotten on one of them: whoever
//! adds an `unverified` to the file format adds it here. What is certain is not listed.

use super::{Definition, Mark, Ruleset, Text};

/// What a doubt is about, in the order in which the page shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    LegalBasis,
    Ruleset,
    Term,
    Threshold,
    Fee,
    Field,
    OneOf,
    Prompt,
    Document,
}

impl About {
    /// The heading of its group.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            About::LegalBasis => "catalogue-doubts-law",
            About::Ruleset => "catalogue-doubts-ruleset",
            About::Term => "catalogue-doubts-term",
            About::Threshold => "catalogue-doubts-threshold",
            About::Fee => "catalogue-doubts-fee",
            About::Field => "catalogue-doubts-field",
            About::OneOf => "catalogue-doubts-one-of",
            About::Prompt => "catalogue-doubts-prompt",
            About::Document => "catalogue-doubts-document",
        }
    }
}

/// One thing that is not certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt<'a> {
    pub about: About,
    /// Its name in the file.
    pub id: String,
    /// Its name for people, if it has one.
    pub name: Option<&'a Text>,
    pub basis: &'a str,
    pub mark: Option<Mark>,
    /// What is not certain, and why it stands there all the same.
    pub unverified: &'a str,
}

impl Mark {
    /// How sure we are, as the fact sheets write it.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Mark::S => "S",
            Mark::P => "P",
            Mark::I => "I",
            Mark::K => "K",
        }
    }
}

impl Definition {
    /// Everything that carries an `unverified`, by what it is about and then in the order of the file.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt<'_>> {
        let cites = self.legal_basis.iter().filter_map(|cite| {
            let mut doubt =
                doubt(About::LegalBasis, "", &cite.text, cite.mark, cite.unverified.as_ref())?;
            doubt.name = cite.about.as_ref();
            Some(doubt)
        });
        let fees = self.fees.iter().filter_map(|fee| {
            Some(
                doubt(About::Fee, &fee.id, &fee.basis, fee.mark, fee.unverified.as_ref())?
                    .named(&fee.name),
            )
        });
        let fields = self.fields().filter_map(|(id, field)| {
            Some(Doubt {
                about: About::Field,
                id,
                name: Some(&field.label),
                basis: field.source.as_deref().unwrap_or_default(),
                mark: field.mark,
                unverified: field.unverified.as_deref()?,
            })
        });
        let one_of = self.one_of.iter().filter_map(|one| {
            let said = one.unverified.as_ref();
            Some(doubt(About::OneOf, &one.id, &one.source, one.mark, said)?.named(&one.missing))
        });
        let prompts = self.prompts.iter().filter_map(|it| {
            let said = it.unverified.as_ref();
            Some(doubt(About::Prompt, &it.id, &it.source, it.mark, said)?.named(&it.text))
        });
        let documents = self.documents.iter().filter_map(|it| {
            let said = it.unverified.as_ref();
            Some(doubt(About::Document, &it.id, &it.basis, it.mark, said)?.named(&it.name))
        });
        let mut found: Vec<Doubt<'_>> =
            self.rulesets.iter().flat_map(Ruleset::doubts).chain(cites).collect();
        found.extend(fees.chain(fields).chain(one_of).chain(prompts).chain(documents));
        // Stable: within a group the order of the file stays.
        found.sort_by_key(|doubt| doubt.about);
        found
    }
}

impl Ruleset {
    /// What is not certain about these rules: themselves, their terms and their thresholds.
    fn doubts(&self) -> Vec<Doubt<'_>> {
        let own = self.unverified.as_deref().map(|unverified| Doubt {
            about: About::Ruleset,
            id: self.id.clone(),
            name: None,
            basis: &self.source,
            mark: None,
            unverified,
        });
        let id = |name: &str| format!("{}.{name}", self.id);
        let terms = self.terms.iter().filter_map(|(name, rule)| {
            let doubt =
                doubt(About::Term, &id(name), &rule.basis, rule.mark, rule.unverified.as_ref())?;
            Some(doubt.named(&rule.name))
        });
        let thresholds = self.threshold.iter().filter_map(|over| {
            let doubt = doubt(
                About::Threshold,
                &id(&over.id),
                &over.basis,
                over.mark,
                over.unverified.as_ref(),
            )?;
            Some(doubt.named(&over.name))
        });
        own.into_iter().chain(terms).chain(thresholds).collect()
    }
}

impl<'a> Doubt<'a> {
    fn named(self, name: &'a Text) -> Doubt<'a> {
        Doubt { name: Some(name), ..self }
    }
}

fn doubt<'a>(
    about: About,
    id: &str,
    basis: &'a str,
    mark: Mark,
    unverified: Option<&'a String>,
) -> Option<Doubt<'a>> {
    let unverified = unverified?;
    Some(Doubt { about, id: id.to_owned(), name: None, basis, mark: Some(mark), unverified })
}
