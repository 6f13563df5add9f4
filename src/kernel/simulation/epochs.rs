//! An older copy of the journal was put back, or the log's key is lost: a new epoch, crashed after every
//! operation of the verb and carried on.
//!
//! What must hold: what is there stays as it is; a start refuses until the epoch has begun, and then
//! serves; it begins once, in a segment of its own, and says what was lost; no entry that was lost comes
//! back under the new origin.

use std::{path::Path, sync::Arc};

use crate::kernel::{
    durable::{Disk, write_whole},
    journal::{
        self,
        epoch::{LastSegment, epochs, last_segment},
        tests::crash::STYLES,
    },
    log::{
        checkpoint::Checkpoint,
        keys,
        note::Verifier,
        statement::{Statement, generate_private, read_private, statement_hash},
    },
    simulation::{
        disk::{Moment, Random, SimDisk, State, Style},
        index::{SimIndex, SimShelf, Took},
        model::{Deed, Ledger},
        runs::deed,
        tally::{Tally, run_seeds},
        world::{Rule, World, data, settings},
    },
    store::{
        epoch::{NotBegun, Plan, Stated, begin_on, plan_on},
        start::StoreSettings,
    },
};

const NEXT: &str = "modrzewie.example/log/2";

/// A data directory whose journal is older than its log, and what is known of it.
struct Stage {
    seed: u64,
    random: Random,
    settings: StoreSettings,
    state: State,
    ledger: Ledger,
    taken: Vec<Took>,
    old: Checkpoint,
    statement: Option<(String, Verifier)>,
    plan: Plan,
    tally: Tally,
}

/// A town of some deeds, copied while it worked, and of some more.
fn stage(seed: u64) -> Stage {
    let mut random = Random(seed);
    let mut world = World::found(settings(seed));
    for _ in 0..random.below(12) {
        world = deed(world, seed, &mut random);
        if world.dead {
            world = world.revive(seed);
        }
    }
    world.disk.mend();
    world.disk.record();
    let few = random.below(10);
    for _ in 0..few {
        world.put(u8::try_from(random.below(4)).unwrap(), "words", random.chance(20), Rule::None);
        if random.chance(60) {
            world.save();
        }
        if random.chance(30) {
            world.sign();
        }
    }
    world.save();
    if random.chance(70) {
        world.apply();
    }
    world.sign();
    let moments = world.disk.recorded();
    // Sometimes nothing is lost but the key.
    let older = if random.chance(25) { moments.len() - 1 } else { random.below(moments.len()) };
    let copied = moments[older].state.crash(Style::All, false, &mut random);
    let newer = world.disk.state().image();
    let disk = SimDisk::new(copied);
    for (path, bytes) in newer.iter().filter(|(path, _)| path.starts_with("/data/log")) {
        disk.create_directory(path.parent().unwrap()).unwrap();
        write_whole(&disk, path, bytes).unwrap();
    }
    let state = disk.state().crash(Style::All, false, &mut random);
    let vkey = String::from_utf8(newer[Path::new("/data/log/vkey")].clone()).unwrap();
    let note = String::from_utf8(newer[Path::new("/data/log/checkpoint")].clone()).unwrap();
    let old = Checkpoint::open(&note, &Verifier::parse(&vkey).unwrap()).unwrap();
    let (ledger, taken) = (world.ledger(), world.index.taken());
    let disk = SimDisk::new(state);
    let shelf = SimShelf(Arc::new(SimIndex::of(disk.clone(), taken.clone())));
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let (plan, ..) = plan_on(&shared, &data(), NEXT, &shelf).unwrap();
    let statement = random.chance(40).then(|| {
        let root = read_private(&generate_private("modrzewie.example/root").unwrap()).unwrap();
        let (from, tree) = (plan.from, plan.root);
        let statement = Statement { key: plan.key.clone(), from, root: tree, after: None };
        (statement.sign(&root), root.verifier())
    });
    let state = disk.state();
    let settings = settings(seed);
    let tally = Tally::default();
    Stage { seed, random, settings, state, ledger, taken, old, statement, plan, tally }
}

impl Stage {
    fn index(&self, disk: &SimDisk, indexed: usize) -> Arc<SimIndex> {
        Arc::new(SimIndex::of(disk.clone(), self.taken[..indexed].to_vec()))
    }

    /// Runs the verb.
    fn begin(&self, disk: &SimDisk, indexed: usize) -> Result<Plan, NotBegun> {
        let stated =
            self.statement.as_ref().map(|(note, root)| Stated { note: note.as_str(), root });
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let shelf = SimShelf(self.index(disk, indexed));
        begin_on(&shared, &data(), NEXT, stated, &self.settings, &shelf)
    }

    /// What an ordinary start finds; nothing where it refuses.
    fn start(&self, disk: &SimDisk, indexed: usize) -> Result<World, String> {
        let mut ledger = self.ledger.clone();
        ledger.hand_in(self.plan.from, Deed::Begin);
        ledger.promised = 0;
        let index = self.index(disk, indexed);
        World::resume(disk.clone(), index, ledger, self.settings.clone())
            .map_err(|fault| fault.to_string())
    }

    fn violate(&mut self, what: impl Into<String>) {
        self.tally.violate(self.seed, what);
    }

