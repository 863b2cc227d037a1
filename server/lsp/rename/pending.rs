//! What the client was asked to move and has not moved yet.
//!
//! Some clients ask `willRenameFiles` also for the moves of our own answer to a
//! rename. A second answer would edit texts twice. And copies in other tiers
//! move when the client has moved what its user moved.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Old and new path of a file or folder.
pub type Moved = (PathBuf, PathBuf);

/// So long a move is ours whatever the texts say: the client is at work.
const AT_WORK: Duration = Duration::from_secs(10);
/// So long a user may look at a rename before it is made.
const PATIENCE: Duration = Duration::from_secs(600);

/// See the module.
#[derive(Debug, Default)]
pub struct Pending(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    siblings: Vec<Siblings>,
}

/// Moves that an answer asked for.
#[derive(Debug)]
struct Asked {
    moves: Vec<Moved>,
    proof: Option<Proof>,
    at: Instant,
}

/// What is to be moved once others were.
#[derive(Debug)]
struct Siblings {
    behind: Vec<Moved>,
    moves: Vec<Moved>,
}

/// A note that reads so when the edits of an answer were made.
#[derive(Clone, Debug)]
pub struct Proof {
    path: PathBuf,
    hash: u64,
}

impl Proof {
    /// The note of this path reads so afterwards.
    pub fn new(path: PathBuf, text: &str) -> Self {
        let hash = hash(text);
        Self { path, hash }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

impl Asked {
    /// Whether the client makes these moves because of the answer, and not
    /// because its user wants them by themselves.
    fn is_at_work(&self, text: &dyn Fn(&Path) -> Option<String>) -> bool {
        let is_made = |proof: &Proof| {
            let new = self.moves.iter().find(|own| own.0 == proof.path);
            let paths = [Some(&proof.path), new.map(|own| &own.1)];
            let mut texts = paths.into_iter().flatten().filter_map(|path| text(path));
            texts.any(|text| hash(&text) == proof.hash)
        };
        self.at.elapsed() < AT_WORK || self.proof.as_ref().is_some_and(is_made)
    }
}

impl Pending {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client was asked to make these moves.
    pub fn ask(&self, moves: Vec<Moved>, proof: Option<Proof>) {
        if moves.is_empty() {
            return;
        }
        let at = Instant::now();
        let asked = &mut self.state().asked;
        asked.retain(|asked| asked.at.elapsed() < PATIENCE);
        asked.push(Asked { moves, proof, at });
    }

    /// Of moves that the client is about to make, those that it was not asked
    /// for. `text` reads a note as it is now. A move that was asked for counts
    /// once.
    pub fn strange(&self, files: Vec<Moved>, text: &dyn Fn(&Path) -> Option<String>) -> Vec<Moved> {
        let mut state = self.state();
        let strange = files.into_iter().filter(|file| {
            let own = state.asked.iter_mut().find_map(|asked| {
                let at = asked.moves.iter().position(|own| own == file)?;
                let is_own = asked.is_at_work(text);
                asked.moves.remove(at);
                Some(is_own)
            });
            own != Some(true)
        });
        let strange = strange.collect();
        state.asked.retain(|asked| !asked.moves.is_empty());
        strange
    }

    /// When the client has made one of the moves `behind`, these follow.
    pub fn follow(&self, behind: Vec<Moved>, moves: Vec<Moved>) {
        if !moves.is_empty() {
            self.state().siblings.push(Siblings { behind, moves });
        }
    }

    /// The client has made these moves: what follows now.
    pub fn following(&self, files: &[Moved]) -> Vec<Moved> {
        let mut state = self.state();
        let is_due = |own: &mut Siblings| own.behind.iter().any(|file| files.contains(file));
        let due: Vec<Siblings> = state.siblings.extract_if(.., is_due).collect();
        due.into_iter().flat_map(|own| own.moves).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(from: &str, to: &str) -> Moved {
        (PathBuf::from(from), PathBuf::from(to))
    }

    #[test]
    fn a_move_that_was_asked_for_is_ours_once() {
        let pending = Pending::default();
        pending.ask(vec![moved("a", "b"), moved("x", "y")], None);
        let unread = |_: &Path| None;
        let files = vec![moved("a", "b"), moved("c", "d")];
        assert_eq!(pending.strange(files, &unread), [moved("c", "d")]);
        let again = pending.strange(vec![moved("a", "b")], &unread);
        assert_eq!(again, [moved("a", "b")]);
    }

    #[test]
    fn later_the_texts_tell_whether_the_answer_was_taken() {
        let proof = Proof::new(PathBuf::from("n"), "[[b]]");
        let at = Instant::now().checked_sub(AT_WORK).unwrap();
        let pending = Pending::default();
        for text in ["[[b]]", "[[a]]"] {
            pending.state().asked.push(Asked {
                moves: vec![moved("a", "b")],
                proof: Some(proof.clone()),
                at,
            });
            let read = |_: &Path| Some(text.to_owned());
            let strange = pending.strange(vec![moved("a", "b")], &read);
            assert_eq!(strange.is_empty(), text == "[[b]]");
        }
    }

    #[test]
    fn copies_follow_when_the_client_has_moved_its_own() {
        let pending = Pending::default();
        pending.follow(vec![moved("a", "b")], vec![moved("a2", "b2")]);
        assert!(pending.following(&[moved("c", "d")]).is_empty());
        assert_eq!(pending.following(&[moved("a", "b")]), [moved("a2", "b2")]);
        assert!(pending.following(&[moved("a", "b")]).is_empty());
    }
}
