//! `ostoja log show`

use std::{collections::BTreeMap, io::Write, ops::RangeInclusive};

use serde_json::{Map as Object, Value as Json, json};

use crate::{
    cli::{
        Exit, Failure, Outcome,
        archive::{Archive, Segment, is_in_use},
        confirmed,
        log::ShowArgs,
    },
    kernel::{
        cbor::{self, Value},
        clock,
        crypto::hex,
        durable::RealDisk,
        identity::people,
        journal::{
            Seq,
            entry::{Header, KIND_BLOB, KIND_WHY},
            frame::Frame,
            verify::{Options, Verdict, verify},
        },
        store::{change::Evidence, record::KindInfo},
    },
};

/// Verdicts of the bodies shown, if they were asked for.
type Verdicts = BTreeMap<(Seq, u32), Verdict>;

pub(super) fn run(args: &ShowArgs, kinds: &[&[KindInfo]], out: &mut dyn Write) -> Outcome {
    let archive = Archive::open(&args.dir)?;
    let range = match args.seq {
        Some(seq) => seq..=seq,
        None => args.from.unwrap_or(0)..=args.to.unwrap_or(Seq::MAX),
    };
    if range.is_empty() {
        return Err(Failure::usage("--from is behind --to; give the first entry, then the last"));
    }
    let verdicts = if args.bodies { verdicts(&archive, &range)? } else { Verdicts::new() };
    let names = kind_names(kinds);
    let mut shown = 0u64;
    for segment in archive.segments(&range) {
        let segment = segment?;
        for frame in segment.frames.iter().filter(|frame| range.contains(&frame.header.seq)) {
            let view = View { args, names: &names, verdicts: &verdicts, segment: &segment, frame };
            if args.json {
                writeln!(out, "{}", view.to_json())?;
            } else {
                view.print(out)?;
            }
            shown += 1;
        }
    }
    match args.seq {
        Some(seq) if shown == 0 => Err(Failure::usage(format!(
            "there is no readable entry {seq} in {}",
            args.dir.display()
        ))),
        _ => Ok(Exit::Ok),
    }
}

fn verdicts(archive: &Archive, range: &RangeInclusive<Seq>) -> Result<Verdicts, Failure> {
    let options =
        Options { verifier: None, in_use: is_in_use(archive.data()), listed: Some(range.clone()) };
    Ok(verify(&RealDisk, archive.data(), &options)?.listed)
}

fn kind_names(kinds: &[&[KindInfo]]) -> BTreeMap<u16, &'static str> {
    let known = [people::KINDS].into_iter().chain(kinds.iter().copied()).flatten();
    let mut names: BTreeMap<u16, &'static str> =
        known.map(|info| (info.kind.number, info.kind.name)).collect();
    names.insert(KIND_WHY, "who-and-why");
    names.insert(KIND_BLOB, "blob");
    names
}

struct View<'a> {
    args: &'a ShowArgs,
    names: &'a BTreeMap<u16, &'static str>,
    verdicts: &'a Verdicts,
    segment: &'a Segment,
    frame: &'a Frame,
}

