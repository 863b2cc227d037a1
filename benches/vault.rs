//! Measures a vault, always beside the floor: a program that only walks the
//! folder and reads the files. Prints, and asserts nothing.
//!
//!     cargo bench --bench vault -- FOLDER [FOLDER …]

#[path = "support/times.rs"]
mod times;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use vaultmark::cli::status::open;
use vaultmark::disk;
use vaultmark_vault::change::Change;
use vaultmark_vault::digest::Parsed;
use vaultmark_vault::index::FileId;
use vaultmark_vault::path::{fold, split, strip_md};
use vaultmark_vault::query::completion;
use vaultmark_vault::query::folding::folds;
use vaultmark_vault::query::hints::hints;
use vaultmark_vault::query::lenses::lenses;
use vaultmark_vault::query::rename::{self, Options, Subject};
use vaultmark_vault::query::selection::selections;
use vaultmark_vault::query::tokens::tokens;
use vaultmark_vault::query::{NoTexts, Texts, calls, definition, hover, names, references};
use vaultmark_vault::vault::Vault;

use crate::times::report;

fn main() {
    let folders = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    for folder in folders {
        if let Err(error) = measure(Path::new(&folder)) {
            eprintln!("{folder}: {error:#}");
        }
    }
    million();
}

/// Texts from the disk, as the server reads those of closed notes.
struct Disk<'a>(&'a Path, &'a Vault);

impl Texts for Disk<'_> {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        disk::text(self.0, &self.1.path(file)?).map(Into::into)
    }
}

fn measure(folder: &Path) -> anyhow::Result<()> {
    println!("{}", folder.display());
    // The first pass fills the page cache.
    floor(folder);
    let floor = (0..3).map(|_| floor(folder)).min().unwrap_or_default();
    println!("  floor: walk and read          {floor:>12.1?}");
    let mut best: Option<vaultmark::cli::status::Opened> = None;
    for _ in 0..3 {
        let opened = open(folder)?;
        if best.as_ref().is_none_or(|best| opened.whole < best.whole) {
            best = Some(opened);
        }
    }
    let Some(mut opened) = best else {
        return Ok(());
    };
    let times = opened.whole.as_secs_f64() / floor.as_secs_f64();
    println!(
        "  index                         {:>12.1?}  {times:.1} x the floor",
        opened.whole
    );
    println!("  of it until names are known   {:>12.1?}", opened.names);
    let size = opened.vault.size();
    let sum = size.notes + size.files + size.strings + size.indexes;
    println!(
        "  kept                          {:>9} KB  {} bytes a note",
        sum / 1000,
        sum / opened.vault.files().len().max(1)
    );
    queries(folder, &opened.vault);
    reading(folder, &opened.vault);
    renaming(folder, &opened.vault);
    writing(&mut opened.vault);
    words(folder, &mut opened.vault);
    keystrokes(&mut opened.vault);
    large_note(&mut opened.vault);
    Ok(())
}

fn floor(folder: &Path) -> Duration {
    let begin = Instant::now();
    let listing = disk::list(folder, "", disk::Extent::WHOLE, &AtomicBool::new(false));
    let (next, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(path) = listing.files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let read = fs::read(folder.join(path)).unwrap_or_default();
                    bytes.fetch_add(read.len(), Ordering::Relaxed);
                }
            });
        }
    });
    begin.elapsed()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let begin = Instant::now();
    std::hint::black_box(work());
    begin.elapsed()
}

