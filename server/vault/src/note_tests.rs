//! Tests of [`crate::note`].

use super::*;
use proptest::prelude::*;

/// What a note states, one fact a line, as its source says it.
fn facts(text: &str) -> Vec<String> {
    let symbols = Symbols::default();
    let options = ParseOptions {
        soft_fences: vec!["leaflet".to_owned()],
    };
    let note = Note::parse(text, &symbols, &options);
    let slice = |range: Range<u32>| &text[range.start as usize..range.end as usize];
    let mut facts = Vec::new();
    for link in &note.links {
        let (folder, name) = (symbols.string(link.folder), symbols.string(link.name));
        let subpath = symbols.string(link.subpath);
        let hash = if link.is(Link::SUBPATH) { "#" } else { "" };
        facts.push(format!(
            "link {} -> {folder}{name}{hash}{subpath}",
            slice(link.range())
        ));
    }
    for heading in &note.headings {
        facts.push(format!("h{} {}", heading.level(), slice(heading.range())));
    }
    for tag in &note.tags {
        facts.push(format!(
            "tag {} = {}",
            slice(tag.range()),
            symbols.string(tag.name)
        ));
    }
    for field in &note.fields {
        facts.push(format!(
            "field {} = {}",
            slice(field.range()),
            symbols.string(field.key)
        ));
    }
    for property in &note.properties {
        let key = symbols.string(property.key);
        facts.push(format!(
            "property {} = {key}: {:?}",
            slice(property.key_range()),
            property.kind
        ));
    }
    for alias in &note.aliases {
        facts.push(format!("alias {}", symbols.string(alias.name)));
    }
    for block in note.blocks {
        facts.push(format!("block {}", slice(block.id_range.clone())));
    }
    for label in note.labels {
        facts.push(format!("{:?} {}", label.kind, slice(label.range.clone())));
    }
    facts
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(facts(text), expected, "{text}");
    let crlf = text.replace('\n', "\r\n");
    let found: Vec<String> = facts(&crlf)
        .iter()
        .map(|fact| fact.replace("\r\n", "\n"))
        .collect();
    assert_eq!(found, expected, "with CRLF: {text}");
}

#[test]
fn links_count_where_g8_says() {
    check(
        "a `[[c]]` [[b]]\n\n    [[c]]\n\n%% [[d]] %%\n<!-- [[c]] -->\n\n<span>[[e]]</span> $[[c]]$\n\n> [!note] [[f]]\n\n```\n[[c]]\n```\n```leaflet\nimage: [[g]]\n```\n",
        &[
            "link [[b]] -> b",
            "link [[d]] -> d",
            "link [[e]] -> e",
            "link [[f]] -> f",
            "link [[g]] -> g",
        ],
    );
}

#[test]
fn a_bare_pipe_in_a_table_is_no_end_of_a_link() {
    check(
        "|x|y|\n|-|-|\n|[[a|b]]|[[c\\|d]]|\n",
        &["link [[a|b]] -> a", r"link [[c\|d]] -> c"],
    );
}

#[test]
fn markdown_links_follow_g10() {
    check(
        "[a](b%20c.md#H) ![](./y.svg) [x](https://e.org/#t) [u][id] [z]() [s](a b)\n\n[id]: <n o.md> 'title'\n",
        &[
            "link [a](b%20c.md#H) -> b c.md#H",
            "link ![](./y.svg) -> ./y.svg",
            "link [x](https://e.org/#t) -> ",
            "link [id]: <n o.md> 'title' -> n o.md",
            "DefinitionUse [u][id]",
            "Definition [id]: <n o.md> 'title'",
        ],
    );
}

#[test]
fn properties_follow_g9_and_t5() {
    check(
        "---\nup: \"[[A#H|x]]\"\nmd: '[m](b.md)'\ntext: 'see [[B]]'\nunquoted: [[C]]\nlist:\n  - '![[D''s]]'\ntags: [x, '#y/z', a b, 2024, 1a]\naliases:\n  - Al\n  - '[[no]]'\n  - 5\nnest:\n  when: 2024-05-06\n---\n",
        &[
            "link [[A#H|x]] -> A#H",
            "link [m](b.md) -> b.md",
            "link ![[D''s]] -> D's",
            "tag x = x",
            "tag #y/z = y/z",
            "tag 1a = 1a",
            "property up = up: Link",
            "property md = md: Text",
            "property text = text: Text",
            "property unquoted = unquoted: List",
            "property list = list: List",
            "property tags = tags: List",
            "property aliases = aliases: List",
            "property nest = nest: Map",
            "property when = nest.when: Date",
            "alias Al",
            "alias [[no]]",
        ],
    );
}

