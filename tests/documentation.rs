//! The documentation holds together: its links lead somewhere, and the book has
//! all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The links of a document, and the anchors of its headings.
#[derive(Default)]
struct Document {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

impl Document {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let (mut document, mut heading) = (Self::default(), None::<String>);
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(dest_url.into_string());
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = slug(&heading.take().unwrap());
                    document.anchors.insert(anchor);
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                _ => {}
            }
        }
        document
    }
}

/// The anchor that forges and mdBook give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter => letter.is_alphanumeric().then_some(letter),
    });
    kept.collect::<String>().to_lowercase()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .canonicalize()
        .unwrap()
}

/// Documents in a folder, with their paths.
fn documents(folder: &Path) -> BTreeMap<PathBuf, Document> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let documents = files.filter(|path| path.extension().is_some_and(|end| end == "md"));
    documents
        .map(|path| (path.clone(), Document::read(&path)))
        .collect()
}

#[test]
fn every_link_of_the_documentation_leads_somewhere() {
    let mut all = documents(&root());
    all.extend(documents(&root().join("docs")));
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, document) in &all {
        let is_address = |link: &&String| link.contains("://") || link.starts_with("mailto:");
        for link in document.links.iter().filter(|link| !is_address(link)) {
            count += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let Ok(target) = target.canonicalize() else {
                wrong.push(format!("{}: there is no {link}", path.display()));
                continue;
            };
            let is_there = anchor.is_empty()
                || all
                    .get(&target)
                    .is_some_and(|other| other.anchors.contains(anchor));
            if !is_there {
                wrong.push(format!("{}: {link} has no such heading", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 50, "{count}");
}

#[test]
fn the_book_has_every_page_once_and_its_links_stay_in_it() {
    let folder = root().join("docs");
    let pages = documents(&folder);
    let summary = folder.join("SUMMARY.md");
    let listed: Vec<PathBuf> = pages[&summary]
        .links
        .iter()
        .map(|link| folder.join(link))
        .collect();
    let there: Vec<&PathBuf> = pages.keys().filter(|page| **page != summary).collect();
    let mut sorted: Vec<&PathBuf> = listed.iter().collect();
    sorted.sort();
    assert_eq!(sorted, there);
    // mdBook has nothing outside of its folder.
    for (path, page) in &pages {
        let out = page.links.iter().find(|link| link.starts_with("../"));
        assert_eq!(out, None, "{}", path.display());
    }
}