fn queries(folder: &Path, vault: &Vault) {
    let texts = Disk(folder, vault);
    let places: Vec<(FileId, u32)> = vault
        .files()
        .iter()
        .filter_map(|(id, file)| {
            Some((
                id,
                file.facts
                    .as_ref()?
                    .links()
                    .map(|link| link.start + 3)
                    .collect::<Vec<_>>(),
            ))
        })
        .flat_map(|(id, starts)| starts.into_iter().map(move |start| (id, start)))
        .collect();
    let some = || places.iter().step_by((places.len() / 500).max(1)).take(500);
    report(
        "definition",
        some()
            .map(|&(file, at)| timed(|| definition::definition(vault, file, at)))
            .collect(),
    );
    report(
        "hover",
        some()
            .map(|&(file, at)| timed(|| hover::hover(vault, file, at, &texts)))
            .collect(),
    );
    report(
        "highlights",
        some()
            .map(|&(file, at)| timed(|| references::highlights(vault, file, at)))
            .collect(),
    );
    let hub = vault.files().iter().filter(|file| file.1.facts.is_some());
    let hub = hub.max_by_key(|(_, file)| vault.linking(vault.file_key(file)).count());
    if let Some((hub, _)) = hub {
        let found = references::references(vault, hub, 0, false, &|| false).len();
        let times = (0..9)
            .map(|_| timed(|| references::references(vault, hub, 0, false, &|| false)))
            .collect();
        report(&format!("references of the hub ({found})"), times);
    }
    let words = ["ber", "Haus", "city", "north", "a", "xyz", "Schloss", "14"];
    let times = words.iter().cycle().take(40);
    report(
        "workspace symbols",
        times
            .map(|word| timed(|| names::workspace_symbols(vault, word, 200, &|| false)))
            .collect(),
    );
}

/// Renaming 300 notes, and the one that most notes link to, with the texts of
/// all notes that change.
fn renaming(folder: &Path, vault: &Vault) {
    let texts = Disk(folder, vault);
    let renamed = |file: FileId| {
        let subject = Subject::File(file);
        let plan = rename::at(
            vault,
            &subject,
            "A name of none",
            Options::default(),
            &texts,
        )
        .ok()?;
        plan.all_edits(vault, &texts).ok()
    };
    let notes = vault.files().iter().filter(|file| file.1.facts.is_some());
    let notes: Vec<FileId> = notes.map(|file| file.0).collect();
    let some = || notes.iter().step_by((notes.len() / 300).max(1)).take(300);
    report(
        "prepare a rename",
        some()
            .map(|&file| timed(|| rename::prepare(vault, file, 0, &texts)))
            .collect(),
    );
    report(
        "rename a note",
        some().map(|&file| timed(|| renamed(file))).collect(),
    );
    let backlinks = |file: &FileId| {
        let file = vault.files().get(*file);
        file.map_or(0, |file| vault.linking(vault.file_key(file)).count())
    };
    if let Some(&hub) = notes.iter().max_by_key(|&file| backlinks(file)) {
        let count = renamed(hub).map_or(0, |edits| edits.len());
        let times = (0..9).map(|_| timed(|| renamed(hub))).collect();
        report(&format!("rename the hub ({count} notes)"), times);
    }
}

/// Typing the names of 300 notes into a new note, letter by letter.
fn writing(vault: &mut Vault) {
    let files: Vec<FileId> = vault.files().iter().map(|file| file.0).collect();
    let some = files.iter().step_by((files.len() / 300).max(1)).take(300);
    let stem = |&file: &FileId| {
        let path = vault.path(file)?;
        let name = split(&path).1;
        Some(strip_md(name).unwrap_or(name).to_owned())
    };
    let stems: Vec<String> = some.filter_map(stem).collect();
    let names = files.iter().filter_map(stem).map(|name| fold(&name));
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    let (mut begun, mut typed, mut needed) = (Vec::new(), Vec::new(), Vec::new());
    for stem in &stems {
        let mut found = None;
        let letters = stem.char_indices().map(|(at, _)| at).take(14);
        for at in letters {
            let text = format!("[[{}", &stem[..at]);
            let Some((time, list)) = offered(vault, &text, text.len()) else {
                continue;
            };
            let times = if at == 0 { &mut begun } else { &mut typed };
            times.push(time);
            let mut items = list.iter().flat_map(|list| list.items.iter().take(10));
            if found.is_none() && items.any(|item| item.label == *stem) {
                found = Some(text.chars().count() - 2);
            }
        }
        needed.push(found);
    }
    report("completion behind [[", begun);
    report("… and each further letter", typed);
    letters("letters until among the first ten", needed);
    let fewest = stems.iter().map(|stem| Some(fewest(&names, &fold(stem))));
    letters("… until ten names begin with them", fewest.collect());
}

