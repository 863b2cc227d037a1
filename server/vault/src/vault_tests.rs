//! A vault as a whole: what its links mean, and that time grows with its text.

use crate::query::NoTexts;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::change::Change;
use crate::digest::Parsed;
use crate::index::FileId;
use crate::query::calls::{Node, incoming, outgoing};
use crate::query::completion;
use crate::query::definition::{definition, implementations};
use crate::query::diagnostics::diagnostics;
use crate::query::folding::folds;
use crate::query::hints::hints;
use crate::query::hover::hover;
use crate::query::lenses::lenses;
use crate::query::links::document_links;
use crate::query::names::workspace_symbols;
use crate::query::references::{count, highlights, references};
use crate::query::selection::selections;
use crate::query::subject::Subject;
use crate::query::symbols::outline;
use crate::query::tokens::tokens;
use crate::query::{Location, Texts};
use crate::settings::{Filter, Settings};
use crate::vault::Vault;

#[path = "vault_model_tests.rs"]
mod model;

/// Texts in memory.
struct Memory<'a>(&'a Vault, &'a [(&'a str, &'a str)]);

impl Texts for Memory<'_> {
    fn text(&self, file: FileId) -> Option<Arc<str>> {
        let path = self.0.path(file)?;
        let found = self.1.iter().find(|file| file.0 == path);
        found.map(|file| file.1.into())
    }
}

fn note(vault: &Vault, path: &str, text: &str) -> Change {
    let parsed = Parsed::closed(text, vault.symbols(), &vault.parse_options());
    Change::Note(path.to_owned(), Some(parsed))
}

fn vault_with(settings: Settings, files: &[(&str, &str)]) -> Vault {
    let mut vault = Vault::new(Arc::new(settings));
    let changes: Vec<Change> = files
        .iter()
        .map(|file| note(&vault, file.0, file.1))
        .collect();
    vault.apply(changes);
    vault.set_complete();
    vault
}

fn vault(files: &[(&str, &str)]) -> Vault {
    vault_with(Settings::default(), files)
}

/// The file and the offset of the `$` that stands in one of the texts.
fn cursor<'a>(files: &[(&'a str, &'a str)]) -> (Vec<(&'a str, String)>, &'a str, u32) {
    let here = files.iter().find(|file| file.1.contains('$')).unwrap();
    let at = here.1.find('$').unwrap() as u32;
    let texts = files
        .iter()
        .map(|file| (file.0, file.1.replacen('$', "", 1)));
    (texts.collect(), here.0, at)
}

/// The vault of `files`, the file with the `$`, and the offset of the `$`.
fn asked(files: &[(&str, &str)]) -> (Vault, FileId, u32) {
    let (texts, path, at) = cursor(files);
    let texts: Vec<(&str, &str)> = texts.iter().map(|file| (file.0, file.1.as_str())).collect();
    let vault = vault(&texts);
    let file = vault.find(path).unwrap();
    (vault, file, at)
}

fn shown(vault: &Vault, found: &[Location]) -> Vec<String> {
    let places = found.iter();
    let places =
        places.map(|place| format!("{}:{}", vault.path(place.file).unwrap(), place.range.start));
    places.collect()
}

fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (vault, file, at) = asked(files);
    shown(&vault, &references(&vault, file, at, false, &|| false))
}

fn goes_to(files: &[(&str, &str)]) -> Option<String> {
    let (vault, file, at) = asked(files);
    definition(&vault, file, at).map(|place| vault.path(place.file).unwrap())
}

#[test]
fn files_lie_beside_those_of_their_folder() {
    let mut vault = Vault::default();
    let paths = ["x/a.md", "x/y/b.md", "x/c.png", "X/d.md", "e.md"];
    vault.apply(paths.map(|path| Change::File(path.to_owned())));
    let beside = |vault: &Vault, path: &str| -> Vec<String> {
        let beside = vault.beside(vault.find(path).unwrap());
        beside.filter_map(|file| vault.path(file)).collect()
    };
    assert_eq!(beside(&vault, "x/a.md"), ["x/a.md", "x/c.png"]);
    assert_eq!(beside(&vault, "e.md"), ["e.md"]);
    vault.apply([Change::Remove("x/c.png".to_owned())]);
    assert_eq!(beside(&vault, "x/a.md"), ["x/a.md"]);
}