#[test]
fn statements_are_heading_tag_field_and_link() {
    check(
        "# [[N]] \n\n### #is_/same_as :: [[/_public/x/N.public|N.public]] \n\nSet\n===\n## Closed ##\n",
        &[
            "link [[N]] -> N",
            "link [[/_public/x/N.public|N.public]] -> /_public/x/N.public",
            "h1 [[N]]",
            "h3 #is_/same_as :: [[/_public/x/N.public|N.public]]",
            "h1 Set",
            "h2 Closed",
            "tag #is_/same_as = is_/same_as",
            "field is_/same_as :: [[/_public/x/N.public|N.public]] = is_same_as",
        ],
    );
}

#[test]
fn tags_stand_where_t3_says() {
    check(
        "**#a** _#b_ [t #c](u#n) [[x]]#d `#n` https://e.org/#n $5 and #e for $10\n[[n#n|#n]] [#f]\n",
        &[
            "link [t #c](u#n) -> u#n",
            "link [[x]] -> x",
            "link [[n#n|#n]] -> n#n|#n".trim_end_matches("|#n"),
            "tag #a = a",
            "tag #b = b",
            "tag #c = c",
            "tag #d = d",
            "tag #e = e",
            "tag #f = f",
        ],
    );
}

#[test]
fn footnotes_and_sections() {
    check(
        "a[^1] b\n\n[^1]: The note.\n",
        &["FootnoteUse [^1]", "Footnote [^1]: The note."],
    );
    let symbols = Symbols::default();
    let text = "# A\n## B\nx\n# A\n";
    let note = Note::parse(text, &symbols, &ParseOptions::default());
    assert_eq!(note.section(0), 0..11);
    assert_eq!(note.section(1), 4..11);
    assert_eq!(note.anchor("a#b"), Some(Anchor::Heading(1)));
    assert_eq!(note.anchor("b#a"), None);
}

/// Every fact lies on character boundaries and inside the text.
fn assert_sound(text: &str) {
    let symbols = Symbols::default();
    let note = Note::parse(text, &symbols, &ParseOptions::default());
    let ok = |range: Range<u32>| text.get(range.start as usize..range.end as usize).is_some();
    assert!(note.links.iter().all(|link| ok(link.range())));
    assert!(note.links.is_sorted_by_key(|link| link.start));
    assert!(note.headings.iter().all(|heading| ok(heading.range())));
    assert!(note.tags.iter().all(|tag| ok(tag.range())));
    assert!(
        note.fields
            .iter()
            .all(|field| ok(field.range()) && ok(field.key_range()))
    );
    assert!(
        note.properties
            .iter()
            .all(|property| ok(property.key_range()))
    );
    assert!(
        note.blocks
            .iter()
            .all(|b| ok(b.id_range.clone()) && ok(b.range.clone()))
    );
    assert!(note.labels.iter().all(|label| ok(label.range.clone())));
    assert!(note.regions.iter().all(|region| ok(region.range.clone())));
    let sections = note.sections(&note.lines.index(Encoding::Utf8));
    for index in 0..note.headings.len() {
        assert!(ok(note.section(index)));
        assert_eq!(note.section(index), sections[index].range);
        let parent = sections[index].parent.map(|parent| &sections[parent].range);
        assert!(parent.is_none_or(|parent| parent.end >= sections[index].range.end));
    }
}

proptest! {
    #[test]
    fn every_text_gives_sound_facts(
        text in "(---\n|\\[\\[|\\]\\]|\\||#|::|`|```\n|\\$|<!--|-->|%%|\n|\r\n|\r| |> |- |a|é|大|😀|\\^id|\\[\\^1\\]|:|key: |\\(|\\)|!|\\\\|_|\u{feff}|\0){0,60}"
    ) {
        assert_sound(&text);
        assert_sound(&format!("---\n{text}\n---\n{text}"));
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    // A quadratic step would take minutes here, and not a second.
    for unit in [
        "[[",
        "]]",
        "[[a|",
        "[[a]]",
        "![[",
        "[x](",
        "[a::",
        "(a::",
        "a::",
        "> ",
        "- ",
        "#a",
        "#",
        "`",
        "``",
        "$",
        "$$",
        "%%",
        "<!--",
        "<a ",
        "^a ",
        " ^a\n",
        "[^1]",
        "[^1]: a\n",
        "[a]: b\n",
        "*a ",
        "_a ",
        "|",
        "|a|\n|-|\n",
        "\r",
        "\0",
        "大",
        "[![",
        "~~",
        "\\",
        "[[a#^b]] ",
        "# a\n",
        "1. a\n",
        "%% \n",
        "\t",
        "<",
        "[[x]]#",
        "[]()",
    ] {
        let text = unit.repeat(400_000 / unit.len());
        assert_sound_quickly(&text);
        assert_sound_quickly(&format!("---\n{text}\n---\n"));
        assert_sound_quickly(&format!("---\na: \"{text}\"\n---\n"));
    }
}

fn assert_sound_quickly(text: &str) {
    let symbols = Symbols::default();
    let note = Note::parse(text, &symbols, &ParseOptions::default());
    assert_eq!(note.len as usize, text.len());
}
