//! A step of the form as its template prints it: the form engine's view with every sentence said in the reader's
//! language, every box with its id, every kept file with its link. No decisions.

use super::super::common::say;
use super::drafts::{Opened, pictures};
use crate::{
    services::catalogue::{
        ChoiceView, Definition, FieldView, GroupView, Kind, Level, PartView, PromptView, StepView,
        Tone, Upload, Wording,
    },
    web::{
        chrome::{Chrome, Kind as Notice},
        i18n::{Lang, Markup, escape},
    },
};

/// With more choices than this, a list that opens is easier than a column of buttons.
const RADIOS_MAX: usize = 8;

/// One answer of a choice.
pub struct Option {
    pub id: String,
    pub value: String,
    pub label: Markup,
    pub hint: Markup,
    pub chosen: bool,
}

/// One box of an answer.
pub struct Box {
    pub id: String,
    pub name: String,
    pub label: String,
    pub value: String,
    pub error: String,
    pub numeric: bool,
    pub autocomplete: &'static str,
    pub width: &'static str,
    pub optional: bool,
    pub offered: Vec<String>,
}

/// A file that was received.
pub struct Kept {
    pub id: String,
    pub name: String,
    pub bytes: u64,
    /// Address of the small picture; empty for a document.
    pub picture: String,
}

/// How a question is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Long,
    /// Several boxes of one name.
    Numbers,
    Number,
    Radios,
    Select,
    Checks,
    YesNo,
    Tick,
    /// Several boxes of different names: an address, a parcel, a date.
    Parts,
    Date,
    File,
}

/// A question.
pub struct Ask {
    pub id: String,
    pub name: String,
    pub form: Form,
    pub label: Markup,
    pub hint: Markup,
    pub optional: bool,
    pub value: String,
    pub error: String,
    pub warning: String,
    pub options: Vec<Option>,
    pub boxes: Vec<Box>,
    pub unit: String,
    pub autocomplete: String,
    pub inputmode: &'static str,
    pub accept: String,
    pub max_bytes: u64,
    pub many: bool,
    /// More files may come.
    pub open: bool,
    pub kept: Vec<Kept>,
}

/// A remark beside the questions.
pub struct Remark {
    pub kind: Notice,
    pub text: Markup,
}

/// One item of a repeated group.
pub struct Item {
    pub id: String,
    pub heading: Markup,
    pub asks: Vec<Ask>,
    pub remarks: Vec<Remark>,
    /// Value of its remove button.
    pub remove: String,
}

/// A repeated group.
pub struct Group {
    pub id: String,
    pub name: String,
    pub title: Markup,
    pub hint: Markup,
    pub error: String,
    pub items: Vec<Item>,
    pub add: Markup,
    pub can_add: bool,
    pub can_remove: bool,
}

/// A page of questions.
pub struct Asked {
    pub asks: Vec<Ask>,
    pub groups: Vec<Group>,
    pub remarks: Vec<Remark>,
    pub law: Vec<String>,
    pub has_files: bool,
}

impl Ask {
    /// The ids that describe it.
    pub fn described(&self) -> String {
        let ids = [
            (!self.hint.is_empty(), "hint"),
            (!self.error.is_empty(), "error"),
            (!self.warning.is_empty(), "warning"),
        ];
        let ids: Vec<String> = ids
            .into_iter()
            .filter(|(there, _)| *there)
            .map(|(_, what)| format!("f-{}-{what}", self.id))
            .collect();
        ids.join(" ")
    }
}

/// Text of a definition; marked with its language where it is not the page's.
pub fn worded(wording: &Wording, lang: Lang) -> Markup {
    let text = escape(&wording.text);
    if wording.lang == lang.code() {
        Markup::escaped(&wording.text)
    } else {
        Markup::trusted(format!("<span lang=\"{}\">{text}</span>", wording.lang))
    }
}

