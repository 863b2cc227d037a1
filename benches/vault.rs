//! Measures a vault, always beside the floor: a program that only walks the
//! folder and reads the files. Prints, and asserts nothing.
//!
//!     cargo bench --bench vault -- FOLDER [FOLDER …]

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
use vaultmark_vault::query::{Texts, definition, hover, names, references};
use vaultmark_vault::vault::Vault;

fn main() {
    let folders = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'));
    for folder in folders {
        if let Err(error) = measure(Path::new(&folder)) {
            eprintln!("{folder}: {error:#}");
        }
    }
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
    keystrokes(&mut opened.vault);
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

/// Prints the median and the 95th percentile.
fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .copied()
            .unwrap_or_default()
    };
    println!("  {name:<30}{:>12.1?}  p95 {:.1?}", at(50), at(95));
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
