//! What the client was asked to move and has not moved yet.
//!
//! Some clients ask `willRenameFiles` also for the moves of our own answer to a
//! rename. A second answer would edit texts twice; none at all, to a user who
//! discarded the first and now drags the file, would leave links behind. So only
//! what shows that the client is at work counts: texts that read as the answer
//! made them, or a request to apply an edit that it has not answered yet. And
//! copies in other tiers move when the client has moved what its user moved.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};

/// Old and new path of a file or folder.
pub type Moved = (PathBuf, PathBuf);

/// So long a user may look at a rename before it is made.
const PATIENCE: Duration = Duration::from_secs(600);

/// See the module.
#[derive(Debug, Default)]
pub struct Pending(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    siblings: Vec<Siblings>,
    last_request: u64,
}

/// Moves that the client was asked to make.
#[derive(Debug)]
struct Asked {
    moves: FxHashSet<Moved>,
    /// Those that it asked about, which it does once for each.
    known: FxHashSet<Moved>,
    why: Why,
    at: Instant,
}

#[derive(Debug)]
enum Why {
    /// An answer to a rename: one of these notes shows whether it was taken.
    Answer(Vec<Proof>),
    /// A request of this number, which the client has not answered yet.
    Request(u64),
}

/// What is to be moved once others were.
#[derive(Debug)]
struct Siblings {
    behind: Vec<Moved>,
    due: Due,
}

/// Moves that are due when others were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// The moves.
    pub moves: Vec<Moved>,
    /// Whether the client may be about to make them by itself.
    pub is_doubtful: bool,
}

/// A note that reads in one of these ways when the edits of an answer were made.
#[derive(Clone, Debug)]
pub struct Proof {
    path: PathBuf,
    hashes: Vec<u64>,
}