/// What can be written in a new note, and how long it takes to say so.
fn offered(
    vault: &mut Vault,
    text: &str,
    at: usize,
) -> Option<(Duration, Option<completion::List>)> {
    let parsed = Parsed::open(text, vault.symbols(), &vault.parse_options());
    let path = "_Standards/new.md".to_owned();
    vault.apply([Change::Note(path.clone(), Some(parsed))]);
    let place = completion::Place {
        vault,
        file: vault.find(&path)?,
        text,
        offset: at as u32,
        recent: &[],
        today: jiff::civil::date(2024, 1, 31),
        texts: &NoTexts,
        stop: &|| false,
    };
    let mut list = None;
    let time = timed(|| list = completion::completion(&place));
    Some((time, list))
}

/// Typing tags, keys and values, and previews of what is offered for links.
fn words(folder: &Path, vault: &mut Vault) {
    for (name, typed) in [
        ("completion of tags", "#is_"),
        ("completion of keys in the text", "is_"),
        ("completion of values in the text", "instance_of:: a"),
        ("completion of keys", "---\nis_"),
        ("completion of values", "---\ninstance_of: a"),
    ] {
        let text = format!("{typed}\n---\n");
        let times = (0..100).filter_map(|_| Some(offered(vault, &text, typed.len())?.0));
        report(name, times.collect());
    }
    let files = vault.files().iter().filter(|file| file.1.facts.is_some());
    let files: Vec<FileId> = files.map(|file| file.0).collect();
    let some = files.iter().step_by((files.len() / 500).max(1)).take(500);
    let texts = Disk(folder, vault);
    let times = some.map(|&file| timed(|| hover::about(vault, file, "", &texts)));
    report("preview of an item", times.collect());
}

/// After how many letters at most ten names begin with what was typed: what an
/// order needs that knows nothing but letters. `names` are in order.
fn fewest(names: &[String], name: &str) -> usize {
    let begin = |typed: &str| {
        let first = names.partition_point(|name| name.as_str() < typed);
        let rest = names[first..].iter();
        rest.take_while(|name| name.starts_with(typed))
            .take(11)
            .count()
    };
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    let mut typed = ends.map(|end| &name[..end]);
    typed
        .position(|typed| begin(typed) <= 10)
        .unwrap_or_else(|| name.chars().count())
}

/// Prints the median and the 95th percentile of letters that were typed.
fn letters(name: &str, mut needed: Vec<Option<usize>>) {
    needed.sort_unstable_by_key(|found| found.unwrap_or(usize::MAX));
    let at = |percent: usize| match needed.get(needed.len() * percent / 100) {
        Some(Some(letters)) => letters.to_string(),
        _ => "more than 13".to_owned(),
    };
    println!("  {name:<44}{:>9}  p95 {}", at(50), at(95));
}

/// A million names, and no notes.
fn million() {
    let mut vault = Vault::new(Arc::default());
    let syllables = [
        "ba", "lo", "mir", "ten", "ka", "su", "win", "or", "el", "dra",
    ];
    let names = (0..1_000_000_usize).map(|number| {
        let digits = [1, 10, 100, 1_000, 10_000, 100_000];
        let parts = digits.map(|unit| syllables[number / unit % 10]);
        Change::File(format!("f{}/{}.md", number % 500, parts.concat()))
    });
    vault.apply(names);
    vault.set_complete();
    println!("a million names");
    writing(&mut vault);
}

