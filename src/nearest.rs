//! What somebody most likely meant to write.

/// The choice that is at most so many slips of the finger away from this word; case is none.
pub fn nearest<'c>(word: &str, choices: &[&'c str], most: usize) -> Option<&'c str> {
    let word = word.to_ascii_lowercase();
    choices
        .iter()
        .map(|choice| (distance(&word, &choice.to_ascii_lowercase()), *choice))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, choice)| choice)
}

/// How many characters have to be put in, taken out or replaced to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    // A slip of the finger leaves the length about the same; this bounds the work, too.
    if from.len().abs_diff(to.len()) > 8 {
        return usize::MAX;
    }
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}
