//! The tracked spawner: nothing of the edge runs that stop does not wait for.

use std::future::Future;

use tokio::sync::watch;

/// Counts the tasks spawned through it.
#[derive(Clone, Debug)]
pub struct Tasks(watch::Sender<usize>);

impl Default for Tasks {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Tasks {
    /// Runs a task and counts it until it is done, dropped or panicked.
    pub fn spawn<Work>(&self, work: Work)
    where
        Work: Future<Output = ()> + Send + 'static,
    {
        let counted = Counted::new(self.0.clone());
        tokio::spawn(async move {
            work.await;
            drop(counted);
        });
    }

    /// How many run now.
    #[must_use]
    pub fn running(&self) -> usize {
        *self.0.borrow()
    }

    /// Comes back when none runs.
    pub async fn finished(&self) {
        // Cannot fail: `self` holds the sender.
        self.0.subscribe().wait_for(|running| *running == 0).await.ok();
    }
}

impl<Work> hyper::rt::Executor<Work> for Tasks
where
    Work: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, work: Work) {
        self.spawn(work);
    }
}

struct Counted(watch::Sender<usize>);

impl Counted {
    fn new(tasks: watch::Sender<usize>) -> Self {
        tasks.send_modify(|running| *running += 1);
        Self(tasks)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running = running.saturating_sub(1));
    }
}