#[test]
fn the_spellings_of_one_missing_note_are_one() {
    let files = [
        ("q/a.md", "[[q/No$pe]]"),
        ("q/b.md", "[[./nope]] [[/q/Nope.md]] [[../q/Nope]]"),
        ("c.md", "[[Nope]] [[./Nope]]"),
    ];
    assert_eq!(
        found(&files),
        ["q/a.md:0", "q/b.md:0", "q/b.md:11", "q/b.md:26"]
    );
    let elsewhere = [("a/x.md", "[[../n$]]"), ("b/c/y.md", "[[../n]]")];
    assert_eq!(found(&elsewhere), ["a/x.md:0"]);
}

#[test]
fn a_title_is_asked_for_its_note_and_for_its_heading() {
    let meeting = [
        ("202401.md", "# Mee$ting\n"),
        ("b.md", "[[202401]] [[202401#Meeting]] [[202401|x]]"),
    ];
    assert_eq!(found(&meeting), ["b.md:0", "b.md:11", "b.md:30"]);
    assert_eq!(found(&[("A.md", "# $A\n[[#A]] [[#B]]\n# B\n")]), ["A.md:4"]);
    assert_eq!(found(&[("a.md", "$"), ("b.md", "[[a]]")]), ["b.md:0"]);
    assert_eq!(
        found(&[("a.md", "# X\n[[#X$]]\n"), ("b.md", "[[a]] [[a#x]]")]),
        ["a.md:4", "b.md:6"]
    );
}

#[test]
fn the_links_of_a_note_to_itself_are_no_backlinks() {
    let vault = vault(&[
        ("a.md", "# H\n[[a]] [[#H]] [[a#H]]"),
        ("b.md", "[[a]] [[a]]"),
    ]);
    let file = vault.find("a.md").unwrap();
    assert_eq!(count(&vault, &Subject::File(file)), 2);
}

#[test]
fn a_link_around_an_image_is_followed_at_both_ends() {
    for text in ["[![alt](i.png)](b.$md)", "$[![alt](i.png)](b.md)"] {
        assert_eq!(
            goes_to(&[("a.md", text), ("b.md", ""), ("i.png", "")]).as_deref(),
            Some("b.md")
        );
    }
    let inner = goes_to(&[
        ("a.md", "[![alt](i.p$ng)](b.md)"),
        ("b.md", ""),
        ("i.png", ""),
    ]);
    assert_eq!(inner.as_deref(), Some("i.png"));
}

#[test]
fn nested_properties_do_not_meet_fields() {
    assert_eq!(
        found(&[
            ("a.md", "---\np:\n  $c: 1\n---\n"),
            ("b.md", "pc:: 2\n"),
            ("c.md", "---\nP: {C: 2}\n---\n")
        ]),
        ["a.md:9", "c.md:8"]
    );
    assert_eq!(
        found(&[("a.md", "---\nMy K$ey: 1\n---\n"), ("b.md", "my-key:: 2\n")]),
        ["a.md:4", "b.md:0"]
    );
}

#[test]
fn fragments_of_other_tools_are_found() {
    let (vault, file, at) = asked(&[
        ("a.md", "[x](b.md#a-b-$c) [[b#a-b-c]]"),
        ("b.md", "# z\n# A-b c\n"),
    ]);
    assert_eq!(definition(&vault, file, at).unwrap().selection, 6..11);
    assert_eq!(definition(&vault, file, at + 10).unwrap().selection, 0..0);
}

#[test]
fn odd_blanks_in_names_are_blanks() {
    for link in ["[[a b$]]", "[[a\u{a0}b$]]", "[[x/a\u{202f}b$]]"] {
        let target = goes_to(&[("n.md", link), ("x/a\u{a0}b.md", "")]);
        assert_eq!(target.as_deref(), Some("x/a\u{a0}b.md"), "{link}");
    }
}

#[test]
fn one_note_does_not_make_a_tiered_vault() {
    let mut files = vec![
        ("X.md", "[[/_Standards/Earth/X|X]]"),
        ("b/c.md", ""),
        ("n.md", "[[/b/c$]]"),
    ];
    let others: Vec<String> = (0..30).map(|n| format!("o/{n}.md")).collect();
    files.extend(others.iter().map(|path| (path.as_str(), "")));
    assert_eq!(goes_to(&files).as_deref(), Some("b/c.md"));
    assert_eq!(asked(&files).0.mount(), "");
    let (vault, file, at) = asked(&[
        ("X.md", "[[/_Standards/Earth/X|X]]"),
        ("b/c.md", "[[/_Standards/Earth/b/c]] [[/X$]]"),
    ]);
    assert_eq!(vault.mount(), "_Standards/Earth/");
    // A path from the root of the folder that is open is understood as well.
    assert!(definition(&vault, file, at).is_some());
}

