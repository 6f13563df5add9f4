//! What each act asks the clerk, and the command that the answers make.
//!
//! Questions and reading stand side by side so that they cannot drift apart; whether the command is allowed is
//! for the rules to say.

use std::collections::BTreeMap;

use super::{aside, offer::Bench, reader::Reader, verbs::Verb};
use crate::{
    services::{
        catalogue::{Definition, Level},
        trees::{
            Cause, Channel, Command, Finality, Finding, Ground, Inspection, ObjectionAct, Person,
            Signature, Stage, SuspensionGround, Track, TreeStage, common::say,
        },
    },
    web::{
        chrome::Chrome,
        i18n::Markup,
        parts::{Choice, Filled},
    },
};

/// How a question is put.
#[derive(Clone, Debug)]
pub enum AskKind {
    /// No question: a heading over the next ones.
    Heading,
    Date,
    Text,
    Long,
    /// One of a few.
    One(Vec<Choice>),
    /// Any of a few.
    Many(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
    Tick,
    File,
    /// A file that must be a picture.
    Picture,
}

/// One question of a form.
#[derive(Clone, Debug)]
pub struct Ask {
    pub name: String,
    pub kind: AskKind,
    pub label: String,
    pub hint: Markup,
    pub optional: bool,
}

pub const TRACKS: [(&str, Track); 2] = [("element", Track::Element), ("formal", Track::Formal)];
pub const GROUNDS: [(&str, Ground); 6] = [
    ("local-plan", Ground::LocalPlan),
    ("protected-area", Ground::ProtectedArea),
    ("natural-monument", Ground::NaturalMonument),
    ("monument-register", Ground::MonumentRegister),
    ("permit-needed", Ground::PermitNeeded),
    ("not-supplemented", Ground::NotSupplemented),
];
pub const CHANNELS: [(&str, Channel); 6] = [
    ("post", Channel::Post),
    ("ade", Channel::Ade),
    ("hybrid", Channel::Hybrid),
    ("by-hand", Channel::ByHand),
    ("other-operator", Channel::OtherOperator),
    ("portal-account", Channel::PortalAccount),
];
pub const FINALITIES: [(&str, Finality); 3] =
    [("lapse", Finality::Lapse), ("waiver", Finality::Waiver), ("upheld", Finality::Upheld)];
pub const CAUSES: [(&str, Cause); 3] =
    [("under-threshold", Cause::UnderThreshold), ("exempt", Cause::Exempt), ("gone", Cause::Gone)];
pub const SUSPENSIONS: [(&str, SuspensionGround); 2] =
    [("mandatory", SuspensionGround::Mandatory), ("on-request", SuspensionGround::OnRequest)];
/// How a box that was ticked reads among the answers.
const TICKED: &str = "✓";
pub const SIGNATURES: [(&str, Signature); 3] = [
    ("signed", Signature::Signed),
    ("refused", Signature::Refused),
    ("absent", Signature::AbsentAtSigning),
];
/// Most persons that one record of an inspection names.
const PERSONS: usize = 4;

/// Makes questions with the words of one act.
pub(super) struct Asker<'a> {
    pub(super) verb: Verb,
    pub(super) c: &'a Chrome,
}

