//! What else than notes follows a rename.

use super::{Arc, Held, Options, Refusal, Subject, at};
use crate::query::rename::moved;
use crate::settings::Settings;

#[test]
fn canvases_follow_files_folders_and_headings_and_move_themselves() -> Result<(), Refusal> {
    let board = r##"{"nodes":[{"file":"a/Old.md","subpath":"#One"},{"file":"a/i.png"},{"text":"[[Old#One]] [x](../a/i.png) [[a/Old]]"}]}"##;
    let before = Held::of(&[
        ("a/Old.md", "# T\n## One\n"),
        ("a/i.png", ""),
        ("b/Board.canvas", board),
        ("b/broken.canvas", "{\"nodes\":[{\"file\":\"a/Old.md\""),
        ("n.md", "[[Board.canvas]]\n"),
    ]);
    let folder = [("a".to_owned(), "c".to_owned())];
    let plan = moved(&before.vault, &folder, Options::default(), &before)?;
    let after = before.with_plan(&plan);
    let expected = r##"{"nodes":[{"file":"c/Old.md","subpath":"#One"},{"file":"c/i.png"},{"text":"[[Old#One]] [x](../c/i.png) [[c/Old]]"}]}"##;
    assert_eq!(after.notes["b/Board.canvas"], expected);
    assert_eq!(
        after.notes["b/broken.canvas"],
        before.notes["b/broken.canvas"]
    );
    let file = Subject::Heading(before.vault.find("a/Old.md").unwrap(), 1);
    let plan = at(&before.vault, &file, "Z\"w", Options::default(), &before)?;
    let after = before.with_plan(&plan);
    assert!(after.notes["b/Board.canvas"].contains(r##""subpath":"#Z\"w"},"##));
    assert!(after.notes["b/Board.canvas"].contains(r#"[[Old#Z\"w]]"#));
    let after = before.rename("b/Board.canvas", "/Tafel")?;
    assert_eq!(after.notes["n.md"], "[[Tafel.canvas]]\n");
    let expected = board.replace("../a/i.png", "./a/i.png");
    assert_eq!(after.notes["Tafel.canvas"], expected);
    Ok(())
}

#[test]
fn a_path_of_a_canvas_leads_from_the_root_of_the_opened_folder_too() {
    let settings = Settings {
        mount: Some("_Standards/Earth".to_owned()),
        ..Settings::default()
    };
    let board = r#"{"nodes":[{"file":"Old.md"},{"file":"a/Old.md"},{"file":"x.md"}]}"#;
    let notes = [("Old.md", ""), ("a/Old.md", ""), ("b.canvas", board)];
    let notes = notes.map(|own| (own.0.to_owned(), own.1.to_owned()));
    let before = Held::new(notes.into(), &Arc::new(settings));
    let wanted = [("Old.md".to_owned(), "New.md".to_owned())];
    let plan = moved(&before.vault, &wanted, Options::default(), &before).unwrap();
    let after = before.edited_by(&plan, "b.canvas");
    assert_eq!(after, board.replacen("Old", "New", 1));
}
