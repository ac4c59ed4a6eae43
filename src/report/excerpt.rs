//! The lines of a source around what a finding points at, cut and escaped for a terminal.

use std::ops::Range;

use bstr::ByteSlice;

use super::text::wrap;
use super::visible::{misleads, visible_line};
use crate::redact;
use crate::source::{Source, SourceId, SourceMap, Span};

/// A place to show.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    pub span: Span,
    pub text: &'a str,
    pub primary: bool,
}

/// Some neighbouring lines of one source.
///
/// All excerpts of a finding share one space of offsets, in which they do not touch, so that one
/// diagnostic can show several files.
#[derive(Debug)]
pub struct Excerpt {
    pub name: String,
    /// Number of its first line.
    pub first_line: u32,
    /// Offset of its first byte in the shared space.
    pub base: usize,
    /// Its lines, each with a line feed; safe to print.
    pub text: String,
    pub places: Vec<Place>,
}

/// A mark in an excerpt.
#[derive(Debug)]
pub struct Place {
    /// In the shared space.
    pub start: usize,
    pub end: usize,
    /// In the file.
    pub line: u32,
    pub column: u32,
    /// Wrapped to what is left of the line.
    pub text: String,
    pub primary: bool,
}

/// A mark, cut to the first line that it touches.
struct Cut<'a> {
    source: SourceId,
    line: u32,
    /// Bytes of the line.
    start: usize,
    end: usize,
    column: u32,
    mark: Mark<'a>,
}

/// Marks at most this many lines apart are shown in one piece.
const NEAR: u32 = 3;

/// The excerpt with the primary mark comes first, then the others in the order of the sources.
pub fn excerpts(marks: &[Mark], sources: &SourceMap, width: usize) -> Vec<Excerpt> {
    let mut cuts: Vec<Cut> = marks.iter().map(|mark| cut(*mark, sources)).collect();
    cuts.sort_by_key(|cut| (cut.source, cut.line, cut.start, cut.end));
    cuts.dedup_by(|b, a| {
        (a.source, a.line, a.start, a.end, a.mark.text)
            == (b.source, b.line, b.start, b.end, b.mark.text)
    });
    let mut groups: Vec<&[Cut]> = cuts
        .chunk_by(|a, b| a.source == b.source && b.line - a.line <= NEAR)
        .collect();
    groups.sort_by_key(|group| !group.iter().any(|cut| cut.mark.primary));
    let mut base = 0;
    groups
        .into_iter()
        .map(|group| {
            let excerpt = excerpt(group, sources.get(group[0].source), base, width);
            // The gap keeps an empty mark at the end of one apart from the start of the next.
            base += excerpt.text.len() + 2;
            excerpt
        })
        .collect()
}

fn cut<'a>(mark: Mark<'a>, sources: &SourceMap) -> Cut<'a> {
    let id = sources.id_at(mark.span);
    let source = sources.get(id);
    let position = source.position(mark.span.start);
    let line = source.line(position.line);
    let offset = (mark.span.start - source.base) as usize;
    let line_start = source.text[..offset.min(source.text.len())]
        .rfind_byte(b'\n')
        .map_or(0, |at| at + 1);
    let start = (offset - line_start).min(line.len());
    let end = (start + mark.span.len()).min(line.len());
    let end = start + line[start..end].trim_end().len();
    Cut {
        source: id,
        line: position.line,
        start,
        end,
        column: position.column,
        mark,
    }
}

fn excerpt(cuts: &[Cut], source: &Source, base: usize, width: usize) -> Excerpt {
    let first = cuts[0].line.saturating_sub(1).max(1);
    let last = (cuts[cuts.len() - 1].line + 1).min(source.line_count());
    // miette writes ` 12 │ ` before each line.
    let gutter = last.to_string().len() + 4;
    let room = width.saturating_sub(gutter).max(20);
    let mut excerpt = Excerpt {
        name: visible_line(&source.name),
        first_line: first,
        base,
        text: String::new(),
        places: Vec::new(),
    };
    for number in first..=last {
        let here: Vec<&Cut> = cuts.iter().filter(|cut| cut.line == number).collect();
        // The primary mark decides which part of a long line is seen.
        let focus = here
            .iter()
            .find(|cut| cut.mark.primary)
            .or(here.first())
            .map_or(0..0, |cut| cut.start..cut.end);
        let before = source.before_line(number);
        let line = ShownLine::of(before, source.line(number), focus, room);
        let at = base + excerpt.text.len();
        for cut in here {
            let (start, end) = (line.offset(cut.start), line.offset(cut.end));
            let middle =
                line.text[..start].chars().count() + line.text[start..end].chars().count() / 2;
            let left = room.saturating_sub(middle + 4).max(24);
            excerpt.places.push(Place {
                start: at + start,
                end: at + end,
                line: cut.line,
                column: cut.column,
                text: wrap(&visible_line(cut.mark.text), left).join("\n"),
                primary: cut.mark.primary,
            });
        }
        excerpt.text.push_str(&line.text);
        excerpt.text.push('\n');
    }
    excerpt
}

/// A line as it is printed, and where each of its bytes went.
struct ShownLine {
    text: String,
    /// Original offset and offset in `text` of each character that is shown, and of the end.
    map: Vec<(usize, usize)>,
}

