//! Many things done side by side, with progress and an end on demand.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Fewer things than this are not worth another thread.
const FEW: usize = 16;
/// So many things a thread takes at a time.
const STRIDE: usize = 8;

/// Why not all was done.
#[derive(Debug, PartialEq, Eq)]
pub enum End<E> {
    /// `tick` said so.
    Stopped,
    /// This failed first, in the order of the things.
    Failed(E),
}

/// Does `work` for each of some things on at most so many threads, of which this
/// is one; gives what came of them, in their order. `tick` is called on this
/// thread, now and then, with how many are done or begun, and says whether to stop.
///
/// # Errors
/// See [`End`]; after it no more is begun.
pub fn each<T: Sync, R: Send, E: Send>(
    things: &[T],
    threads: usize,
    tick: &dyn Fn(usize) -> bool,
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, End<E>> {
    if tick(0) {
        return Err(End::Stopped);
    }
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let take = || {
        let start = next.fetch_add(STRIDE, Ordering::Relaxed).min(things.len());
        let end = (start + STRIDE).min(things.len());
        let is_wanted = start < end && !is_over.load(Ordering::Relaxed);
        is_wanted.then_some(start..end)
    };
    let run = |tick: &dyn Fn(usize) -> bool| {
        let mut found = Vec::new();
        while let Some(range) = take() {
            let begun = range.end;
            for index in range {
                let done = work(&things[index]);
                if done.is_err() {
                    is_over.store(true, Ordering::Relaxed);
                }
                found.push((index, done));
            }
            if tick(begun) {
                is_over.store(true, Ordering::Relaxed);
                return (found, true);
            }
        }
        (found, false)
    };
    let helpers = (things.len() / FEW).min(threads.saturating_sub(1));
    let (mut found, is_stopped) = std::thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers)
            .map(|_| scope.spawn(|| run(&|_| false).0))
            .collect();
        let (mut found, is_stopped) = run(tick);
        for helper in helpers {
            match helper.join() {
                Ok(more) => found.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        (found, is_stopped)
    });
    if is_stopped {
        return Err(End::Stopped);
    }
    found.sort_by_key(|own| own.0);
    let found = found.into_iter();
    found.map(|own| own.1.map_err(End::Failed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(
        count: usize,
        threads: usize,
        tick: &dyn Fn(usize) -> bool,
        bad: usize,
    ) -> Result<Vec<usize>, End<usize>> {
        let things: Vec<usize> = (0..count).collect();
        let work = |&thing: &usize| {
            if thing % bad == bad - 1 {
                Err(thing)
            } else {
                Ok(thing * thing)
            }
        };
        each(&things, threads, tick, work)
    }

    #[test]
    fn all_is_done_in_order_or_ends_early() {
        for count in [0, 1, STRIDE, 1000] {
            let all: Vec<usize> = (0..count).map(|own| own * own).collect();
            assert_eq!(squares(count, 4, &|_| false, usize::MAX), Ok(all));
        }
        assert_eq!(squares(1000, 4, &|_| false, 100), Err(End::Failed(99)));
        assert_eq!(squares(1000, 4, &|_| true, 100), Err(End::Stopped));
        // Helpers may be done with all before this thread is with anything.
        let stop = |done| done > 0;
        assert_eq!(squares(1000, 1, &stop, usize::MAX), Err(End::Stopped));
    }
}