impl Asker<'_> {
    pub(super) fn ask(&self, name: &str, kind: AskKind) -> Ask {
        let own = format!("trees-ask-{}-{name}", self.verb.word());
        let key = if self.c.texts.has(&own) { own } else { format!("trees-ask-{name}") };
        let (label, hint) = (self.c.plain(&key), self.c.hint(&key));
        Ask { name: name.to_owned(), kind, label, hint, optional: false }
    }

    pub(super) fn one<T: Copy>(
        &self,
        name: &str,
        known: &[(&str, T)],
        words: impl Fn(T) -> Choice,
    ) -> Ask {
        let choices = known
            .iter()
            .map(|(value, meant)| Choice { value: (*value).to_owned(), ..words(*meant) })
            .collect();
        self.ask(name, AskKind::One(choices))
    }

    pub(super) fn said(&self, message: &crate::services::catalogue::Message) -> Choice {
        Choice { label: say(self.c, message), ..Choice::default() }
    }

    fn trees(&self, trees: &[u64]) -> Ask {
        self.ask("trees", AskKind::Many(self.tree_choices(trees)))
    }

    pub(super) fn tree_choices(&self, trees: &[u64]) -> Vec<Choice> {
        let choice = |id: &u64| Choice {
            value: id.to_string(),
            label: self.c.plain1("trees-office-tree", "n", id.to_string()),
            hint: String::new(),
        };
        trees.iter().map(choice).collect()
    }
}

impl Ask {
    pub(super) fn or_not(mut self) -> Ask {
        self.optional = true;
        self
    }
}

/// The questions of an act. `trees` are those it can be done to.
pub fn asks(verb: Verb, bench: &Bench<'_>, trees: &[u64], c: &Chrome) -> Vec<Ask> {
    let by = Asker { verb, c };
    let date = |name: &str| by.ask(name, AskKind::Date);
    let text = |name: &str| by.ask(name, AskKind::Text);
    let long = |name: &str| by.ask(name, AskKind::Long);
    match verb {
        Verb::Take | Verb::Accept | Verb::Lapse => Vec::new(),
        Verb::Number => vec![text("number")],
        Verb::Incoming => vec![text("incoming")],
        Verb::Check | Verb::AddParty | Verb::StrikeParty | Verb::Photo => {
            aside::asks(&by, bench, trees)
        }
        Verb::Call => vec![
            by.one("track", &TRACKS, |track| by.said(&track.message())),
            by.ask("missing", AskKind::Many(statutory(bench.definition, c))).or_not(),
            long("missing-other").or_not(),
            date("issued"),
        ],
        Verb::CallServed => vec![date("served")],
        Verb::Supplement => vec![date("sent"), date("received")],
        Verb::Forward => vec![text("to"), long("reason"), date("on")],
        Verb::Refuse => vec![long("reason"), date("on")],
        Verb::Plan => vec![date("on"), date("served")],
        Verb::Inspect => inspection(&by, bench, trees),
        Verb::Object => vec![
            by.trees(trees),
            by.one("ground", &grounds(bench), |ground| Choice {
                hint: aside::ground_hint(c, bench, ground),
                ..by.said(&ground.message())
            }),
            date("signed"),
            text("signatory"),
            date("dispatched"),
            by.one("channel", &CHANNELS, |channel| by.said(&channel.message())),
            text("evidence"),
            long("doubt").or_not(),
        ],
        Verb::ObjectionServed => vec![by.trees(trees), date("served")],
        Verb::Appeal => vec![by.trees(trees), date("sent"), date("received")],
        Verb::Remand => vec![by.trees(trees), date("arrived")],
        Verb::Quash => vec![by.trees(trees), date("on")],
        Verb::Final => vec![
            by.trees(trees),
            by.one("how", &FINALITIES, |how| by.said(&how.message())),
            date("on"),
        ],
        Verb::Certify => vec![
            by.trees(trees),
            date("on"),
            by.ask("requested", AskKind::Tick),
            text("fee-proof").or_not(),
        ],
        Verb::Register => vec![date("through")],
        Verb::Silence | Verb::Expiry => vec![by.trees(trees)],
        Verb::Discontinue => vec![
            by.trees(trees),
            by.one("cause", &CAUSES, |cause| by.said(&cause.message())),
            long("remark").or_not(),
            date("on"),
        ],
        Verb::Suspend => {
            vec![by.one("ground", &SUSPENSIONS, |ground| by.said(&ground.message())), date("on")]
        }
        Verb::Resume => vec![date("on")],
        Verb::Letter => vec![
            by.ask("document", AskKind::Select(papers(bench.definition, c))),
            by.ask("file", AskKind::File),
        ],
        Verb::Message => vec![long("text")],
    }
}

