//! Filing the tree notice over real TLS: the last request alone, which is answered when its entry is durable, and
//! whole matters from the first page to the confirmation, for as long as it is told.

#[path = "steps.rs"]
mod steps;

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use steps::STEPS;

use super::{
    client::{Answer, Client},
    load::{self, Asked},
    memory_mb,
    peer::{Draft, Peer, Prepared, Resident},
    say,
};
use crate::kernel::store::Fault;

const BEGIN: &str = "/sprawy/srod-drzewa-zgl/nowa";
/// Behind it no load waits: it ends when its drafts are used up.
const LONG: Duration = Duration::from_secs(600);
/// A gap that the law minds is said once and may be left.
const SKIP: (&str, &str) = ("skip", "yes");
const REASON: (&str, &str) = ("reason", crate::services::trees::DRAFT_REASON);

/// A form that only has to be sent.
struct Loaded<'a> {
    owner: &'a Resident,
    path: String,
    seen: String,
    key: String,
}

/// Sends of filled-in drafts by 1, 16 and 64 clients, and nothing else.
///
/// # Errors
/// A check page does not come.
pub fn sends(peer: &Peer, prepared: &Prepared) -> Result<(), Fault> {
    let loads = [1usize, 16, 64];
    let share = prepared.drafts.len() / loads.len();
    for (clients, drafts) in loads.into_iter().zip(prepared.drafts.chunks(share.max(1))) {
        let mut reader = peer.connect()?;
        let loaded: Result<Vec<Loaded<'_>>, Fault> =
            drafts.iter().map(|draft| check(&mut reader, prepared, draft)).collect();
        let (loaded, next) = (loaded?, AtomicUsize::new(0));
        let before = load::processor_seconds(&peer.process());
        let connect = |_number| {
            let (mut connection, loaded, next) = (peer.connect()?, &loaded, &next);
            Ok(move || match loaded.get(next.fetch_add(1, Ordering::Relaxed)) {
                None => Ok(Asked::NothingLeft),
                Some(one) => {
                    let asked = Instant::now();
                    send(&mut connection, one)?;
                    Ok(Asked::Answered(asked.elapsed()))
                }
            })
        };
        let what = format!("acknowledged submissions, {clients} clients");
        let (count, _) = load::run(&what, clients, LONG, connect, |_second| {})?;
        let used = load::processor_seconds(&peer.process()) - before;
        indexed(peer, count, used)?;
    }
    Ok(())
}

/// Says how far the index is behind at the last acknowledgement, and what the processor did.
fn indexed(peer: &Peer, count: usize, used: f64) -> Result<(), Fault> {
    let (behind, waited) = (peer.metric("ostoja_index_lag_entries")?, Instant::now());
    while peer.metric("ostoja_index_lag_entries")? > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let each = used * 1e6 / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
    say(format!(
        "  not yet indexed at the last acknowledgement: {behind} entries; all indexed {} ms later; processor time of the daemon: {each:.0} us a submission",
        waited.elapsed().as_millis()
    ));
    Ok(())
}

/// Whole matters: a draft, its eight steps, the check page, the sending. The time that is reported is that of the
/// sending.
///
/// # Errors
/// The metrics do not come.
pub fn matters(peer: &Peer, prepared: &Prepared, seconds: Duration) -> Result<(), Fault> {
    const CLIENTS: usize = 64;
    let (requests, entries) = (AtomicU64::new(0), peer.metric("ostoja_journal_entries")?);
    let before = load::processor_seconds(&peer.process());
    let connect = |number: usize| {
        let owner = prepared
            .residents
            .get(number)
            .ok_or_else(|| Fault::new("fewer residents than clients"))?;
        let (mut connection, requests) = (peer.connect()?, &requests);
        Ok(move || matter(&mut connection, owner, requests))
    };
    let (mut behind_most, mut memory) = (0, Vec::new());
    let every_second = |second: u64| {
        behind_most = behind_most.max(peer.metric("ostoja_index_lag_entries").unwrap_or(u64::MAX));
        if second.is_multiple_of((seconds.as_secs() / 10).max(1)) {
            memory.push(memory_mb(&peer.process()).0.to_string());
        }
    };
    let what = format!("whole matters, {CLIENTS} clients, time of the sending");
    let (count, took) = load::run(&what, CLIENTS, seconds, connect, every_second)?;
    let used = load::processor_seconds(&peer.process()) - before;
    indexed(peer, count, used)?;
    let rate = u128::from(requests.load(Ordering::Relaxed)) * 1_000 / took.as_millis().max(1);
    let made = peer.metric("ostoja_journal_entries")? - entries;
    say(format!(
        "  {rate} requests/s in all; {made} entries written; index behind by {behind_most} entries at most; memory in MB: {}",
        memory.join(", ")
    ));
    Ok(())
}

fn matter(connection: &mut Client, owner: &Resident, requests: &AtomicU64) -> Result<Asked, Fault> {
    let token = ("form_token", owner.form_token.as_str());
    let begun = expect(connection.post(BEGIN, &owner.cookie, &[token])?, 303, BEGIN)?;
    let (draft, _) = begun
        .location
        .rsplit_once('/')
        .ok_or_else(|| Fault::new(format!("a draft begins at {}", begun.location)))?;
    for (step, values) in STEPS {
        let path = format!("{draft}/{step}");
        let own: &[_] = if step == "rysunek" { &[REASON] } else { &[] };
        let fields = [values, own, &[SKIP, token]].concat();
        expect(connection.post(&path, &owner.cookie, &fields)?, 303, &path)?;
    }
    let loaded = read_check(connection, owner, draft)?;
    let asked = Instant::now();
    send(connection, &loaded)?;
    requests.fetch_add(STEPS.len() as u64 + 3, Ordering::Relaxed);
    Ok(Asked::Answered(asked.elapsed()))
}

fn check<'a>(
    connection: &mut Client,
    prepared: &'a Prepared,
    draft: &Draft,
) -> Result<Loaded<'a>, Fault> {
    let owner = prepared.residents.get(draft.owner);
    read_check(connection, owner.ok_or_else(|| Fault::new("a draft of nobody"))?, &draft.path)
}

fn read_check<'a>(
    connection: &mut Client,
    owner: &'a Resident,
    draft: &str,
) -> Result<Loaded<'a>, Fault> {
    let path = format!("{draft}/sprawdz");
    let page = expect(connection.get_plain(&path, &owner.cookie)?, 200, &path)?.text();
    let hidden = |name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    let (Some(seen), Some(key)) = (hidden("seen"), hidden("submission_key")) else {
        return Err(Fault::new(format!("{path} has no form to send")));
    };
    Ok(Loaded { owner, path: format!("{draft}/wyslij"), seen, key })
}

fn send(connection: &mut Client, form: &Loaded<'_>) -> Result<(), Fault> {
    let fields = [
        ("form_token", form.owner.form_token.as_str()),
        ("submission_key", &form.key),
        ("seen", &form.seen),
        ("anyway", "yes"),
    ];
    let answer = connection.post(&form.path, &form.owner.cookie, &fields)?;
    expect(answer, 303, &form.path).map(|_confirmation| ())
}

fn expect(answer: Answer, status: u16, path: &str) -> Result<Answer, Fault> {
    if answer.status == status {
        return Ok(answer);
    }
    Err(Fault::new(format!("{path} answered {}: {}", answer.status, answer.text())))
}