    /// A start that served, in the middle or at the end.
    fn judge(&mut self, world: &World) {
        let from = self.plan.from;
        for fault in world.faults(from + 1) {
            self.violate(fault);
        }
        let begun = epochs(&world.disk, &journal::directory(&data())).unwrap();
        let Some(newest) = begun.last().filter(|_| begun.len() == 2) else {
            return self.violate("served without the new epoch, or with more than one");
        };
        let said = newest.epoch.restored.as_ref().map(|it| (it.lost_from, it.lost_to));
        if (newest.seq, newest.epoch.origin.as_str()) != (from, NEXT)
            || said != Some((from, self.plan.lost_to))
        {
            self.violate("the epoch's entry says something else");
        }
        let stated = self.statement.as_ref().map(|(note, _)| statement_hash(note));
        if newest.epoch.statement != stated {
            self.violate("the epoch's entry does not name the statement");
        }
        match world.store().log().current().map(|released| released.checkpoint) {
            Some(signed) if signed.origin == NEXT && signed.size > from => {}
            _ => self.violate("the new key has not signed the epoch's entry"),
        }
        match keys::earlier(&world.disk, &data()).as_deref() {
            Ok([old]) if *old == self.plan.old_key => {}
            _ => self.violate("the old key is not kept"),
        }
    }

    /// One disk after a crash: an ordinary start, then the verb again.
    fn crashed(&mut self, state: State, indexed: usize) {
        self.tally.states += 1;
        let disk = SimDisk::new(state.clone());
        // Where nothing is lost, what was there may go on until the new epoch is opened.
        let journal = journal::directory(&data());
        let untouched = self.plan.lost_to == self.plan.from
            && last_segment(&disk, &journal).is_ok_and(|last| last == LastSegment::GoesOn);
        match self.start(&disk, indexed) {
            Ok(_) if untouched => {}
            Ok(world) => self.judge(&world),
            Err(_) => self.tally.stopped += 1,
        }
        let disk = SimDisk::new(state);
        match self.begin(&disk, indexed) {
            Err(error) => self.violate(format!("the verb does not carry on: {error}")),
            Ok(plan) => self.finished(&disk, &plan),
        }
    }

    /// Behind the verb everything is there, and goes on.
    fn finished(&mut self, disk: &SimDisk, plan: &Plan) {
        let same = (plan.from, plan.root, plan.lost_to, &plan.old_key);
        if same != (self.plan.from, self.plan.root, self.plan.lost_to, &self.plan.old_key) {
            self.violate("the verb says something else when it carries on");
        }
        if disk.exists(&data().join("secrets/next.epoch")) {
            self.violate("the new key lies about");
        }
        // The index was taken away, or begins anew.
        let mut world = match self.start(disk, disk.now_indexed()) {
            Ok(world) => world,
            Err(error) => return self.violate(format!("refused behind the verb: {error}")),
        };
        self.judge(&world);
        if self.random.chance(10) {
            world.put(2, "in the new epoch", false, Rule::None);
            world = world.restart(None);
            for fault in world.faults(self.plan.from + 2) {
                self.violate(fault);
            }
        }
    }
}

/// The device fails once, behind so many operations of the verb; it is run again on the same machine, and
/// behind a crash.
fn failing(stage: &mut Stage, operations: usize) {
    let all = stage.taken.len();
    let disk = SimDisk::new(stage.state.clone());
    disk.indexed(all, 0);
    let (device, mut left) = (disk.clone(), operations);
    disk.meanwhile(Some(Box::new(move |_| {
        left = left.wrapping_sub(1);
        if left == 0 {
            device.fail_next_sync();
        }
    })));
    let begun = stage.begin(&disk, all);
    disk.meanwhile(None);
    disk.mend();
    let indexed = disk.now_indexed();
    let state = disk.state();
    let style = STYLES[stage.random.below(5)];
    let crashed = state.crash(style, false, &mut stage.random);
    if begun.is_err() {
        stage.tally.torn += 1;
        stage.crashed(state, indexed);
    }
    stage.crashed(crashed, indexed);
}

/// One loss, and the verb crashed at every operation.
pub fn losses(seed: u64) -> Tally {
    let mut stage = stage(seed);
    let all = stage.taken.len();
    let lost = stage.old.size > stage.plan.from;
    if lost && stage.start(&SimDisk::new(stage.state.clone()), all).is_ok() {
        stage.violate("served with signed entries missing");
    }
    let disk = SimDisk::new(stage.state.clone());
    disk.indexed(all, 0);
    disk.record();
    let mut moments = Vec::new();
    match stage.begin(&disk, all) {
        Err(error) => stage.violate(format!("no epoch begins: {error}")),
        Ok(plan) => {
            moments = disk.recorded();
            stage.finished(&disk, &plan);
        }
    }
    let (wild, operations) = (stage.random.chance(50), moments.len());
    for Moment { state, indexed, .. } in moments {
        let style = STYLES[stage.random.below(5)];
        let state = match stage.random.below(6) {
            0 => state,
            _ => state.crash(style, wild, &mut stage.random),
        };
        stage.crashed(state, indexed);
    }
    for _ in 0..6 {
        let operations = 1 + stage.random.below(operations.max(1));
        failing(&mut stage, operations);
    }
    stage.tally
}

#[test]
fn a_new_epoch_begins_behind_every_loss_and_every_crash() {
    let wanted = std::env::var("OSTOJA_STATES").ok().and_then(|states| states.parse().ok());
    let (wanted, mut seed) = (wanted.unwrap_or(350), 0);
    let mut tally = Tally::default();
    while tally.states < wanted {
        tally.add(run_seeds(seed..seed + 8, losses));
        seed += 8;
    }
    println!(
        "{} crash states, {} behind a failed device, {} refused starts, {} violations",
        tally.states,
        tally.torn,
        tally.stopped,
        tally.violations.len()
    );
    assert!(tally.stopped > 100 && tally.torn > 10, "{tally:?}");
    assert!(tally.violations.is_empty(), "{tally:?}");
}
