use std::fmt::Write;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Reads `yaml` between delimiters; returns the whole text as well.
fn read(yaml: &str) -> (String, Frontmatter) {
    let text = format!("---\n{yaml}\n---\nbody\n");
    let frontmatter = parse(&text, &cut(&text).unwrap());
    check(&text, &frontmatter);
    (text, frontmatter)
}

/// What must hold for every input.
fn check(text: &str, frontmatter: &Frontmatter) {
    let content = cut(text).unwrap().content;
    let inside = |range: &Range<usize>| {
        assert!(text.get(range.clone()).is_some(), "{range:?} {text:?}");
        assert!(
            content.start <= range.start && range.end <= content.end,
            "{range:?} {text:?}"
        );
    };
    let mut last = vec![content.start; MAX_LEVELS];
    for entry in &frontmatter.entries {
        inside(&entry.range);
        inside(&inner(text, entry));
        let depth = usize::from(entry.depth);
        let start = entry
            .key
            .as_ref()
            .map_or(entry.range.start, |key| key.range.start);
        assert!(
            last[depth] <= start && start <= entry.range.start,
            "{entry:?} {text:?}"
        );
        last[depth] = entry.range.end;
        last[depth + 1] = start;
        if let Some(key) = &entry.key {
            inside(&key.range);
            assert!(key.range.end <= entry.range.start, "{entry:?} {text:?}");
        }
        if let Some(parent) = entry.parent {
            let parent = &frontmatter.entries[parent as usize];
            assert_eq!(parent.depth + 1, entry.depth);
            assert!(
                parent.range.start <= start && entry.range.end <= parent.range.end,
                "{text:?}"
            );
        }
    }
    frontmatter
        .problems
        .iter()
        .for_each(|problem| inside(&problem.range));
    assert_eq!(frontmatter.valid, frontmatter.problems.is_empty());
}

const MAX_LEVELS: usize = 66;

/// One line an entry: path, value, and the source of its range.
fn show(text: &str, frontmatter: &Frontmatter) -> Vec<String> {
    let entries = frontmatter.entries.iter().enumerate();
    let lines = entries.map(|(at, entry)| {
        let value = match &entry.value {
            Value::Scalar(scalar) => scalar.text.clone(),
            other => format!("<{other:?}>"),
        };
        format!(
            "{}={value}|{}",
            frontmatter.key_path(at),
            &text[entry.range.clone()]
        )
    });
    lines.collect()
}

#[track_caller]
fn reads(yaml: &str, expected: &[&str]) {
    let (text, frontmatter) = read(yaml);
    assert_eq!(frontmatter.problems, []);
    assert_eq!(show(&text, &frontmatter), expected);
}

/// The underlined sources and kinds of the problems, with part of the message.
#[track_caller]
fn fails(yaml: &str, expected: &[(ProblemKind, &str, &str)]) -> Vec<String> {
    let (text, frontmatter) = read(yaml);
    let problems = &frontmatter.problems;
    let found: Vec<_> = problems
        .iter()
        .map(|p| (p.kind, &text[p.range.clone()]))
        .collect();
    let wanted: Vec<_> = expected.iter().map(|e| (e.0, e.1)).collect();
    assert_eq!(found, wanted, "{problems:?}");
    for (problem, (_, _, message)) in problems.iter().zip(expected) {
        assert!(problem.message.contains(message), "{problem:?}");
    }
    show(&text, &frontmatter)
}

use ProblemKind::{DuplicateKey, NotAMapping, Syntax, TooDeep};

#[test]
fn the_delimiters_are_exact() {
    let ranges = |text| cut(text).map(|cut| (cut.whole, cut.content));
    assert_eq!(ranges("---\na: 1\n---\nb"), Some((0..13, 4..9)));
    assert_eq!(
        ranges("\u{feff}---\r\na: 1\r\n--- \t\r\nb"),
        Some((3..21, 8..14))
    );
    assert_eq!(ranges("---\ra\r---\rb"), Some((0..10, 4..6)));
    assert_eq!(ranges("---\n---"), Some((0..7, 4..4)));
    assert_eq!(ranges("---\na\n--- b\n----\n---"), Some((0..20, 4..17)));
    for none in [
        "",
        "---",
        "--- \n---",
        "\n---\n---",
        " ---\n---",
        "---\na\n...\n",
        "---\n ---\n",
    ] {
        assert_eq!(ranges(none), None, "{none:?}");
    }
}

