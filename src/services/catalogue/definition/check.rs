//! The checks a definition must pass beyond its syntax.
//!
//! Each fault says where and why; the line is that of the nearest `id` in the file.

use std::collections::BTreeSet;

use super::{
    Condition, Definition, DefinitionError, Field, Group, Item, Kind, Level, Mark, Ruleset, Step,
    Test, Text,
};

/// More than any form for people needs; a larger number in a file is a slip.
const ITEMS_MAX: u16 = 100;

pub(super) fn faults(definition: &Definition, source: &str) -> Vec<DefinitionError> {
    let mut check = Check { definition, source, found: Vec::new() };
    check.head();
    check.rulesets();
    check.lists();
    for step in &definition.steps {
        check.step(step);
    }
    check.combinations();
    check.found
}

struct Check<'a> {
    definition: &'a Definition,
    source: &'a str,
    found: Vec<DefinitionError>,
}

impl Check<'_> {
    /// `near` is the id whose line is reported.
    fn fault(&mut self, near: &str, place: impl Into<String>, reason: impl Into<String>) {
        let quoted = format!("\"{near}\"");
        let names_it = |line: &str| {
            let bare = line.trim_start_matches(['{', ' ']);
            let id = bare.strip_prefix("id").and_then(|rest| rest.trim_start().strip_prefix('='));
            id.is_some_and(|value| value.trim_start().starts_with(&quoted))
                || bare == format!("[ruleset.terms.{near}]")
        };
        let line = self.source.lines().position(names_it).map_or(0, |place| place + 1);
        self.found.push(DefinitionError { line, place: place.into(), reason: reason.into() });
    }

    fn require(&mut self, holds: bool, near: &str, place: &str, reason: &str) {
        if !holds {
            self.fault(near, place, reason);
        }
    }

    fn text(&mut self, near: &str, place: &str, text: &Text) {
        let blank = |text: &String| text.trim().is_empty();
        if blank(&text.pl)
            || text.en.as_ref().is_some_and(blank)
            || text.uk.as_ref().is_some_and(blank)
        {
            self.fault(near, place, "a text is empty");
        }
    }

    /// A statement that nobody read in the law says why it stands there all the same.
    fn founded(
        &mut self,
        near: &str,
        place: &str,
        basis: &str,
        mark: Mark,
        unverified: Option<&String>,
    ) {
        self.require(!basis.trim().is_empty(), near, place, "the basis is empty");
        let reason = unverified.is_some_and(|reason| !reason.trim().is_empty());
        self.require(
            mark == Mark::S || reason,
            near,
            place,
            "a mark other than S needs `unverified` with the reason",
        );
    }

    fn unique(&mut self, place: &str, ids: Vec<&str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.fault(id, format!("{place}[{id}]"), "the id occurs twice");
            }
        }
    }

    fn head(&mut self) {
        let definition = self.definition;
        let id = definition.id.as_str();
        self.require(is_slug(id), id, "id", "only a-z, 0-9 and hyphens");
        self.require(definition.version > 0, id, "version", "starts at 1");
        for (place, text) in [
            ("name", &definition.name),
            ("summary", &definition.summary),
            ("authority", &definition.authority),
            ("start.who", &definition.start.who),
            ("start.how_long", &definition.start.how_long),
            ("start.cost", &definition.start.cost),
        ] {
            self.text(id, place, text);
        }
        let start = &definition.start;
        for text in start.not_who.iter().chain(&start.have_ready).chain(&start.after) {
            self.text(id, "start", text);
        }
        self.require(
            !definition.legal_basis.is_empty(),
            id,
            "legal_basis",
            "a matter without a basis is not published",
        );
        for cite in &definition.legal_basis {
            self.founded(id, "legal_basis", &cite.text, cite.mark, cite.unverified.as_ref());
        }
        self.require(!definition.rulesets.is_empty(), id, "ruleset", "at least one is needed");
        self.require(!definition.steps.is_empty(), id, "step", "at least one is needed");
    }

    fn rulesets(&mut self) {
        let definition = self.definition;
        self.unique(
            "ruleset",
            definition.rulesets.iter().map(|ruleset| ruleset.id.as_str()).collect(),
        );
        for pair in definition.rulesets.windows(2) {
            if let [first, second] = pair
                && first.valid_to.is_none_or(|last| second.valid_from <= last)
            {
                let place = format!("ruleset[{}].valid_from", second.id);
                self.fault(
                    &second.id,
                    place,
                    format!("overlaps with {} or is out of order", first.id),
                );
            }
        }
        for ruleset in &definition.rulesets {
            self.ruleset(ruleset);
        }
    }

    fn ruleset(&mut self, ruleset: &Ruleset) {
        let place = format!("ruleset[{}]", ruleset.id);
        self.require(is_slug(&ruleset.id), &ruleset.id, &place, "only a-z, 0-9 and hyphens");
        let ordered = ruleset.valid_to.is_none_or(|last| ruleset.valid_from <= last);
        self.require(ordered, &ruleset.id, &place, "valid_to is before valid_from");
        self.require(!ruleset.source.trim().is_empty(), &ruleset.id, &place, "the source is empty");
        for (name, rule) in &ruleset.terms {
            let place = format!("{place}.terms.{name}");
            self.text(name, &place, &rule.name);
            self.require(rule.term.amount() > 0, name, &place, "a term of zero");
            self.founded(name, &place, &rule.basis, rule.mark, rule.unverified.as_ref());
            let falling = rule
                .alarms
                .windows(2)
                .all(|pair| matches!(pair, [first, second] if first > second));
            self.require(falling, name, &place, "alarms must fall, each once");
        }
        self.unique(
            &format!("{place}.threshold"),
            ruleset.threshold.iter().map(|threshold| threshold.id.as_str()).collect(),
        );
        for threshold in &ruleset.threshold {
            let place = format!("{place}.threshold[{}]", threshold.id);
            self.text(&threshold.id, &place, &threshold.name);
            self.require(threshold.over_mm > 0, &threshold.id, &place, "a limit of zero");
            self.founded(
                &threshold.id,
                &place,
                &threshold.basis,
                threshold.mark,
                threshold.unverified.as_ref(),
            );
        }
        let species = self
            .definition
            .species
            .iter()
            .map(|species| (species.id.as_str(), species.group.as_str()));
        let unknown =
            ruleset.unknown_group.iter().map(|group| (ruleset.id.as_str(), group.as_str()));
        for (near, group) in species.chain(unknown) {
            if ruleset.over_mm(Some(group)).is_none() {
                self.fault(
                    near,
                    format!("{place}.threshold"),
                    format!("there is no group {group}"),
                );
            }
        }
    }

    fn lists(&mut self) {
        let definition = self.definition;
        for fee in &definition.fees {
            let place = format!("fee[{}]", fee.id);
            self.text(&fee.id, &place, &fee.name);
            self.founded(&fee.id, &place, &fee.basis, fee.mark, fee.unverified.as_ref());
            let same = definition
                .fees
                .iter()
                .filter(|other| (&other.id, other.valid_from) == (&fee.id, fee.valid_from));
            self.require(same.count() == 1, &fee.id, &place, "two amounts from the same day");
        }
        self.unique(
            "species",
            definition.species.iter().map(|species| species.id.as_str()).collect(),
        );
        for species in &definition.species {
            let place = format!("species[{}]", species.id);
            self.require(is_slug(&species.id), &species.id, &place, "only a-z, 0-9 and hyphens");
            self.text(&species.id, &place, &species.name);
        }
        self.unique(
            "document",
            definition.documents.iter().map(|document| document.id.as_str()).collect(),
        );
        for document in &definition.documents {
            let place = format!("document[{}]", document.id);
            self.text(&document.id, &place, &document.name);
            self.founded(
                &document.id,
                &place,
                &document.basis,
                document.mark,
                document.unverified.as_ref(),
            );
        }
        self.unique(
            "question",
            definition.questions.iter().map(|question| question.id.as_str()).collect(),
        );
        self.unique("step", definition.steps.iter().map(|step| step.id.as_str()).collect());
        let names: Vec<String> = definition.fields().map(|(name, _)| name).collect();
        self.unique("field", names.iter().map(String::as_str).collect());
    }

    fn step(&mut self, step: &Step) {
        let place = format!("step[{}]", step.id);
        self.require(is_slug(&step.id), &step.id, &place, "only a-z, 0-9 and hyphens");
        self.text(&step.id, &place, &step.title);
        self.conditions(&step.id, &place, &step.when, None);
        self.require(step.items().count() > 0, &step.id, &place, "the step asks nothing");
        for item in step.items() {
            match item {
                Item::Field(field) => self.field(&place, field, None),
                Item::Group(group) => self.group(&place, group),
            }
        }
    }

    fn group(&mut self, place: &str, group: &Group) {
        let place = format!("{place}.group[{}]", group.id);
        self.require(
            is_field_id(&group.id),
            &group.id,
            &place,
            "only a-z, 0-9, underscore and dot",
        );
        for text in [&group.title, &group.item, &group.add] {
            self.text(&group.id, &place, text);
        }
        let range = group.min <= group.max && (1..=ITEMS_MAX).contains(&group.max);
        self.require(range, &group.id, &place, "min and max must be a range of 0 to 100");
        self.conditions(&group.id, &place, &group.when, None);
        self.require(!group.fields.is_empty(), &group.id, &place, "the group asks nothing");
        for field in &group.fields {
            self.field(&place, field, Some(&group.id));
        }
    }

    fn field(&mut self, place: &str, field: &Field, group: Option<&str>) {
        let place = format!("{place}.field[{}]", field.id);
        let near = field.id.as_str();
        self.require(is_field_id(near), near, &place, "only a-z, 0-9, underscore and dot");
        self.text(near, &place, &field.label);
        if let Some(hint) = &field.hint {
            self.text(near, &place, hint);
        }
        let sourced = field.source.as_ref().is_some_and(|source| !source.trim().is_empty())
            && field.mark.is_some();
        let free = field.required == Level::O && field.source.is_none() && field.mark.is_none();
        self.require(
            sourced || free,
            near,
            &place,
            "a question needs `source` and `mark`; only an optional one may lack both",
        );
        if let (Some(source), Some(mark)) = (&field.source, field.mark) {
            self.founded(near, &place, source, mark, field.unverified.as_ref());
        }
        self.parameters(&place, field);
        self.conditions(near, &place, &field.when, group);
        let mut values = BTreeSet::new();
        for choice in &field.choices {
            self.text(near, &place, &choice.label);
            self.require(
                is_slug(&choice.value),
                near,
                &place,
                "a choice value has only a-z, 0-9 and hyphens",
            );
            self.require(values.insert(&choice.value), near, &place, "a choice occurs twice");
        }
    }

    /// Each kind has the parameters it needs and none that it would ignore.
    fn parameters(&mut self, place: &str, field: &Field) {
        let kind = field.kind;
        let is = |kinds: &[Kind]| kinds.contains(&kind);
        let texts = is(&[Kind::Text, Kind::Longtext]);
        let lists = is(&[Kind::Choice, Kind::Choices]);
        let numbers = kind == Kind::Number;
        let files = kind == Kind::File;
        let chosen = !field.choices.is_empty() || field.choices_from.is_some();
        for (given, wanted, name) in [
            (field.max_chars.is_some(), Some(texts), "max_chars"),
            (field.format.is_some(), (kind != Kind::Text).then_some(false), "format"),
            (field.min.is_some() && field.max.is_some(), Some(numbers), "min and max"),
            (field.decimals > 0, (!numbers).then_some(false), "decimals"),
            (chosen, Some(lists), "choices or choices_from"),
            (
                !field.choices.is_empty() && field.choices_from.is_some(),
                Some(false),
                "choices beside choices_from",
            ),
            (!field.accept.is_empty(), Some(files), "accept"),
            (field.max_bytes.is_some(), Some(files), "max_bytes"),
            (field.many.is_some(), (!numbers && !files).then_some(false), "many"),
            (field.many == Some(0), Some(false), "many = 0"),
            (field.dictionary.is_some(), (kind != Kind::Parcel).then_some(false), "dictionary"),
            (
                field.days_from.is_some() || field.days_to.is_some(),
                (kind != Kind::Date).then_some(false),
                "days_from/to",
            ),
            (field.decimals > 3, Some(false), "more than 3 decimals"),
        ] {
            if wanted.is_some_and(|wanted| wanted != given) {
                let reason = if given {
                    format!("{name}: not for this kind")
                } else {
                    format!("{name}: missing")
                };
                self.fault(&field.id, place, reason);
            }
        }
        let ordered = field.min.zip(field.max).is_none_or(|(min, max)| min <= max);
        self.require(ordered, &field.id, place, "min is greater than max");
        let ordered = field.days_from.zip(field.days_to).is_none_or(|(from, to)| from <= to);
        self.require(ordered, &field.id, place, "days_from is greater than days_to");
    }

    /// `inside` is the group in which the condition stands: it may look at that group and outside, not at others.
    fn conditions(
        &mut self,
        near: &str,
        place: &str,
        conditions: &[Condition],
        inside: Option<&str>,
    ) {
        for condition in conditions {
            let Some(field) = self.definition.field(&condition.field) else {
                self.fault(
                    near,
                    place,
                    format!("`when` names the unknown question {}", condition.field),
                );
                continue;
            };
            let reachable = condition.group().is_none_or(|group| inside == Some(group));
            self.require(reachable, near, place, "`when` looks into another group");
            let exactly_one = condition.is.is_empty() != condition.test.is_none();
            self.require(exactly_one, near, place, "`when` needs either `is` or `test`");
            let known = |value: &String| match field.kind {
                Kind::Yesno => value == "yes" || value == "no",
                Kind::Tick => value == "yes",
                Kind::Choice | Kind::Choices => {
                    field.choices.iter().any(|choice| choice.value == *value)
                        || (field.choices_from.is_some()
                            && self.definition.species(value).is_some())
                }
                _ => false,
            };
            let all_known = condition.is.iter().all(known);
            self.require(
                all_known,
                near,
                place,
                "`when` names a value that the question does not offer",
            );
            let sized = condition.test != Some(Test::UnderThreshold) || field.kind == Kind::Number;
            self.require(sized, near, place, "under-threshold needs a question about numbers");
        }
    }

    fn combinations(&mut self) {
        let definition = self.definition;
        self.unique("one_of", definition.one_of.iter().map(|one| one.id.as_str()).collect());
        for one in &definition.one_of {
            let place = format!("one_of[{}]", one.id);
            self.text(&one.id, &place, &one.missing);
            self.founded(&one.id, &place, &one.source, one.mark, one.unverified.as_ref());
            self.require(
                definition.step(&one.step).is_some(),
                &one.id,
                &place,
                "there is no such step",
            );
            self.require(one.fields.len() > 1, &one.id, &place, "one of one is no choice");
            for name in &one.fields {
                let known = definition.field(name).is_some();
                self.require(known, &one.id, &place, "names an unknown question");
            }
        }
        self.unique("prompt", definition.prompts.iter().map(|prompt| prompt.id.as_str()).collect());
        for prompt in &definition.prompts {
            let place = format!("prompt[{}]", prompt.id);
            self.text(&prompt.id, &place, &prompt.text);
            self.founded(
                &prompt.id,
                &place,
                &prompt.source,
                prompt.mark,
                prompt.unverified.as_ref(),
            );
            self.require(
                !prompt.when.is_empty(),
                &prompt.id,
                &place,
                "a prompt without `when` would always speak",
            );
            let groups: BTreeSet<&str> = prompt.when.iter().filter_map(Condition::group).collect();
            self.require(groups.len() <= 1, &prompt.id, &place, "`when` looks into two groups");
            self.conditions(&prompt.id, &place, &prompt.when, groups.first().copied());
        }
    }
}

fn is_slug(id: &str) -> bool {
    !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_field_id(id: &str) -> bool {
    !id.is_empty()
        && id.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.'
        })
}
