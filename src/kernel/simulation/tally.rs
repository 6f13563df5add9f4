//! What a series of crashes came to.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

#[derive(Default, Debug)]
pub struct Tally {
    /// States that were started on and judged.
    pub states: u64,
    /// Starts that cut a torn tail.
    pub torn: u64,
    /// Starts that refused.
    pub stopped: u64,
    /// What was wrong, and how often.
    pub violations: BTreeMap<String, u64>,
    /// How many states it took to the first violation.
    pub first: Option<u64>,
}

impl Tally {
    /// Notes that something was wrong.
    pub fn violate(&mut self, seed: u64, what: impl Into<String>) {
        // Numbers out, so that alike violations count together.
        let what: String = what.into().chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
        self.first.get_or_insert(self.states);
        if !self.violations.contains_key(&what) {
            eprintln!("seed {seed}: {what}");
        }
        *self.violations.entry(what).or_default() += 1;
    }

    /// Takes the findings of a run in; a run that panics is a finding.
    pub fn add_run(&mut self, seed: u64, run: impl FnOnce() -> Tally) {
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(other) => self.add(other),
            Err(panic) => {
                let said = panic.downcast_ref::<String>().map(String::as_str);
                let said = said.or(panic.downcast_ref::<&str>().copied()).unwrap_or("?");
                self.violate(seed, format!("a panic: {}", said.replace('\n', " ")));
            }
        }
    }

    pub fn add(&mut self, other: Tally) {
        self.first = self.first.or(other.first.map(|first| self.states + first));
        self.states += other.states;
        self.torn += other.torn;
        self.stopped += other.stopped;
        for (what, count) in other.violations {
            *self.violations.entry(what).or_default() += count;
        }
    }
}

/// Runs a series of every seed on two threads.
pub fn run_seeds(seeds: std::ops::Range<u64>, run: fn(u64) -> Tally) -> Tally {
    let middle = seeds.start + (seeds.end - seeds.start) / 2;
    let halves = [seeds.start..middle, middle..seeds.end];
    let mut sum = Tally::default();
    std::thread::scope(|scope| {
        let threads = halves.map(|half| {
            scope.spawn(move || {
                let mut sum = Tally::default();
                half.for_each(|seed| sum.add_run(seed, || run(seed)));
                sum
            })
        });
        for thread in threads {
            sum.add(thread.join().unwrap());
        }
    });
    sum
}