#[test]
fn values_have_paths_and_places() {
    reads("up: \"[[A]]\"", &["up=[[A]]|\"[[A]]\""]);
    reads(
        "a:\n  - x\n  - 'y'",
        &["a=<List>|- x\n  - 'y'", "a.0=x|x", "a.1=y|'y'"],
    );
    reads(
        "n: {k: {j: 1}}\nm: 2",
        &[
            "n=<Map>|{k: {j: 1}}",
            "n.k=<Map>|{j: 1}",
            "n.k.j=1|1",
            "m=2|2",
        ],
    );
    reads(
        "n:\n  k: 1\n\n# c\nm: 2 # c",
        &["n=<Map>|k: 1", "n.k=1|1", "m=2|2"],
    );
    reads(
        "{\"a\": 1, 'b': [x, y]}",
        &["a=1|1", "b=<List>|[x, y]", "b.0=x|x", "b.1=y|y"],
    );
    reads(
        "a: [[A]]",
        &["a=<List>|[[A]]", "a.0=<List>|[A]", "a.0.0=A|A"],
    );
    reads(
        "a: [k: v, d]",
        &[
            "a=<List>|[k: v, d]",
            "a.0=<Map>|k: v",
            "a.0.k=v|v",
            "a.1=d|d",
        ],
    );
    reads(
        "日: 'it''s'\né: \"x\\\"\\u00e9\"",
        &["日=it's|'it''s'", "é=x\"é|\"x\\\"\\u00e9\""],
    );
    reads("a: b\n  c\nd:\te", &["a=b c|b\n  c", "d=e|e"]);
    reads("a: b\rd:\r- x\r", &["a=b|b", "d=<List>|x", "d.0=x|x"]);
    reads(
        "a: |\n  x\n   y\n\nb: >-\n  z\n  w",
        &["a=x\n y\n|x\n   y", "b=z w|z\n  w"],
    );
    reads(
        "a: !!str &x 5\nb: [*x]",
        &["a=5|5", "b=<List>|[*x]", "b.0=<Alias>|*x"],
    );
}

#[test]
fn aliases_that_repeat_without_end_are_found_where_they_do() {
    let problems = |content: &str| {
        let text = format!("---\n{content}\n---\n");
        let front = parse(&text, &cut(&text).unwrap());
        let problems = front.problems.into_iter();
        let shown = problems.map(|problem| (text[problem.range].to_owned(), problem.kind));
        shown.collect::<Vec<_>>()
    };
    let bomb = |levels: usize| {
        let mut lines = vec!["a0: &a0 [x, x, x, x, x, x, x, x, x, x]".to_owned()];
        for level in 1..=levels {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            lines.push(format!("a{level}: &a{level} [{items}]"));
        }
        lines
    };
    assert_eq!(problems(&bomb(2).join("\n")), []);
    let large = [("*a2".to_owned(), ProblemKind::TooLarge)];
    assert_eq!(problems(&bomb(4).join("\n")), large);
    assert_eq!(problems(&bomb(40).join("\n")).len(), 1);
    // Also where another mistake makes it read property by property.
    let broken = format!("{}\nb: @x", bomb(4).join("\n"));
    assert_eq!(problems(&broken)[0], large[0]);
    let own = [("*a".to_owned(), ProblemKind::TooLarge)];
    assert_eq!(problems("k: &a\n  b: [*a]"), own);
    assert_eq!(problems("k: &a {b: [1]}\nl: [*a, *a]\nm: &b x\nn: *b"), []);
}

#[test]
fn missing_values_are_null_behind_the_colon() {
    reads("", &[]);
    reads("# only\n\n# comments", &[]);
    let nulls = [
        "a=<Null>|",
        "b=<Null>|~",
        "c=<Null>|null",
        "d=null|'null'",
        "e=|\"\"",
    ];
    reads("a:\nb: ~\nc: null\nd: 'null'\ne: \"\"", &nulls);
    let (text, found) = read("a : # c\nb: {c, d: }\ne:\n-\n- f");
    let nulls = found
        .entries
        .iter()
        .filter(|entry| entry.value == Value::Null);
    let before: Vec<_> = nulls.map(|entry| &text[4..entry.range.start]).collect();
    let b = "a : # c\nb: {c";
    assert_eq!(
        before,
        ["a :", b, &format!("{b}, d:"), &format!("{b}, d: }}\ne:\n-")]
    );
}