impl ShownLine {
    fn of(before: &[u8], raw: &[u8], focus: Range<usize>, room: usize) -> Self {
        let around = around(raw, &focus, room);
        let is_cut = around.len() < raw.len();
        let context = [tail(before), tail(&raw[..around.start])].concat();
        let shown = redact::masked(&context, &raw[around.clone()]);
        let cells = cells(&shown, around.start);
        let widths: Vec<usize> = cells
            .iter()
            .map(|(_, shown)| shown.chars().count())
            .collect();
        let total: usize = widths.iter().sum();
        let (from, to) = if total <= room && !is_cut {
            (0, cells.len())
        } else {
            window(&cells, &widths, focus, room)
        };
        let mut line = ShownLine {
            text: String::new(),
            map: Vec::new(),
        };
        if from > 0 || around.start > 0 {
            line.text.push('…');
        }
        for (at, shown) in &cells[from..to] {
            line.map.push((*at, line.text.len()));
            line.text.push_str(shown);
        }
        let end = cells.get(to).map_or(around.end, |(at, _)| *at);
        line.map.push((end, line.text.len()));
        if to < cells.len() || around.end < raw.len() {
            line.text.push('…');
        }
        line
    }

    /// Where an offset of the original line is shown; what is cut off is at the cut.
    fn offset(&self, original: usize) -> usize {
        let after = self.map.partition_point(|(at, _)| *at < original);
        self.map[after.min(self.map.len() - 1)].1
    }
}

/// The bytes of a line that could be seen: a file of one line may be many megabytes of it.
fn around(raw: &[u8], focus: &Range<usize>, room: usize) -> Range<usize> {
    // A character has up to four bytes.
    let reach = 4 * room;
    let is_start = |at: &usize| raw.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let first = focus.start.saturating_sub(reach);
    let start = (first..focus.start).find(is_start).unwrap_or(focus.start);
    let last = (focus.start + 2 * reach).min(raw.len());
    let end = (last..raw.len()).find(is_start).unwrap_or(raw.len());
    // Bytes that are no text have no starts.
    start..end.min(last + 4)
}

/// As much of what stands before a part as may tell which directive it belongs to.
fn tail(text: &[u8]) -> &[u8] {
    const ENOUGH: usize = 4096;
    &text[text.len().saturating_sub(ENOUGH)..]
}

/// Each character of a part of a line with its offset in the line, as it is shown.
fn cells(part: &[u8], offset: usize) -> Vec<(usize, String)> {
    let mut column = 0;
    let mut cells = Vec::with_capacity(part.len());
    for (start, end, char) in part.char_indices() {
        let bytes = &part[start..end];
        let start = offset + start;
        let shown = match char {
            '\t' => " ".repeat(4 - column % 4),
            '\u{fffd}' if bytes != "\u{fffd}".as_bytes() => {
                bytes.iter().map(|byte| format!("<{byte:02X}>")).collect()
            }
            char if misleads(char) || char == '\n' => format!("<U+{:04X}>", char as u32),
            char => char.to_string(),
        };
        column += shown.chars().count();
        cells.push((start, shown));
    }
    cells
}

/// The part of a line that is too long which shows the focus, with room for two ellipses.
fn window(
    cells: &[(usize, String)],
    widths: &[usize],
    focus: Range<usize>,
    room: usize,
) -> (usize, usize) {
    let room = room - 2;
    let first = cells.partition_point(|(at, _)| *at < focus.start);
    let last = cells.partition_point(|(at, _)| *at < focus.end);
    let up_to = |to: usize| widths[..to].iter().sum::<usize>();
    let mut from = 0;
    if up_to(last) > room {
        // Some of what stands before the focus is worth seeing, the focus itself more.
        let before = room
            .saturating_sub(up_to(last) - up_to(first))
            .min(room / 3);
        from = first;
        let mut seen = 0;
        while from > 0 && seen + widths[from - 1] <= before {
            from -= 1;
            seen += widths[from];
        }
    }
    let mut to = from;
    let mut seen = 0;
    while to < cells.len() && seen + widths[to] <= room {
        seen += widths[to];
        to += 1;
    }
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &[u8], needle: &[u8], width: usize) -> (String, String) {
        let mut sources = SourceMap::default();
        let id = sources.add("a.conf", text.into()).unwrap();
        let at = sources.get(id).base + text.find(needle).unwrap() as u32;
        let mark = Mark {
            span: Span::new(at, at + needle.len() as u32),
            text: "here",
            primary: true,
        };
        let shown = excerpts(&[mark], &sources, width).remove(0);
        let place = &shown.places[0];
        (
            shown.text.clone(),
            shown.text[place.start..place.end].to_owned(),
        )
    }

    #[test]
    fn shows_a_line_of_context_on_either_side() {
        let (text, marked) = show(b"1\n2\n3 x\n4\n5\n", b"x", 80);
        assert_eq!((text.as_str(), marked.as_str()), ("2\n3 x\n4\n", "x"));
    }

    #[test]
    fn a_block_is_marked_on_its_first_line_only() {
        let (_, marked) = show(
            b"location / {  \n deny all;\n}\n",
            b"location / {  \n deny all;\n}",
            80,
        );
        assert_eq!(marked, "location / {");
    }

    #[test]
    fn nothing_raw_reaches_the_terminal() {
        let (text, marked) = show(b"\ta\x1b[2Jb\xff\r\xe2\x80\xaec x\n", b"x", 80);
        assert_eq!(text, "    a<U+001B>[2Jb<FF><U+000D><U+202E>c x\n\n");
        assert_eq!(marked, "x");
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let long = [vec![b'a'; 300], b" deny all; ".to_vec(), vec![b'b'; 300]].concat();
        let (text, marked) = show(&long, b"deny all;", 60);
        assert_eq!(marked, "deny all;");
        assert!(
            text.starts_with('…') && text.trim_end().ends_with('…'),
            "{text}"
        );
        assert!(text.trim_end().chars().count() <= 55, "{text}");
    }
}
