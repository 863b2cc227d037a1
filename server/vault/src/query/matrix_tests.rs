use std::sync::Arc;

use super::*;
use crate::query::held::Held;

const SECTION: &str = "## Confidential Links & Embeds:\n### is_:: [[/_Standards/X|X]]\n- [[/_secret/X.secret|X]]\n### [[/_secret/X.secret|X]]\n";

fn held(notes: &[(&str, &str)]) -> Held {
    let notes = notes.iter();
    let notes = notes.map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    Held::new(notes.collect(), &Arc::default())
}

/// The rows in words.
fn rows(held: &Held, wanted: Option<&str>, limit: usize) -> (Vec<String>, Matrix) {
    let wanted: Option<Vec<FileId>> =
        wanted.map(|path| held.vault.find(path).into_iter().collect());
    let matrix = matrix(&held.vault, wanted.as_deref(), limit, held, &|| false);
    let rows = matrix.rows.iter().map(|row| {
        let cells = row.cells.iter().map(|cell| {
            let leaks = cell.leaks.iter().map(|leak| {
                let how = if leak.embed { "shows" } else { "names" };
                format!(" {how} {}", leak.target)
            });
            format!("{}{}", cell.state.name(), leaks.collect::<String>())
        });
        format!("{}: {}", row.base, cells.collect::<Vec<_>>().join(", "))
    });
    (rows.collect(), matrix)
}

#[test]
fn the_map_shows_what_is_there_missing_and_given_away() {
    let held = held(&[
        ("_Standards/X.md", SECTION),
        ("_Standards/Y.md", "[[X.secret]] ![[X.secret]] [[X.secret]]"),
        (
            "_Standards/Z.md",
            "[[/_secret/Q.secret]]\n%% vaultmark-ignore confidential-link %%\n",
        ),
        ("_secret/X.secret.md", "[[Y]]"),
        ("_secret/Lone.secret.md", ""),
        ("_secret/ReadMe.md", ""),
        ("out.md", "[[X.secret]]"),
    ]);
    let (words, matrix) = rows(&held, None, usize::MAX);
    assert_eq!(matrix.tiers, [0, 6], "only tiers that are here");
    assert_eq!(
        words,
        [
            "Y: leak names _secret/X.secret.md shows _secret/X.secret.md, missing",
            "Lone: missing, there",
            "Z: there, missing",
            "X: there, there",
        ]
    );
    let others: Vec<&str> = matrix.others.iter().map(|cell| &*cell.path).collect();
    assert_eq!(others, ["out.md"]);
    let (words, matrix) = rows(&held, None, 1);
    assert_eq!((words.len(), matrix.left_out), (1, 3));
    let (words, _) = rows(&held, Some("_secret/X.secret.md"), 9);
    assert_eq!(words, ["X: there, there"]);
}

#[test]
fn no_text_is_read_where_facts_tell_that_nothing_is_given_away() {
    struct Unread;
    impl Texts for Unread {
        fn text(&self, _: FileId) -> Option<Arc<str>> {
            panic!("the text is read");
        }
    }
    let plain = SECTION.replace("- [[/_secret/X.secret|X]]\n", "");
    let held = held(&[
        ("_Standards/X.md", &plain),
        ("_secret/X.secret.md", "![[X]]"),
    ]);
    let found = matrix(&held.vault, None, 9, &Unread, &|| false);
    assert_eq!(found.rows.len(), 1);
}