#[test]
fn the_inside_of_a_scalar_has_no_quotes() {
    let (text, found) = read("a: \"[[A]]\"\nb: 'x'\nc: y\nd: |\n\n  [[D]]\n\ne: ''\nf: [z]\ng:");
    let inside: Vec<_> = found
        .children(None)
        .map(|(_, e)| &text[inner(&text, e)])
        .collect();
    assert_eq!(inside, ["[[A]]", "x", "y", "[[D]]", "", "[z]", ""]);
    let lists: Vec<_> = found
        .children(Some(5))
        .map(|(at, _)| found.key_path(at))
        .collect();
    assert_eq!(lists, ["f.0"]);
    assert_eq!(
        (found.children(Some(99)).count(), found.key_path(99)),
        (0, String::new())
    );
}

#[test]
fn keys_that_are_no_scalars_are_passed_over() {
    reads("? [x, {y: z}]\n: [v, {w: u}]\na: 1", &["a=1|1"]);
    reads("? q\n? r\n: s", &["q=<Null>|", "r=s|s"]);
    reads("&x a: *x\n*x : b\nc: d", &["a=<Alias>|*x", "c=d|d"]);
    reads("{[a]: b, c: d}", &["c=d|d"]);
    reads("? |\n  k\n: v", &["k\n=v|v"]);
}

#[test]
fn only_a_mapping_counts() {
    fails("- a\n- b", &[(NotAMapping, "- a", "key: value")]);
    fails("text", &[(NotAMapping, "text", "key: value")]);
    fails("~", &[(NotAMapping, "~", "key: value")]);
    fails("[a, b]", &[(NotAMapping, "[a, b]", "key: value")]);
}

#[test]
fn every_wrong_property_is_reported_and_the_others_stay() {
    let yaml =
        "a: 1\nup: ![[X]]\nb: x: y\nc: @me # c\nd: \"open\ne: [x\nf: '1' 2\nh: \"\\q\"\nok: 2";
    let entries = fails(
        yaml,
        &[
            (Syntax, "![[X]]", "Quote the link"),
            (Syntax, "x: y", "quote the value"),
            (Syntax, "@me", "cannot begin with `@`"),
            (Syntax, "\"open", "add the same quote"),
            (Syntax, "[x", "close it"),
            (Syntax, "'1' 2", "whole value"),
            (Syntax, "\"\\q\"", "single quotes"),
        ],
    );
    assert_eq!(
        (
            entries.first().unwrap().as_str(),
            entries.last().unwrap().as_str()
        ),
        ("a=1|1", "ok=2|2")
    );
    assert_eq!(
        fails("a: *no\nb: 1", &[(Syntax, "*no", "`&no`")]),
        ["a=<Alias>|*no", "b=1|1"]
    );
    assert_eq!(
        fails("x: &k 1\ny: *k\nz: `", &[(Syntax, "`", "quote")]).len(),
        3
    );
    fails("up: [[x #h]]", &[(Syntax, "[[x #h]]", "Quote the link")]);
    fails("up: [[A]] and", &[(Syntax, "[[A]] and", "Quote the link")]);
    fails("a:\n  - [[A]] b", &[(Syntax, "[[A]] b", "Quote the link")]);
    fails("a: b\0c", &[(Syntax, "b\0c", "U+0000")]);
    fails("a: 1\nfoo\nb: 2", &[(Syntax, "foo", "colon is missing")]);
    fails(
        "foo\nb: @",
        &[(Syntax, "foo", "key: value"), (Syntax, "@", "quote")],
    );
    fails("a:\n  b: 1\n\tc: 2", &[(Syntax, "\t", "spaces")]);
    fails(
        "a: [,]\nb: [x,,y]",
        &[(Syntax, "[,]", "comma"), (Syntax, "[x,,y]", "comma")],
    );
    fails(
        "a: [x, #y]\nb: [#x]",
        &[(Syntax, "[x, #y]", "comment"), (Syntax, "[#x]", "comment")],
    );
    fails("a: [x\nb: 1", &[(Syntax, "[x", "not closed")]);
    fails("a: 1\n...\nb: 2", &[(Syntax, "b: 2", "remove the line")]);
    fails("a: 1\n--- x", &[(Syntax, "--- x", "remove the line")]);
}

#[test]
fn duplicate_keys_name_the_line_of_the_first() {
    let yaml = "a: 1\nn:\n  a: 2\n  b: 3\n  'a': 4\nA: 5\na: 6";
    let entries = fails(
        yaml,
        &[
            (DuplicateKey, "'a'", "line 4"),
            (DuplicateKey, "a", "line 2"),
        ],
    );
    assert_eq!(entries.len(), 7);
    fails(
        "a: 1\nb: @\na: 2",
        &[(Syntax, "@", ""), (DuplicateKey, "a", "line 2")],
    );
    fails(
        "m: {a: 1, a: 2}",
        &[(DuplicateKey, "a", "`a` is already set in line 2")],
    );
}

