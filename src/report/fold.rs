//! A long course made short: what goes round in a circle is told once.

/// A line of a course.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// It decided the outcome.
    pub decides: bool,
    pub place: String,
    pub words: String,
}

/// A circle of more steps than these is not looked for.
const LONGEST_CIRCLE: usize = 12;
/// Twice is told twice: folding it would save nothing.
const FEWEST_ROUNDS: usize = 3;
/// Of a course with more lines than these, the middle is left out.
const MOST_LINES: usize = 200;
/// How many of them stand behind the gap, where the course ends.
const LINES_OF_THE_END: usize = 50;

/// The lines of a course, each circle once with the number of its rounds.
pub fn fold(lines: Vec<Line>) -> Vec<Line> {
    let mut folded = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        match circle(&lines[at..]) {
            Some((length, rounds)) => {
                folded.extend_from_slice(&lines[at..at + length]);
                let which = match length {
                    1 => "this step".to_owned(),
                    _ => format!("these {length} steps"),
                };
                folded.push(aside(format!("↻ {which} ×{rounds}")));
                at += length * rounds;
            }
            None => {
                folded.push(lines[at].clone());
                at += 1;
            }
        }
    }
    shorten(folded)
}

/// The shortest circle that the lines begin with, and how often it is gone round.
fn circle(lines: &[Line]) -> Option<(usize, usize)> {
    (1..=LONGEST_CIRCLE.min(lines.len() / FEWEST_ROUNDS)).find_map(|length| {
        let (first, rest) = lines.split_at(length);
        let more = rest
            .chunks_exact(length)
            .take_while(|round| *round == first)
            .count();
        (more + 1 >= FEWEST_ROUNDS).then_some((length, more + 1))
    })
}

fn shorten(mut lines: Vec<Line>) -> Vec<Line> {
    if lines.len() > MOST_LINES {
        let gap = MOST_LINES - LINES_OF_THE_END..lines.len() - LINES_OF_THE_END;
        let count = gap.len();
        lines.splice(gap, [aside(format!("… {count} more steps"))]);
    }
    lines
}

fn aside(words: String) -> Line {
    Line {
        decides: false,
        place: String::new(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(words: &[&str]) -> Vec<String> {
        let lines = words.iter().map(|words| aside((*words).to_owned()));
        fold(lines.collect())
            .into_iter()
            .map(|line| line.words)
            .collect()
    }

    #[test]
    fn a_circle_is_told_once() {
        let words = [&["a"][..], &["x", "y"].repeat(10), &["x", "z"]].concat();
        assert_eq!(
            folded(&words),
            ["a", "x", "y", "↻ these 2 steps ×10", "x", "z"]
        );
        assert_eq!(folded(&["x"; 4]), ["x", "↻ this step ×4"]);
    }

    #[test]
    fn twice_is_no_circle() {
        assert_eq!(folded(&["x", "y", "x", "y"]), ["x", "y", "x", "y"]);
        assert_eq!(folded(&[]), [""; 0]);
    }

    #[test]
    fn the_end_of_a_long_course_stays() {
        let words: Vec<String> = (0..1000).map(|number| number.to_string()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let short = folded(&words);
        assert_eq!(short.len(), MOST_LINES + 1);
        assert_eq!(short[150], "… 800 more steps");
        assert_eq!(short.last().map(String::as_str), Some("999"));
    }
}
