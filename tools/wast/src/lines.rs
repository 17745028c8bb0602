//! Lines of a text, found by offset.

/// Where the lines of a text begin.
pub struct Lines(Vec<usize>);

impl Lines {
    pub fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect())
    }

    /// The number of the line that `offset` is in, from 1 on.
    pub fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start <= offset)
    }
}

#[test]
fn lines_count_from_one() {
    let lines = Lines::new("ab\n\nc");
    assert_eq!([0, 2, 3, 4].map(|offset| lines.line(offset)), [1, 1, 2, 3]);
}