impl Proof {
    /// The note of this path reads in one of these ways afterwards: a user may
    /// leave out edits that are marked for confirmation.
    pub fn new(path: PathBuf, texts: &[String]) -> Self {
        let hashes = texts.iter().map(|text| hash(text)).collect();
        Self { path, hashes }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Where a path is when a file or folder was moved.
fn after(path: &Path, own: &Moved) -> Option<PathBuf> {
    let rest = path.strip_prefix(&own.0).ok()?;
    let is_it = rest.as_os_str().is_empty();
    Some(if is_it {
        own.1.clone()
    } else {
        own.1.join(rest)
    })
}

impl Asked {
    /// Whether the client makes these moves because it was asked to, and not
    /// because its user wants them by themselves.
    fn is_at_work(&self, text: &dyn Fn(&Path) -> Option<String>) -> bool {
        let Why::Answer(proofs) = &self.why else {
            return true;
        };
        if proofs.is_empty() {
            // Nothing was to be edited. Who asks about one move after the other makes
            // them all.
            return self.known.len() > 1;
        }
        proofs.iter().any(|proof| {
            let moved = self.moves.iter().filter_map(|own| after(&proof.path, own));
            let paths = std::iter::once(proof.path.clone()).chain(moved);
            let mut texts = paths.filter_map(|path| text(&path));
            texts.any(|text| proof.hashes.contains(&hash(&text)))
        })
    }
}

impl Pending {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(state: &mut State, moves: Vec<Moved>, why: Why) {
        state.asked.retain(|asked| asked.at.elapsed() < PATIENCE);
        if !moves.is_empty() {
            state.asked.push(Asked {
                moves: moves.into_iter().collect(),
                known: FxHashSet::default(),
                why,
                at: Instant::now(),
            });
        }
    }

    /// The client is answered that a rename makes these moves, and edits after
    /// which these notes read so.
    pub fn answer(&self, moves: Vec<Moved>, proofs: Vec<Proof>) {
        Self::push(&mut self.state(), moves, Why::Answer(proofs));
    }

    /// The client is asked to make these moves. Gives the number by which to say
    /// that it [answered](Pending::answered).
    pub fn request(&self, moves: Vec<Moved>) -> u64 {
        let state = &mut *self.state();
        state.last_request += 1;
        let number = state.last_request;
        Self::push(state, moves, Why::Request(number));
        number
    }

    /// The client has made the moves of a request, or will not.
    pub fn answered(&self, number: u64) {
        let is_it = |asked: &Asked| matches!(asked.why, Why::Request(own) if own == number);
        self.state().asked.retain(|asked| !is_it(asked));
    }

    /// Of moves that the client is about to make, those that it was not asked for,
    /// and whether it was asked for some of them but shows no sign of having taken
    /// the answer. `text` reads a note as it is now. A move that was asked for
    /// counts once.
    pub fn strange(
        &self,
        files: Vec<Moved>,
        text: &dyn Fn(&Path) -> Option<String>,
    ) -> (Vec<Moved>, bool) {
        let mut state = self.state();
        state.asked.retain(|asked| asked.at.elapsed() < PATIENCE);
        let mut is_doubtful = false;
        // The texts say the same of all moves that were asked for at once.
        let mut at_work: FxHashMap<usize, bool> = FxHashMap::default();
        let strange = files.into_iter().filter(|file| {
            let is_it = |asked: &Asked| asked.moves.contains(file) && !asked.known.contains(file);
            // The last answer is the one that is made.
            let Some(index) = state.asked.iter().rposition(is_it) else {
                return true;
            };
            let asked = &mut state.asked[index];
            asked.known.insert(file.clone());
            let is_own = *at_work
                .entry(index)
                .or_insert_with(|| asked.is_at_work(text));
            is_doubtful |= !is_own;
            !is_own
        });
        let strange = strange.collect();
        let is_open = |asked: &Asked| asked.known.len() < asked.moves.len();
        state.asked.retain(is_open);
        (strange, is_doubtful)
    }

    /// When the client has made one of the moves `behind`, these follow; what was
    /// to follow moves of the same files before is forgotten.
    pub fn follow(&self, behind: Vec<Moved>, due: Due) {
        let mut state = self.state();
        let from: FxHashSet<&PathBuf> = behind.iter().map(|own| &own.0).collect();
        let is_same = |own: &Moved| from.contains(&own.0);
        state.siblings.retain(|own| !own.behind.iter().any(is_same));
        if !due.moves.is_empty() {
            state.siblings.push(Siblings { behind, due });
        }
    }

    /// The client has made these moves: what follows now.
    pub fn following(&self, files: &[Moved]) -> Due {
        let mut state = self.state();
        let files: FxHashSet<&Moved> = files.iter().collect();
        let is_due = |own: &mut Siblings| own.behind.iter().any(|file| files.contains(file));
        let mut all = Due::default();
        for own in state.siblings.extract_if(.., is_due) {
            all.is_doubtful |= own.due.is_doubtful;
            let new = own.due.moves.into_iter();
            let new = new.filter(|own| !all.moves.contains(own));
            let new: Vec<Moved> = new.collect();
            all.moves.extend(new);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: &str, to: &str) -> Moved {
        (PathBuf::from(from), PathBuf::from(to))
    }

    fn due(from: &str, to: &str) -> Due {
        Due {
            moves: vec![moved(from, to)],
            is_doubtful: false,
        }
    }

    #[test]
    fn only_texts_show_that_an_answer_was_taken() {
        let proof = || {
            let ways = ["[[b]] B", "[[b]] A"].map(str::to_owned);
            vec![Proof::new(PathBuf::from("x/n"), &ways)]
        };
        for (at, text, is_taken) in [
            ("x/n", "[[b]] B", true),
            ("x/n", "[[b]] A", true),
            ("x/n", "[[a]] A", false),
            ("y/n", "[[b]] B", true),
            ("z/n", "[[b]] B", false),
        ] {
            let pending = Pending::default();
            let folder = moved("x", "y");
            pending.answer(vec![moved("a", "b"), folder.clone()], proof());
            let read = |path: &Path| (path == Path::new(at)).then(|| text.to_owned());
            let asked = vec![moved("a", "b"), moved("c", "d")];
            let mut strange = vec![moved("a", "b"), moved("c", "d")];
            if is_taken {
                strange.remove(0);
            }
            assert_eq!(pending.strange(asked, &read), (strange, !is_taken));
            let again = pending.strange(vec![moved("a", "b")], &read);
            assert_eq!(again, (vec![moved("a", "b")], false), "it counts once");
            // What was moved before tells it as well.
            let (other, _) = pending.strange(vec![folder], &read);
            assert_eq!(other.is_empty(), is_taken);
        }
    }

    #[test]
    fn where_nothing_is_edited_the_second_move_shows_that_all_are_made() {
        let pending = Pending::default();
        let unread = |_: &Path| None;
        pending.answer(vec![moved("a", "b"), moved("a2", "b2")], Vec::new());
        let first = vec![moved("a", "b")];
        assert_eq!(pending.strange(first.clone(), &unread), (first, true));
        let second = vec![moved("a2", "b2")];
        assert_eq!(pending.strange(second, &unread), (Vec::new(), false));
    }

    #[test]
    fn a_request_counts_until_it_is_answered() {
        let pending = Pending::default();
        let unread = |_: &Path| None;
        let asked = || vec![moved("a", "b")];
        pending.request(asked());
        assert_eq!(pending.strange(asked(), &unread), (Vec::new(), false));
        let number = pending.request(asked());
        pending.answered(number);
        assert_eq!(pending.strange(asked(), &unread), (asked(), false));
    }

    #[test]
    fn copies_follow_once_when_the_client_has_moved_its_own() {
        let pending = Pending::default();
        let behind = || vec![moved("a", "b")];
        pending.follow(behind(), due("a2", "b2"));
        assert_eq!(pending.following(&[moved("c", "d")]), Due::default());
        // The client was asked, did nothing, and asks again.
        pending.follow(behind(), due("a2", "b2"));
        assert_eq!(pending.following(&behind()), due("a2", "b2"));
        assert_eq!(pending.following(&behind()), Due::default());
        pending.follow(behind(), due("a2", "b2"));
        pending.follow(vec![moved("a", "c")], Due::default());
        assert_eq!(pending.following(&behind()), Due::default());
    }
}
