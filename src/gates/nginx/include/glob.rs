//! Patterns of file names as glob(3) reads them, which nginx calls for `include`.

use bstr::ByteSlice;

/// Whether a path has a character that makes it a pattern.
pub fn is_pattern(path: &[u8]) -> bool {
    path.iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// Whether a pattern matches the name of one file or folder. It has no `/` in it; a leading dot
/// has to be written out.
pub fn matches(pattern: &[u8], name: &[u8]) -> bool {
    if name.starts_with(b".") && !pattern.starts_with(b".") {
        return false;
    }
    // Only the last star can still grow: what an earlier one took is never worth a second try.
    let (mut at, mut seen) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        match step(&pattern[at..], name[seen]) {
            Step::Star => {
                star = Some((at, seen));
                at += 1;
            }
            Step::Takes(length) => {
                at += length;
                seen += 1;
            }
            Step::Fails => match &mut star {
                Some((from, taken)) => {
                    *taken += 1;
                    at = *from + 1;
                    seen = *taken;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

enum Step {
    Star,
    /// The character matches this many bytes of the pattern.
    Takes(usize),
    Fails,
}

fn step(pattern: &[u8], byte: u8) -> Step {
    let taken = match pattern {
        [b'*', ..] => return Step::Star,
        [b'?', ..] => Some(1),
        [b'[', rest @ ..] => match bracket(rest, byte) {
            Some((true, length)) => Some(length + 1),
            Some((false, _)) => None,
            // Without its `]` it stands for itself.
            None => (byte == b'[').then_some(1),
        },
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [other, ..] => (*other == byte).then_some(1),
        [] => None,
    };
    taken.map_or(Step::Fails, Step::Takes)
}

/// Reads what follows a `[`: whether the byte is in the set, and the length up to the `]`.
fn bracket(set: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(set.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    // A `]` that comes first is a member.
    let close = start + 1 + set.get(start + 1..)?.find_byte(b']')?;
    let mut members = &set[start..close];
    let mut found = false;
    while let Some((first, rest)) = members.split_first() {
        let (last, rest) = match rest {
            [b'-', last, rest @ ..] => (last, rest),
            _ => (first, rest),
        };
        found |= (*first..=*last).contains(&byte);
        members = rest;
    }
    Some((found != negated, close + 1))
}