/// After a notice that was not completed there is one ground, and otherwise never that one.
fn grounds(bench: &Bench<'_>) -> Vec<(&'static str, Ground)> {
    let unsupplemented = bench.state().stage == Stage::ObjectionDue;
    let fits = |(_, ground): &&(&'static str, Ground)| {
        (*ground == Ground::NotSupplemented) == unsupplemented
    };
    GROUNDS.iter().filter(fits).copied().collect()
}

/// What the statute or the code demands of a notice, as choices; the marks stay visible to staff.
pub fn statutory(definition: &Definition, c: &Chrome) -> Vec<Choice> {
    let lang = c.lang.code();
    let fields = definition
        .fields()
        .filter(|(_, field)| matches!(field.required, Level::S | Level::K))
        .map(|(name, field)| Choice {
            value: name,
            label: field.label.wording(lang).text,
            hint: field.source.clone().unwrap_or_default(),
        });
    let several = definition.one_of.iter().map(|one| Choice {
        value: one.id.clone(),
        label: one.missing.wording(lang).text,
        hint: one.source.clone(),
    });
    fields.chain(several).collect()
}

/// What a call named, in words: the question's label, or the clerk's own words.
pub fn missing_words(definition: &Definition, c: &Chrome, key: &str) -> String {
    let known = statutory(definition, c).into_iter().find(|choice| choice.value == key);
    known.map_or_else(|| key.to_owned(), |choice| choice.label)
}

fn papers(definition: &Definition, c: &Chrome) -> Vec<Choice> {
    let lang = c.lang.code();
    let choice = |document: &crate::services::catalogue::Document| Choice {
        value: document.id.clone(),
        label: document.name.wording(lang).text,
        hint: String::new(),
    };
    definition.documents.iter().map(choice).collect()
}

fn species(definition: &Definition, c: &Chrome) -> Vec<Choice> {
    let choice = |species: &crate::services::catalogue::Species| Choice {
        value: species.id.clone(),
        label: species.name.wording(c.lang.code()).text,
        hint: String::new(),
    };
    definition.species.iter().map(choice).collect()
}

fn inspection(by: &Asker<'_>, bench: &Bench<'_>, trees: &[u64]) -> Vec<Ask> {
    let mut asks = vec![
        by.ask("on", AskKind::Date),
        by.ask("place", AskKind::Text),
        by.ask("protocol", AskKind::Text),
        by.ask("file", AskKind::File).or_not(),
    ];
    asks.push(by.ask("persons", AskKind::Heading));
    for n in 1..=PERSONS {
        let numbered = |name: &str, kind: AskKind| {
            let ask = by.ask(name, kind);
            let label = format!("{} {n}", ask.label);
            Ask { name: format!("{name}-{n}"), label, optional: n > 1, ..ask }
        };
        let signatures =
            by.one("signature", &SIGNATURES, |signature| by.said(&signature.message()));
        let AskKind::One(choices) = signatures.kind else { continue };
        let reason = Ask { optional: true, ..numbered("unsigned", AskKind::Text) };
        asks.extend([
            numbered("person", AskKind::Text),
            numbered("capacity", AskKind::Text),
            numbered("signature", AskKind::Select(choices)),
            reason,
        ]);
    }
    let kinds = species(bench.definition, by.c);
    for tree in trees {
        let named = |name: &str, kind| {
            let ask = by.ask(name, kind);
            Ask { name: format!("tree-{tree}-{name}"), ..ask }
        };
        asks.push(Ask {
            name: format!("tree-{tree}"),
            kind: AskKind::Heading,
            label: by.c.plain1("trees-office-tree", "n", tree.to_string()),
            hint: Markup::default(),
            optional: false,
        });
        asks.extend([
            named("skip", AskKind::Tick),
            named("gone", AskKind::Tick),
            named("species", AskKind::Select(kinds.clone())),
            named("stems5", AskKind::Text),
            named("stems130", AskKind::Text).or_not(),
            named("position", AskKind::Text).or_not(),
            named("remarks", AskKind::Long).or_not(),
        ]);
    }
    asks
}