#[test]
fn a_folder_that_is_fetched_later_is_absent_no_more() {
    let settings = Settings {
        absent_folders: vec!["Data".to_owned()],
        ..Settings::default()
    };
    let mut vault = vault_with(settings, &[("a.md", "[[Data/none]]")]);
    let says = |vault: &Vault| {
        let texts = [("a.md", "[[Data/none]]")];
        hover(
            vault,
            vault.find("a.md").unwrap(),
            4,
            &Memory(vault, &texts),
        )
        .unwrap()
        .text
    };
    assert!(says(&vault).contains("kept separately"), "{}", says(&vault));
    vault.apply([Change::File("Data/b.md".to_owned())]);
    assert!(
        says(&vault).contains("no note of this name"),
        "{}",
        says(&vault)
    );
}

#[test]
fn a_copy_that_is_not_written_has_a_family() {
    let (vault, file, at) = asked(&[
        ("_Standards/x/N.md", "[[../../_public/x/N.pub$lic]]"),
        ("_public/o.public.md", ""),
    ]);
    let copies = implementations(&vault, file, at);
    assert_eq!(copies.len(), 1);
}

#[test]
fn hover_names_the_others_of_an_ambiguous_link() {
    let files = [("q/n.md", "[[City]]"), ("a/City.md", ""), ("b/City.md", "")];
    let vault = vault(&files);
    let text = hover(
        &vault,
        vault.find("q/n.md").unwrap(),
        4,
        &Memory(&vault, &files),
    )
    .unwrap()
    .text;
    assert!(
        text.contains("`b/City.md`") && text.contains("nearest"),
        "{text}"
    );
}

#[test]
fn names_are_asked_for_by_kind_and_folder() {
    let vault = vault(&[
        ("d3/note.md", "#note #x/note\n"),
        ("d4/note.md", "# note 2\n"),
        ("d3/i.png", ""),
    ]);
    let names = |query: &str| -> Vec<String> {
        let found = workspace_symbols(&vault, query, 9, &|| false);
        found
            .iter()
            .map(|name| format!("{} {}", name.name, vault.path(name.file).unwrap()))
            .collect()
    };
    assert_eq!(names("d3/note"), ["note d3/note.md"]);
    assert_eq!(names("D4/"), ["note d4/note.md"]);
    assert_eq!(names("#"), ["#note d3/note.md", "#x/note d3/note.md"]);
    assert_eq!(names("#note"), ["#note d3/note.md", "#x/note d3/note.md"]);
}

#[test]
fn excluded_files_are_in_no_list_and_count_not() {
    let files = [("arch/old.md", "#t [[a]]"), ("a.md", "#t [[ol$d]]")];
    let (mut vault, file, at) = asked(&files);
    let told = |vault: &Vault| {
        let names = workspace_symbols(vault, "old", 9, &|| false).len();
        (
            names,
            vault.tag_uses("t"),
            references(vault, file, at, false, &|| false).len(),
        )
    };
    assert_eq!(told(&vault), (1, 2, 1));
    let mut settings = Settings::default();
    settings.obsidian.excluded = vec![Filter::new("arch/").unwrap()];
    vault.apply([Change::Settings(Arc::new(settings))]);
    assert_eq!(told(&vault), (0, 1, 1), "the link still resolves");
    vault.apply([note(&vault, "arch/new.md", "#t #t")]);
    assert_eq!(told(&vault), (0, 1, 1));
    vault.apply([Change::Settings(Arc::default())]);
    assert_eq!(told(&vault), (1, 4, 1));
}

/// Four times the text; a quadratic step somewhere would take sixteen times as
/// long, and do so again. What other processes take is not the same each time.
fn assert_linear(unit: &str, time: impl Fn(usize) -> Duration) {
    let is_linear = |_| {
        let (small, large) = (time(1), time(4));
        large < small * 10 + Duration::from_millis(10)
    };
    assert!((0..5).any(is_linear), "{unit:.20?} takes too long");
}

/// The least of some times, for others use the machine as well.
fn least(mut work: impl FnMut()) -> Duration {
    let times = (0..4).map(|_| {
        let begin = Instant::now();
        work();
        begin.elapsed()
    });
    times.min().unwrap_or_default()
}