/// What helps to read, asked of 500 notes as they stand.
fn reading(folder: &Path, vault: &Vault) {
    let texts = Disk(folder, vault);
    let notes = vault.files().iter().filter(|file| file.1.facts.is_some());
    let notes: Vec<FileId> = notes.map(|file| file.0).collect();
    let some = notes.iter().step_by((notes.len() / 500).max(1)).take(500);
    let some = some.filter_map(|&file| Some((file, texts.text(file)?)));
    let some: Vec<(FileId, Arc<str>)> = some.collect();
    let each = |name: &str, query: &dyn Fn(FileId, &str)| {
        let times = some.iter().map(|(file, text)| timed(|| query(*file, text)));
        report(name, times.collect());
    };
    let hide = std::hint::black_box::<usize>;
    each("semantic tokens", &|file, text| {
        hide(tokens(vault, file, text, &(0..u32::MAX)).len());
    });
    each("inlay hints", &|file, text| {
        hide(hints(vault, file, text, &(0..u32::MAX)).len());
    });
    each("code lenses", &|file, _| {
        hide(lenses(vault, file).len());
    });
    let whole = |file| calls::Node {
        file,
        heading: None,
    };
    each("incoming calls", &|file, _| {
        hide(
            calls::incoming(vault, whole(file), None, &|| false)
                .calls
                .len(),
        );
    });
    each("outgoing calls", &|file, _| {
        hide(calls::outgoing(vault, whole(file), &|| false).len());
    });
}

/// What helps to read, asked of a note of 1 MB that links to the others.
fn large_note(vault: &mut Vault) {
    const SIZE: usize = 1_000_000;
    let notes = vault.files().iter().filter(|file| file.1.facts.is_some());
    let paths: Vec<String> = notes.filter_map(|(id, _)| vault.path(id)).collect();
    let mut text = String::new();
    for (number, path) in paths.iter().cycle().enumerate() {
        let path = strip_md(path).unwrap_or(path);
        let name = split(path).1;
        let heading = if number % 40 == 0 {
            "\n## Part\n\n"
        } else {
            ""
        };
        let line = format!("{heading}See [[{name}]] and [[/{path}|{name}]], with a #tag.\n");
        text.push_str(&line);
        if text.len() > SIZE {
            break;
        }
    }
    let path = "bench/large.md".to_owned();
    let note = Parsed::open(&text, vault.symbols(), &vault.parse_options());
    vault.apply([Change::Note(path.clone(), Some(note))]);
    let Some((file, note)) = vault
        .find(&path)
        .and_then(|file| Some((file, vault.note(file)?)))
    else {
        return;
    };
    println!(
        "  1 MB: {} links, {} headings",
        note.links.len(),
        note.headings.len()
    );
    let middle = note.len / 2..note.len / 2 + 3_000;
    let nine = |name: &str, query: &dyn Fn() -> usize| {
        report(name, (0..9).map(|_| timed(query)).collect());
    };
    let whole = 0..u32::MAX;
    nine("1 MB, semantic tokens", &|| {
        tokens(vault, file, &text, &whole).len()
    });
    nine("1 MB, tokens of a screenful", &|| {
        tokens(vault, file, &text, &middle).len()
    });
    nine("1 MB, hints of a screenful", &|| {
        hints(vault, file, &text, &middle).len()
    });
    nine("1 MB, code lenses", &|| lenses(vault, file).len());
    nine("1 MB, folds", &|| folds(&note, &text, usize::MAX).len());
    nine("1 MB, selection", &|| {
        selections(&note, &text, &[note.len / 2]).len()
    });
    vault.apply([Change::Remove(path)]);
}

/// Types a letter into notes of three sizes: parse, digest, index.
fn keystrokes(vault: &mut Vault) {
    let line = "Some words about [[Name]] and [[path/Other#Heading|alias]], with a #tag here.\n";
    for (name, size) in [("keystroke, 5 KB", 5_000), ("keystroke, 1 MB", 1_000_000)] {
        let head = "---\naliases: [x]\nup: \"[[Name]]\"\n---\n# Heading\n\n";
        let mut text = head.to_owned() + &line.repeat(size / line.len());
        let path = "bench/keystroke.md".to_owned();
        let times = (0..60).map(|_| {
            text.insert(head.len(), 'x');
            timed(|| {
                let note = Parsed::open(&text, vault.symbols(), &vault.parse_options());
                vault.apply([Change::Note(path.clone(), Some(note))]);
            })
        });
        report(name, times.collect());
        vault.apply([Change::Remove(path)]);
    }
}