#[test]
fn nesting_is_limited() {
    let nested = |depth| format!("a: {}{}\nb: 1", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&nested(63)).1.valid);
    for depth in [64, 65, 200, 300] {
        let (_, found) = read(&nested(depth));
        let kinds: Vec<_> = found.problems.iter().map(|problem| problem.kind).collect();
        assert_eq!(kinds, [TooDeep], "{depth}");
        assert_eq!(found.key_path(found.entries.len() - 1), "b");
    }
    let block: String = (0..100).fold(String::new(), |mut block, depth| {
        writeln!(block, "{}k:", " ".repeat(depth)).unwrap();
        block
    });
    assert_eq!(read(&block).1.problems[0].kind, TooDeep);
    assert_eq!(
        read(&format!("? {}\n: 1", nested(300))).1.problems[0].kind,
        TooDeep
    );
}

#[test]
fn hostile_inputs_take_linear_time() {
    let lines = |line: &str| format!("a: b\n{}", line.repeat(100_000));
    let inputs = [
        "[".repeat(1 << 20),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        lines("- x\n"),
        "? ".repeat(100_000),
        lines("a: b\n"),
        lines("b: [\n"),
        lines("b: @\n"),
        lines("b: \"\n"),
        lines("b: 'x\"\n"),
        lines("\n"),
        format!("a: [{}", "*x, ".repeat(100_000)),
        format!("a: [{}]", "{b: c}, ".repeat(100_000)),
        format!("a: &x [{}]\nb: @", "*x,".repeat(100_000)),
        format!("a: \"{}", "x\n ".repeat(100_000)),
        format!("{}\nb: @\n{}", "{".repeat(9), "b: c,\n".repeat(100_000)),
        lines("b: {c: [d\n"),
        "a: ".repeat(100_000),
        lines("b: |\n"),
        lines("- - [\n"),
        lines("#: [\n"),
        lines("&a b: *a\n"),
    ];
    for input in inputs {
        let start = Instant::now();
        let (_, found) = read(&input);
        let visited: usize = (0..found.entries.len())
            .map(|at| found.children(Some(at as u32)).count())
            .sum();
        assert!(visited <= found.entries.len());
        let paths: usize = (0..found.entries.len())
            .map(|at| found.key_path(at).len())
            .sum();
        assert!(paths < 1 << 25);
        let head: String = input.chars().take(12).collect();
        eprintln!(
            "{head:?} {:?} {} {}",
            start.elapsed(),
            found.entries.len(),
            found.problems.len()
        );
        assert!(start.elapsed() < Duration::from_secs(20), "{head:?}");
    }
}

#[test]
fn a_key_with_a_comment_between_keeps_the_rules() {
    for text in [
        "---\nxb:\n?  # cb:\n:a: \n---",
        "---\n: ? 😀[[N]]...\n: # c&x \n---",
    ] {
        check(text, &parse(text, &cut(text).unwrap()));
    }
}

fn yaml() -> impl Strategy<Value = String> {
    let atoms = [
        "a: ", "b:\n", "\n", "\n  ", "- ", "[", "]", "{", "}", ",", "\"", "'", "x", "é", "😀",
        "? ", ": ", ":", "|\n", ">-\n", " # c", "&x ", "*x", "!t ", "~", "''", "\\\"", "\t",
        "[[N]]", "...\n", "--- ", "@", "%", "\0", "\u{feff}", "null",
    ];
    let atoms = prop::sample::select(atoms.to_vec());
    prop::collection::vec(atoms, 0..24).prop_map(|atoms| atoms.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_text_keeps_the_rules(yaml in prop_oneof![yaml(), any::<String>()], cr in any::<bool>()) {
        let yaml = if cr { yaml.replace('\n', "\r") } else { yaml };
        let text = format!("\u{feff}---\n{yaml}\n---");
        check(&text, &parse(&text, &cut(&text).unwrap()));
        // Ranges that were cut from another text.
        parse(&yaml, &cut(&text).unwrap());
    }

    #[test]
    fn line_ends_do_not_matter(yaml in yaml()) {
        let text = format!("---\n{yaml}\n---\n");
        let crlf = text.replace('\n', "\r\n");
        let read = |text: &str| {
            let found = parse(text, &cut(text).unwrap());
            let entries = found.entries.into_iter();
            let entries = entries.map(|e| (e.parent, e.index, e.key.map(|key| key.name), e.value));
            let problems = found.problems.into_iter().map(|p| (p.kind, p.message));
            (entries.collect::<Vec<_>>(), problems.collect::<Vec<_>>())
        };
        prop_assert_eq!(read(&text), read(&crlf));
    }
}