/// The step for its template.
pub fn asked(c: &Chrome, opened: &Opened, view: &StepView) -> Asked {
    let maker = Maker { c, opened };
    let mut law: Vec<String> = Vec::new();
    let all = view.fields.iter().chain(
        view.groups.iter().flat_map(|group| group.items.iter().flat_map(|item| &item.fields)),
    );
    let prompts = view
        .prompts
        .iter()
        .chain(view.groups.iter().flat_map(|group| group.items.iter().flat_map(|i| &i.prompts)));
    let sources = all
        .filter_map(|field| field.source.clone())
        .chain(view.groups.iter().filter_map(|group| group.source.clone()))
        .chain(prompts.map(|prompt| prompt.source.clone()));
    for source in sources {
        if !law.contains(&source) {
            law.push(source);
        }
    }
    let asks: Vec<Ask> = view.fields.iter().map(|field| maker.ask(field)).collect();
    let groups: Vec<Group> = view.groups.iter().map(|group| maker.group(group)).collect();
    let has_files = asks
        .iter()
        .chain(groups.iter().flat_map(|group| group.items.iter().flat_map(|item| &item.asks)))
        .any(|ask| ask.form == Form::File);
    Asked { asks, groups, remarks: maker.remarks(&view.prompts), law, has_files }
}

struct Maker<'a> {
    c: &'a Chrome,
    opened: &'a Opened,
}

impl Maker<'_> {
    fn text(&self, wording: &Wording) -> Markup {
        worded(wording, self.c.lang)
    }

    fn group(&self, group: &GroupView) -> Group {
        let name = group_name(&self.opened.definition, group);
        let items = group.items.iter().map(|item| Item {
            id: format!("{name}-{}", item.index),
            heading: self.text(&item.heading),
            asks: item.fields.iter().map(|field| self.ask(field)).collect(),
            remarks: self.remarks(&item.prompts),
            remove: format!("{name}.{}", item.index),
        });
        Group {
            id: group.id.clone(),
            title: self.text(&group.title),
            hint: group.hint.as_ref().map(|hint| self.text(hint)).unwrap_or_default(),
            error: group.error.as_ref().map(|error| say(self.c, error)).unwrap_or_default(),
            items: items.collect(),
            add: self.text(&group.add),
            can_add: group.can_add,
            can_remove: group.can_remove,
            name,
        }
    }

    fn remarks(&self, prompts: &[PromptView]) -> Vec<Remark> {
        let remark = |prompt: &PromptView| Remark {
            kind: match prompt.tone {
                Tone::Info => Notice::Info,
                Tone::Warning => Notice::Warning,
            },
            text: self.text(&prompt.text),
        };
        prompts.iter().map(remark).collect()
    }

    fn ask(&self, field: &FieldView) -> Ask {
        let said = |message: &std::option::Option<_>| {
            message.as_ref().map(|message| say(self.c, message)).unwrap_or_default()
        };
        let kept = self.kept(field);
        let several = field.many > 1;
        Ask {
            form: form_of(field),
            label: self.text(&field.label),
            hint: field.hint.as_ref().map(|hint| self.text(hint)).unwrap_or_default(),
            optional: self.is_optional(field),
            value: field.values.first().cloned().unwrap_or_default(),
            error: said(&field.error),
            warning: said(&field.warning),
            options: self.options(field),
            boxes: self.boxes(field),
            unit: field.unit.clone().unwrap_or_default(),
            autocomplete: field.autocomplete.clone().unwrap_or_default(),
            inputmode: if field.kind == Kind::Number { "decimal" } else { "" },
            accept: field.accept.join(","),
            max_bytes: field.max_bytes.unwrap_or(crate::kernel::limits::FILE_BYTES_MAX),
            many: several,
            open: kept.len() < usize::from(field.many),
            kept,
            id: field.id.clone(),
            name: field.path.clone(),
        }
    }

    /// A question that is one of several ways to say the same thing is not called optional.
    fn is_optional(&self, field: &FieldView) -> bool {
        let name = plain_name(&field.path);
        let one_of = self.opened.definition.one_of.iter().any(|one| one.fields.contains(&name));
        // Some labels of definitions say it themselves, in brackets.
        field.required == Level::O
            && !one_of
            && !field.label.text.ends_with(')')
            && !matches!(field.kind, Kind::Tick | Kind::Choices)
    }

    fn options(&self, field: &FieldView) -> Vec<Option> {
        let one = |(at, choice): (usize, &ChoiceView)| Option {
            // The first one has the question's own id: links of the error summary lead to it.
            id: if at == 0 { field.id.clone() } else { format!("{}-{}", field.id, at + 1) },
            value: choice.value.clone(),
            label: self.text(&choice.label),
            hint: choice.hint.as_ref().map(|hint| self.text(hint)).unwrap_or_default(),
            chosen: choice.chosen,
        };
        match field.kind {
            Kind::Yesno => {
                let chosen = |value: &str| field.values.iter().any(|typed| typed.trim() == value);
                let words = [("yes", "ui-yes"), ("no", "ui-no")];
                words
                    .into_iter()
                    .enumerate()
                    .map(|(at, (value, label))| Option {
                        id: if at == 0 { field.id.clone() } else { format!("{}-no", field.id) },
                        value: value.to_owned(),
                        label: self.c.t(label),
                        hint: Markup::default(),
                        chosen: chosen(value),
                    })
                    .collect()
            }
            Kind::Tick => vec![Option {
                id: field.id.clone(),
                value: "yes".to_owned(),
                label: self.text(&field.label),
                hint: Markup::default(),
                chosen: field.values.iter().any(|typed| typed.trim() == "yes"),
            }],
            _ => field.choices.iter().enumerate().map(one).collect(),
        }
    }

    fn boxes(&self, field: &FieldView) -> Vec<Box> {
        if field.kind == Kind::Number && field.many > 1 {
            // One empty box more than there are answers.
            let typed = field.values.iter().filter(|value| !value.trim().is_empty());
            let mut values: Vec<&str> = typed.map(String::as_str).collect();
            if values.len() < usize::from(field.many) {
                values.push("");
            }
            return values
                .into_iter()
                .enumerate()
                .map(|(at, value)| Box {
                    id: if at == 0 { field.id.clone() } else { format!("{}-{}", field.id, at + 1) },
                    name: field.path.clone(),
                    label: self.c.plain1("resident-stem", "n", at + 1),
                    value: value.to_owned(),
                    error: String::new(),
                    numeric: true,
                    autocomplete: "",
                    width: "4",
                    optional: false,
                    offered: Vec::new(),
                })
                .collect();
        }
        field.parts.iter().map(|part| self.part(part)).collect()
    }

    fn part(&self, part: &PartView) -> Box {
        Box {
            id: part.id.clone(),
            name: part.path.clone(),
            label: say(self.c, &part.label),
            value: part.value.clone(),
            error: part.error.as_ref().map(|error| say(self.c, error)).unwrap_or_default(),
            numeric: part.numeric,
            autocomplete: part.autocomplete.unwrap_or_default(),
            width: match part.max_chars {
                0..=2 => "2",
                3..=4 => "4",
                _ if part.path.ends_with(".postcode") || part.path.ends_with(".house") => "10",
                _ if part.path.ends_with(".flat") || part.path.ends_with(".number") => "10",
                _ => "20",
            },
            // Some labels say it themselves, in brackets.
            optional: !part.needed && !say(self.c, &part.label).ends_with(')'),
            offered: part.offered.clone(),
        }
    }

    fn kept(&self, field: &FieldView) -> Vec<Kept> {
        if field.kind != Kind::File {
            return Vec::new();
        }
        let files = &self.opened.draft.files;
        let uploads = field.values.iter().filter_map(|value| Upload::parse(value));
        uploads
            .filter_map(|upload| {
                let file = files.get(&upload.id)?;
                Some(Kept {
                    picture: if file.is_picture {
                        self.opened.path(&format!("pliki/{}", pictures(&upload.id)))
                    } else {
                        String::new()
                    },
                    name: file.name.clone(),
                    bytes: file.bytes,
                    id: upload.id,
                })
            })
            .collect()
    }
}