/// What a form begins with: the only possible tree, what the resident wrote of each tree.
pub fn beginning(verb: Verb, bench: &Bench<'_>, trees: &[u64]) -> Filled {
    let mut f = Filled::new();
    if let [only] = trees {
        f.put("trees", only.to_string());
    }
    let answers = &bench.case.answers.0;
    let first = |path: &str| answers.get(path).and_then(|values| values.first()).cloned();
    match verb {
        Verb::Inspect => {
            f.put("place", bench.place());
            for id in trees {
                let at = bench.state().trees.iter().position(|tree| tree.id == *id);
                let at = at.unwrap_or_default();
                f.put(
                    &format!("tree-{id}-species"),
                    first(&format!("trees[{at}].species")).unwrap_or_default(),
                );
            }
        }
        Verb::Number => f.put("number", bench.case.office_number.clone().unwrap_or_default()),
        Verb::Incoming => {
            f.put("incoming", bench.case.incoming_number.clone().unwrap_or_default());
        }
        Verb::Check => put_date(&mut f, "on", bench.today),
        Verb::Certify if first("cert.request").as_deref() == Some("yes") => {
            f.put("requested", "yes");
        }
        _ => {}
    }
    f
}

/// The command that the answers make; `None` where a box is wrong, or where the act is no command.
pub fn command(verb: Verb, r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Command> {
    match verb {
        Verb::Take => Some(Command::Take),
        Verb::Accept => Some(Command::Accept),
        Verb::Lapse => Some(Command::NoteLapse),
        Verb::Call => call(r, bench),
        Verb::CallServed => Some(Command::CallServed { on: r.date("served")? }),
        Verb::Supplement => {
            let (sent_on, received_on) = (r.date("sent"), r.date("received"));
            Some(Command::Supplement { sent_on: sent_on?, received_on: received_on? })
        }
        Verb::Forward => {
            let (to, reason, on) = (r.text("to"), r.long("reason"), r.date("on"));
            Some(Command::Forward { to: to?, reason: reason?, on: on? })
        }
        Verb::Refuse => {
            let (reason, on) = (r.long("reason"), r.date("on"));
            Some(Command::RefuseToOpen { reason: reason?, on: on? })
        }
        Verb::Plan => {
            let (on, served_on) = (r.date("on"), r.date("served"));
            Some(Command::PlanInspection { on: on?, served_on: served_on? })
        }
        Verb::Inspect => inspect(r, bench),
        Verb::Object => object(r),
        Verb::Silence => {
            // An open register is an obstacle the rules name; a day before everything keeps it open.
            let register_closed_through =
                bench.case.register_closed.unwrap_or(jiff::civil::Date::MIN);
            Some(Command::NoteSilence { trees: r.trees()?, register_closed_through })
        }
        Verb::Suspend => {
            let (ground, on) = (r.one("ground", &SUSPENSIONS), r.date("on"));
            Some(Command::Suspend { ground: ground?, on: on? })
        }
        Verb::Resume => Some(Command::Resume { on: r.date("on")? }),
        Verb::Expiry => Some(Command::NoteExpiry { trees: r.trees()? }),
        Verb::ObjectionServed
        | Verb::Appeal
        | Verb::Remand
        | Verb::Quash
        | Verb::Final
        | Verb::Certify
        | Verb::Discontinue => of_trees(verb, r),
        Verb::Check | Verb::AddParty | Verb::StrikeParty | Verb::Photo => {
            aside::command(verb, r, bench)
        }
        Verb::Number | Verb::Incoming | Verb::Register | Verb::Letter | Verb::Message => None,
    }
}

fn of_trees(verb: Verb, r: &mut Reader<'_>) -> Option<Command> {
    let trees = r.trees();
    match verb {
        Verb::ObjectionServed => {
            let on = r.date("served");
            Some(Command::ObjectionServed { trees: trees?, on: on? })
        }
        Verb::Appeal => {
            let (sent_on, received_on) = (r.date("sent"), r.date("received"));
            Some(Command::Appeal { trees: trees?, sent_on: sent_on?, received_on: received_on? })
        }
        Verb::Remand => {
            let files_arrived_on = r.date("arrived");
            Some(Command::Remand { trees: trees?, files_arrived_on: files_arrived_on? })
        }
        Verb::Quash => {
            let on = r.date("on");
            Some(Command::Quash { trees: trees?, on: on? })
        }
        Verb::Final => {
            let (how, on) = (r.one("how", &FINALITIES), r.date("on"));
            Some(Command::MakeFinal { trees: trees?, how: how?, on: on? })
        }
        Verb::Certify => {
            let (on, fee_proof) = (r.date("on"), r.optional("fee-proof"));
            let fee_proof = Some(fee_proof).filter(|proof| !proof.is_empty());
            let requested = r.ticked("requested");
            Some(Command::Certify { trees: trees?, on: on?, requested, fee_proof })
        }
        Verb::Discontinue => {
            let (cause, on) = (r.one("cause", &CAUSES), r.date("on"));
            let remark = r.optional("remark");
            Some(Command::Discontinue { trees: trees?, cause: cause?, remark, on: on? })
        }
        _ => None,
    }
}

fn call(r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Command> {
    let (track, issued_on) = (r.one("track", &TRACKS), r.date("issued"));
    let mut missing = r.many("missing");
    // A value that is no choice would be stored and not be said.
    let known = statutory(bench.definition, r.chrome());
    if missing.iter().any(|value| known.iter().all(|choice| choice.value != *value)) {
        r.wrong("missing", "trees-wrong-choice");
        return None;
    }
    missing.extend(Some(r.optional("missing-other")).filter(|other| !other.is_empty()));
    if missing.is_empty() {
        r.wrong("missing", "trees-wrong-missing");
        return None;
    }
    Some(Command::Call { track: track?, missing, issued_on: issued_on? })
}

fn object(r: &mut Reader<'_>) -> Option<Command> {
    let (trees, ground) = (r.trees(), r.one("ground", &GROUNDS));
    let (signed_on, signatory) = (r.date("signed"), r.text("signatory"));
    let (dispatched_on, channel) = (r.date("dispatched"), r.one("channel", &CHANNELS));
    let evidence = r.text("evidence");
    let doubt = Some(r.optional("doubt")).filter(|doubt| !doubt.is_empty());
    Some(Command::Object(ObjectionAct {
        trees: trees?,
        ground: ground?,
        signed_on: signed_on?,
        dispatched_on: dispatched_on?,
        channel: channel?,
        evidence: evidence?,
        signatory: signatory?,
        doubt,
    }))
}

fn inspect(r: &mut Reader<'_>, bench: &Bench<'_>) -> Option<Command> {
    let (on, place, protocol) = (r.date("on"), r.text("place"), r.text("protocol"));
    let mut persons = Vec::new();
    for n in 1..=PERSONS {
        persons.extend(person(r, n));
    }
    if persons.is_empty() && r.is_empty("person-1") {
        r.wrong("person-1", "trees-wrong-empty");
    }
    let waiting: BTreeMap<u64, ()> = bench
        .state()
        .trees
        .iter()
        .filter(|tree| tree.stage == TreeStage::Noticed)
        .map(|tree| (tree.id, ()))
        .collect();
    let mut findings = Vec::new();
    for id in waiting.into_keys() {
        let name = |part: &str| format!("tree-{id}-{part}");
        if r.ticked(&name("skip")) {
            continue;
        }
        let gone = r.ticked(&name("gone"));
        let (stems_5_mm, stems_130_mm) = (r.stems(&name("stems5")), r.stems(&name("stems130")));
        let species = r.optional(&name("species"));
        if !gone && species.is_empty() {
            r.wrong(&name("species"), "trees-wrong-choice");
        }
        if !gone && stems_5_mm.as_ref().is_some_and(Vec::is_empty) {
            r.wrong(&name("stems5"), "trees-wrong-empty");
        }
        let (remarks, position) = (r.optional(&name("remarks")), r.position(&name("position")));
        if let (Some(stems_5_mm), Some(stems_130_mm)) = (stems_5_mm, stems_130_mm) {
            findings.push(Finding {
                tree: id,
                gone,
                species,
                stems_5_mm,
                stems_130_mm,
                position,
                remarks,
            });
        }
    }
    let act = Inspection { on: on?, place: place?, persons, findings, protocol: protocol? };
    r.is_right().then_some(Command::Inspect(act))
}

/// Who attended, and whether they signed; who did not is explained (KPA 68 § 2).
fn person(r: &mut Reader<'_>, n: usize) -> Option<Person> {
    let named = |part: &str| format!("{part}-{n}");
    let (name, capacity) = (r.optional(&named("person")), r.optional(&named("capacity")));
    if name.is_empty() && capacity.is_empty() {
        return None;
    }
    let signature = r.one(&named("signature"), &SIGNATURES)?;
    let reason = r.optional(&named("unsigned"));
    if signature != Signature::Signed && reason.is_empty() {
        r.wrong(&named("unsigned"), "trees-wrong-unsigned");
        return None;
    }
    Some(Person { name, capacity, signature, reason })
}

/// A day in its three boxes.
pub(super) fn put_date(f: &mut Filled, name: &str, day: jiff::civil::Date) {
    f.put(&format!("{name}-day"), day.day().to_string());
    f.put(&format!("{name}-month"), day.month().to_string());
    f.put(&format!("{name}-year"), day.year().to_string());
}

/// What was entered, in the words of the form: question and answer; a heading has no answer.
pub fn said(asks: &[Ask], f: &Filled) -> Vec<(String, String)> {
    let chosen = |choices: &[Choice], name: &str| {
        let labels = choices.iter().filter(|choice| f.chosen(name, &choice.value));
        labels.map(|choice| choice.label.clone()).collect::<Vec<_>>().join(", ")
    };
    let line = |ask: &Ask| {
        let value = match &ask.kind {
            AskKind::Heading => return Some((ask.label.clone(), String::new())),
            AskKind::File | AskKind::Picture => return None,
            AskKind::Date => {
                let part = |part: &str| f.part(&ask.name, part).trim().to_owned();
                [part("day"), part("month"), part("year")].join(".")
            }
            AskKind::One(choices) | AskKind::Many(choices) | AskKind::Select(choices) => {
                chosen(choices, &ask.name)
            }
            AskKind::Tick => chosen_tick(f, &ask.name),
            AskKind::Text | AskKind::Long => f.value(&ask.name).trim().to_owned(),
        };
        (!value.is_empty()).then(|| (ask.label.clone(), value))
    };
    asks.iter().filter_map(line).collect()
}

fn chosen_tick(f: &Filled, name: &str) -> String {
    if f.value(name) == "yes" { TICKED.to_owned() } else { String::new() }
}

/// The ground that stays in the journal: what was entered, a line each.
pub fn summary(said: &[(String, String)]) -> String {
    const CHARS_MAX: usize = 32_000;
    let line = |(question, answer): &(String, String)| match answer.as_str() {
        "" => format!("{question}:"),
        TICKED => question.clone(),
        answer => format!("{question}: {answer}"),
    };
    let lines: Vec<String> = said.iter().map(line).collect();
    lines.join("\n").chars().take(CHARS_MAX).collect()
}