impl View<'_> {
    fn name(&self, kind: u16) -> &'static str {
        self.names.get(&kind).copied().unwrap_or("unknown")
    }

    /// What was not found to be otherwise opened.
    fn verdict(&self, body: u32) -> Verdict {
        let pair = (self.frame.header.seq, body);
        self.verdicts.get(&pair).copied().unwrap_or(Verdict::Readable)
    }

    fn text(&self, body: u32) -> Option<Json> {
        let text = self.segment.text(self.frame, body)?;
        Some(cbor::decode(&text).map_or_else(|_other| hex(&text).into(), |value| plain(&value)))
    }

    fn evidence(&self) -> Option<Evidence> {
        let is_why = self.frame.header.bodies.first().is_some_and(|body| body.kind == KIND_WHY);
        confirmed::of_why(&self.segment.text(self.frame, 0).filter(|_| is_why)?)
    }

    fn print(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let header = &self.frame.header;
        let staff =
            header.staff.map(|staff| format!("  staff {}", hex(&staff))).unwrap_or_default();
        let count = header.bodies.len();
        let plural = if count == 1 { "body" } else { "bodies" };
        writeln!(
            out,
            "{}  {}  {}  {count} {plural}{staff}",
            header.seq,
            stamp(header.at_ms),
            header.action
        )?;
        for (descriptor, body) in header.bodies.iter().zip(0u32..) {
            if self.args.bodies {
                writeln!(
                    out,
                    "  body {body}: {} (kind {} version {}), {} bytes, {}",
                    self.name(descriptor.kind),
                    descriptor.kind,
                    descriptor.version,
                    descriptor.length,
                    self.verdict(body).name()
                )?;
            }
            if self.args.disclose
                && let Some(text) = self.text(body)
            {
                writeln!(out, "  body {body}: {text}")?;
            }
        }
        if self.args.disclose
            && let Some(evidence) = self.evidence()
        {
            writeln!(out, "  {}", confirmed::line(&evidence))?;
        }
        Ok(())
    }

    fn to_json(&self) -> Json {
        let header = &self.frame.header;
        let mut object = header_json(header);
        object.insert("leaf".to_owned(), hex(&self.frame.leaf).into());
        let bodies = header.bodies.iter().zip(0u32..).map(|(descriptor, body)| {
            let mut shown = json!({
                "body": body,
                "kind": descriptor.kind,
                "name": self.name(descriptor.kind),
                "version": descriptor.version,
                "length": descriptor.length,
                "commitment": hex(&descriptor.commitment),
            });
            if let Some(shown) = shown.as_object_mut() {
                shown.extend(descriptor.detached.map(|it| ("blob".to_owned(), hex(&it).into())));
                if self.args.bodies {
                    shown.insert("verdict".to_owned(), self.verdict(body).name().into());
                }
                if self.args.disclose {
                    shown.extend(self.text(body).map(|text| ("text".to_owned(), text)));
                }
            }
            shown
        });
        object.insert("bodies".to_owned(), bodies.collect::<Vec<_>>().into());
        if self.args.disclose
            && let Some(evidence) = self.evidence()
        {
            object.insert("evidence".to_owned(), confirmed::json(&evidence));
        }
        Json::Object(object)
    }
}

fn header_json(header: &Header) -> Object<String, Json> {
    let mut object = Object::new();
    let mut put = |key: &str, value: Json| object.insert(key.to_owned(), value);
    put("seq", header.seq.into());
    put("at", stamp(header.at_ms).into());
    put("clock", (header.clock as u64).into());
    put("level", header.level.into());
    put("program", hex(&header.program).into());
    put("controller", header.controller.into());
    put("unit", header.unit.into());
    put("action", header.action.clone().into());
    if let Some(staff) = header.staff {
        put("staff", hex(&staff).into());
    }
    if let Some(erasure) = &header.erasure {
        let pairs: Vec<_> = erasure.pairs().map(|(seq, body)| json!([seq, body])).collect();
        put("erasure", json!({ "ground": erasure.ground, "bodies": pairs }));
    }
    if let Some(epoch) = &header.epoch {
        let mut shown = json!({ "number": epoch.number, "origin": epoch.origin });
        if let (Some(shown), Some(restored)) = (shown.as_object_mut(), &epoch.restored) {
            shown.insert("old_checkpoint".to_owned(), restored.old_checkpoint.clone().into());
            shown.insert("lost_from".to_owned(), restored.lost_from.into());
            shown.insert("lost_to".to_owned(), restored.lost_to.into());
        }
        put("epoch", shown);
    }
    if let Some(level) = header.level_up {
        put("new_level", level.into());
    }
    if let Some(done) = header.done {
        put("erasure_done", done.into());
    }
    object
}

fn stamp(at_ms: u64) -> String {
    clock::from_ms(i64::try_from(at_ms).unwrap_or(i64::MAX)).to_string()
}

/// CBOR for people: bytes as hexadecimal digits, map keys as text.
fn plain(value: &Value) -> Json {
    match value {
        Value::Uint(n) => (*n).into(),
        Value::Int(n) => (*n).into(),
        Value::Bytes(bytes) => hex(bytes).into(),
        Value::Text(text) => text.clone().into(),
        Value::Bool(yes) => (*yes).into(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        Value::Map(map) => {
            Json::Object(map.iter().map(|(key, value)| (key.to_string(), plain(value))).collect())
        }
    }
}
