//! Names typed letter by letter, with a completion at each.

use crate::editor::{Editor, Page};
use crate::sample::Sample;
use crate::times::report;

/// Letters that are typed of a name.
const LETTERS: usize = 14;

/// Types the names of notes behind `[[`.
pub(crate) fn names(editor: &mut Editor, sample: &Sample) {
    let page = Page::open(editor, sample);
    let (mut begun, mut typed, mut most) = (Vec::new(), Vec::new(), 0);
    for name in sample.names().step_by(3) {
        for (at, _) in name.char_indices().take(LETTERS) {
            let (time, answer) = page.complete(editor, &name[..at]);
            most = most.max(answer.to_string().len());
            let times = if at == 0 { &mut begun } else { &mut typed };
            times.push(time);
        }
    }
    report("completion behind [[", begun);
    report("… and at each further letter", typed);
    println!(
        "  the largest answer                          {:>9} KB",
        most / 1000
    );
    editor.client.close(&page.note);
}
