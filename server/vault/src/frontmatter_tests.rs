//! Tests of [`crate::frontmatter`].

use super::*;
use proptest::prelude::*;

fn read_all(text: &str) -> (Vec<String>, Vec<String>) {
    let front = parse(text, &cut(text).unwrap());
    let entries = front.entries.iter().enumerate().map(|(index, entry)| {
        let value = match &entry.value {
            Value::Scalar(scalar) => scalar.text.clone(),
            other => format!("{other:?}"),
        };
        format!(
            "{}={value}|{}",
            front.key_path(index),
            &text[inner(text, entry)]
        )
    });
    let problems = front.problems.iter();
    let problems = problems.map(|p| format!("{:?}:{}", p.kind, &text[p.range.clone()]));
    (entries.collect(), problems.collect())
}

fn yaml_break(text: &str) -> &str {
    match (text.contains("\r\n"), text.contains('\r')) {
        (true, _) => "\r\n",
        (false, true) => "\r",
        _ => "\n",
    }
}

fn check(yaml: &str, entries: &[&str], problems: &[&str]) {
    for text in [
        yaml.to_owned(),
        yaml.replace('\n', "\r\n"),
        yaml.replace('\n', "\r"),
    ] {
        let line_break = yaml_break(&text);
        let text = format!("---{line_break}{text}---{line_break}");
        let (found, wrong) = read_all(&text);
        let found: Vec<String> = found
            .iter()
            .map(|entry| entry.replace("\r\n", "\n").replace('\r', "\n"))
            .collect();
        assert_eq!(found, entries, "{text:?}");
        assert_eq!(wrong, problems, "{text:?}");
    }
}

#[test]
fn delimiters_follow_p1() {
    let whole = |text: &str| cut(text).map(|cut| text[cut.whole].to_owned());
    assert_eq!(whole("---\n---\nx").as_deref(), Some("---\n---\n"));
    assert_eq!(
        whole("\u{feff}---\r\na: 1\r\n--- \t").as_deref(),
        Some("---\r\na: 1\r\n--- \t")
    );
    for none in [
        "",
        "--- \n---",
        "\n---\n---",
        " ---\n---",
        "---\na: 1",
        "---\n...\n",
        "---",
    ] {
        assert_eq!(whole(none), None, "{none:?}");
    }
}

#[test]
fn every_entry_has_its_path_and_its_exact_range() {
    check(
        "a: 1\nempty:\nlist:\n  - \"[[x]]\"\n  - 'it''s'\nnest: {k: v}\n大: é😀\nno: ~\n",
        &[
            "a=1|1",
            "empty=Null|",
            "list=List|- \"[[x]]\"\n  - 'it''s'",
            "list.0=[[x]]|[[x]]",
            "list.1=it's|it''s",
            "nest=Map|{k: v}",
            "nest.k=v|v",
            "大=é😀|é😀",
            "no=Null|~",
        ],
        &[],
    );
}

#[test]
fn several_errors_are_found_and_good_entries_remain() {
    let (entries, problems) = read_all("---\ngood: 1\nbad: @x\nalso: [a\nfine: 2\n---\n");
    assert_eq!(entries, ["good=1|1", "fine=2|2"]);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn a_duplicate_key_names_the_first() {
    let text = "---\na: 1\nb: 2\na: 3\n---\n";
    let front = parse(text, &cut(text).unwrap());
    assert!(!front.valid);
    assert_eq!(front.problems[0].range, 14..15);
    assert!(front.problems[0].message.contains("line 2"));
}

#[test]
fn only_mappings_count() {
    assert_eq!(read_all("---\n- a\n---\n").1, ["NotAMapping:- a"]);
    assert_eq!(read_all("---\ntext\n---\n").1, ["NotAMapping:text"]);
    assert_eq!(read_all("---\n# comment\n---\n").1, [""; 0]);
    assert_eq!(read_all("---\n{\"a\": 1}\n---\n").0, ["a=1|1"]);
}

#[test]
fn hostile_input_is_read_in_linear_time() {
    for yaml in [
        "[".repeat(300_000),
        "{a: ".repeat(50_000),
        "- ".repeat(100_000),
        "a: 1\n".repeat(50_000),
        "? ".repeat(50_000),
        format!("a: &a [x]\n{}", "b: [*a, *a]\n".repeat(20_000)),
    ] {
        let text = format!("---\n{yaml}\n---\n");
        parse(&text, &cut(&text).unwrap());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(yaml in "([a-c]: |\n|  |- |\\[|\\]|\\{|\\}|'|\"|é|&a |\\*a|\\? |# |,|\\||>|!|@|\t|x){0,40}") {
        let text = format!("---\n{yaml}\n---\n");
        let cut = cut(&text).unwrap();
        let front = parse(&text, &cut);
        for (index, entry) in front.entries.iter().enumerate() {
            prop_assert!(text.get(entry.range.clone()).is_some());
            prop_assert!(text.get(inner(&text, entry)).is_some());
            prop_assert!(entry.parent.is_none_or(|parent| (parent as usize) < index));
            front.key_path(index);
        }
        for problem in &front.problems {
            prop_assert!(text.get(problem.range.clone()).is_some(), "{:?}", problem);
        }
    }
}