fn form_of(field: &FieldView) -> Form {
    match field.kind {
        Kind::Text | Kind::Point => Form::Text,
        Kind::Longtext => Form::Long,
        Kind::Number if field.many > 1 => Form::Numbers,
        Kind::Number => Form::Number,
        Kind::Choice if field.choices.len() > RADIOS_MAX => Form::Select,
        Kind::Choice => Form::Radios,
        Kind::Choices => Form::Checks,
        Kind::Yesno => Form::YesNo,
        Kind::Tick => Form::Tick,
        Kind::Address | Kind::Parcel => Form::Parts,
        Kind::Date => Form::Date,
        Kind::File => Form::File,
    }
}

/// The full name of a question without the number of its item: `trees[2].point` as `trees[].point`.
pub fn plain_name(path: &str) -> String {
    match (path.split_once('['), path.split_once(']')) {
        (Some((group, _)), Some((_, rest))) => format!("{group}[]{rest}"),
        _ => path.to_owned(),
    }
}

/// The view names a group by the id of its first item.
fn group_name(definition: &Definition, view: &GroupView) -> String {
    let groups = definition.steps.iter().flat_map(|step| &step.groups);
    let mut named = groups.filter(|group| view.id == format!("{}-0", group.id));
    named.next().map(|group| group.id.clone()).unwrap_or_default()
}
