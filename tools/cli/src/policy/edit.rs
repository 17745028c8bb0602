//! A policy's text with the table of one program changed, and all else as it was.

use toml::{Table, Value};

/// `text` with `table` in place of the table of the program `name`, or at its end. Lines of the old
/// one that are among `kept` stay.
pub fn replace(text: &str, name: &str, table: &str, kept: &[&str]) -> String {
    let mut before = String::new();
    let mut after = String::new();
    let mut notes = Vec::new();
    let mut is_found = false;
    let parts = parts(text);
    for (index, part) in parts.iter().enumerate() {
        let is_last = index + 1 == parts.len();
        let rest = match program(part.first().copied().unwrap_or_default()) {
            Some(program) if program == name => {
                let (old, rest) = part.split_at(own_lines(part, is_last));
                notes.extend(kept.iter().filter(|kept| old.contains(kept)));
                is_found = true;
                rest.to_vec()
            }
            _ => part.clone(),
        };
        let to = if is_found { &mut after } else { &mut before };
        rest.iter().for_each(|line| *to += &format!("{line}\n"));
    }
    if !is_found && !before.is_empty() && !before.ends_with("\n\n") {
        before.push('\n');
    }
    before + &with_notes(table, kept, &notes) + &after
}

/// `table` with those of `kept` that it has or that are in `notes`, after its first line.
fn with_notes(table: &str, kept: &[&str], notes: &[&&str]) -> String {
    let mut lines = table.lines();
    let mut text = format!("{}\n", lines.next().unwrap_or_default());
    let (own, rest): (Vec<_>, Vec<_>) = lines.partition(|line| kept.contains(line));
    for note in kept.iter().filter(|note| own.contains(note) || notes.contains(note)) {
        text += &format!("{note}\n");
    }
    rest.iter().for_each(|line| text += &format!("{line}\n"));
    text
}

/// What stands before the first table, and each table from its name on.
fn parts(text: &str) -> Vec<Vec<&str>> {
    let mut parts = vec![Vec::new()];
    for line in text.lines() {
        if header(line).is_some() {
            parts.push(Vec::new());
        }
        parts.last_mut().into_iter().for_each(|part| part.push(line));
    }
    parts
}

/// How many lines of a table are its own. Comments after its last value are about the next table, those
/// at the end of the text only after an empty line.
fn own_lines(part: &[&str], is_last: bool) -> usize {
    let is_value = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with('#');
    let values = part.iter().rposition(is_value).map_or(0, |last| last + 1);
    let comments = part[values..].iter().take_while(|line| !line.trim().is_empty()).count();
    if is_last { values + comments } else { values }
}

/// The table that `line` names, if it does.
fn header(line: &str) -> Option<Table> {
    line.trim_start().starts_with('[').then(|| toml::from_str(line).ok())?
}

/// The program whose table `line` begins, or of whose table it begins a part.
fn program(line: &str) -> Option<String> {
    match header(line)?.get("program")? {
        Value::Table(programs) => programs.keys().next().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &[&str] = &["# One.", "# Two."];

    #[test]
    fn a_new_table_comes_last() {
        assert_eq!(
            replace("", "a", "[program.a]\n# Two.\nx = 1\n", KEPT),
            "[program.a]\n# Two.\nx = 1\n"
        );
        let text = "# All.\n[program.b]\n\n# Of b.\ny = 2";
        let after = replace(text, "a", "[program.a]\n", KEPT);
        assert_eq!(after, format!("{text}\n\n[program.a]\n"));
    }

    #[test]
    fn others_and_their_comments_stay() {
        let text =
            "# All.\n\n[program.a]\n# One.\nx = [\n  1,\n]\n\n# Of b.\n[program.\"b\"]\ny = 2\n";
        let after = replace(text, "a", "[program.a]\n# Two.\nz = 3\n", KEPT);
        assert_eq!(
            after,
            "# All.\n\n[program.a]\n# One.\n# Two.\nz = 3\n\n# Of b.\n[program.\"b\"]\ny = 2\n"
        );
        assert_eq!(replace(&after, "a", "[program.a]\nz = 3\n", KEPT), after);
    }

    #[test]
    fn comments_right_above_the_next_table_stay() {
        let text = "[program.a]\nx = 1\n# Of b.\n[program.b]\ny = 2\n";
        let after = replace(text, "a", "[program.a]\nz = 3\n", KEPT);
        assert_eq!(after, "[program.a]\nz = 3\n# Of b.\n[program.b]\ny = 2\n");
    }

    #[test]
    fn tables_within_the_table_go_with_it() {
        let text = "[program.a]\nx = 1\n[program.a.env]\nA = 'b'\n[program.c]\n";
        assert_eq!(replace(text, "a", "[program.a]\n", KEPT), "[program.a]\n[program.c]\n");
    }
}