#[test]
fn time_grows_with_the_text_and_not_faster() {
    let line = |unit: &str, breaks: usize| format!("{}\n", unit.repeat(breaks / unit.len()));
    let mut units: Vec<String> = [
        "%%a ",
        "%% ",
        "a%%b",
        "%%a\n",
        "## h\ntext\n",
        "h\n-\n",
        "#t\n",
        "#t ",
        "😀[[b]]",
        "[^1] ",
        "[^1]: x\n\n",
        "x ^a\n\n",
        "[[#^a]] ",
        "[[b#h]]",
        "==#a",
        "_#a ",
        "a:: b\n",
        "[a:: b] ",
        "[r]",
        "- a\n  - b\n",
        "][",
        "[a b][c d] ",
        "[r]: b\n",
    ]
    .map(str::to_owned)
    .to_vec();
    units.extend([
        line("::", 32_000),
        line("a::", 32_000),
        line("[::", 32_000),
        line("#a/", 32_000),
    ]);
    for unit in &units {
        let time = |times: usize| {
            let text = unit.repeat(times * (12_000 / unit.len()).max(1)) + "\n[^1]: note\n";
            least(|| {
                let vault = vault(&[("a.md", &text)]);
                let file = vault.find("a.md").unwrap();
                let asked = (
                    outline(&vault, file, &text),
                    highlights(&vault, file, 1),
                    document_links(&vault, file, &Memory(&vault, &[("a.md", &text)])),
                    diagnostics(&vault, file, &text, 0, &NoTexts),
                );
                std::hint::black_box(asked);
                let note = vault.note(file).unwrap();
                let whole = 0..note.len;
                let never: &dyn Fn() -> bool = &|| false;
                let end = Node {
                    file,
                    heading: None,
                };
                let read = (
                    folds(&note, &text, usize::MAX),
                    selections(&note, &text, &[0, note.len / 2, note.len]),
                    tokens(&vault, file, &text, &whole),
                    hints(&vault, file, &text, &whole),
                    lenses(&vault, file),
                    (
                        incoming(&vault, end, None, never),
                        outgoing(&vault, end, never),
                    ),
                );
                std::hint::black_box(read);
            })
        };
        assert_linear(unit, time);
    }
}

#[test]
fn time_to_complete_grows_with_the_text_and_not_faster() {
    for unit in [
        "# h\n## h\n",
        "## h\n",
        "x\n\n",
        "- x ^a\n",
        "%%a\n",
        "x %%a%%\n\n",
    ] {
        let time = |times: usize| {
            let text = unit.repeat(times * 3_000) + "\n[[#^";
            let vault = vault(&[("a.md", &text)]);
            let place = |offset: usize| completion::Place {
                vault: &vault,
                file: vault.find("a.md").unwrap(),
                text: &text,
                offset: offset as u32,
                recent: &[],
                today: jiff::civil::date(2024, 1, 31),
                texts: &NoTexts,
                stop: &|| false,
            };
            // Headings, then blocks.
            let places = [text.len() - 1, text.len()].map(place);
            least(|| {
                std::hint::black_box(places.map(|place| completion::completion(&place)));
            })
        };
        assert_linear(unit, time);
    }
}

#[test]
fn time_grows_with_the_frontmatter_and_not_faster() {
    for unit in [
        "k: 1\n",
        "k: [\n",
        "? a\n: b\n",
        "- x\n",
        "k: [[b]]\n",
        "a: b: c\n",
        "k:\n    - a\n  - b\n",
        "k:\n- a\n  - b\n",
        "k:\n\t- a\n",
    ] {
        let time = |times: usize| {
            let text = format!("---\n{}---\n", unit.repeat(times * 1_500));
            least(|| {
                let vault = vault(&[("a.md", &text)]);
                let file = vault.find("a.md").unwrap();
                std::hint::black_box(diagnostics(&vault, file, &text, 0, &NoTexts));
            })
        };
        assert_linear(unit, time);
    }
}

#[test]
fn keys_of_great_length_take_no_great_room() {
    let mut text = String::from("---\n");
    for depth in 0..60 {
        let (indent, key) = (" ".repeat(depth), "k".repeat(1_000));
        text.extend([&indent, &key, ":\n"]);
    }
    for leaf in 0..2_000 {
        let leaf = leaf.to_string();
        text.extend([&" ".repeat(60), "l", &leaf, ": 1\n"]);
    }
    let vault = vault(&[("a.md", &(text + "---\n"))]);
    assert!(vault.size().strings < 1_000_000, "{:?}", vault.size());
}
