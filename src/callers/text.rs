//! Texts of which a part is only known when the program runs.

/// Nobody's URL or header is longer, or made of more pieces: what grows beyond that was put together
/// of itself, and is not known.
const LONGEST: usize = 8 << 10;
const MOST_PIECES: usize = 100;
const TOO_LONG: &str = "a long text";

/// A text with holes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Known(String),
    /// An environment variable, and what stands in for it.
    Env {
        name: String,
        default: Option<String>,
    },
    /// What is only known when the program runs; the name is for people.
    Hole {
        name: String,
        /// It is what a function was called with.
        is_param: bool,
    },
}

impl Text {
    pub fn known(text: impl Into<String>) -> Text {
        let text = text.into();
        match text.len() > LONGEST {
            true => Text::hole(TOO_LONG),
            false => Text(vec![Piece::Known(text)]),
        }
    }

    pub fn hole(name: impl Into<String>) -> Text {
        Text(vec![Piece::Hole {
            name: name.into(),
            is_param: false,
        }])
    }

    /// The whole, if nothing of it is open.
    pub fn plain(&self) -> Option<String> {
        let mut whole = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Known(text) => whole.push_str(text),
                _ => return None,
            }
        }
        Some(whole)
    }

    pub fn joined(mut self, other: Text) -> Text {
        let is_empty = |piece: &Piece| matches!(piece, Piece::Known(text) if text.is_empty());
        self.0.retain(|piece| !is_empty(piece));
        let mut length: usize = self.0.iter().map(Piece::length).sum();
        for piece in other.0 {
            length += piece.length();
            if length > LONGEST || self.0.len() >= MOST_PIECES {
                return self.broken_off();
            }
            match (self.0.last_mut(), piece) {
                (Some(Piece::Known(text)), Piece::Known(more)) => text.push_str(&more),
                (_, piece) => self.0.push(piece),
            }
        }
        self
    }

    /// What comes behind it is not known.
    fn broken_off(mut self) -> Text {
        let is_broken =
            |piece: &Piece| matches!(piece, Piece::Hole { name, .. } if name == TOO_LONG);
        if !self.0.last().is_some_and(is_broken) {
            self.0.extend(Text::hole(TOO_LONG).0);
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        let is_empty = |piece: &Piece| matches!(piece, Piece::Known(text) if text.is_empty());
        self.0.iter().all(is_empty)
    }

    /// What is known of it before its first hole.
    pub fn beginning(&self) -> String {
        let known = self.0.iter().map_while(|piece| match piece {
            Piece::Known(text) => Some(text.as_str()),
            Piece::Env { default, .. } => default.as_deref(),
            Piece::Hole { .. } => None,
        });
        known.collect()
    }

    pub fn in_lower_case(mut self) -> Text {
        for piece in &mut self.0 {
            if let Piece::Known(text) = piece {
                text.make_ascii_lowercase();
            }
        }
        self
    }

    /// With something in the place of each hole.
    pub fn filled(&self, with: &str) -> String {
        let texts = self.0.iter().map(|piece| match piece {
            Piece::Known(text) => text.as_str(),
            Piece::Env {
                default: Some(text),
                ..
            } => text.as_str(),
            _ => with,
        });
        texts.collect()
    }
}

impl Piece {
    fn length(&self) -> usize {
        match self {
            Piece::Known(text) => text.len(),
            Piece::Env { name, default } => name.len() + default.as_ref().map_or(0, String::len),
            Piece::Hole { name, .. } => name.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_of_itself_ends() {
        for start in [Text::known("https://a.test/b"), Text::hole("b")] {
            let mut text = Text::known("/").joined(start);
            for _ in 0..64 {
                text = text.clone().joined(text);
            }
            let length: usize = text.0.iter().map(Piece::length).sum();
            assert!(length <= LONGEST + TOO_LONG.len() && text.0.len() <= MOST_PIECES + 1);
            assert!(text.plain().is_none() && text.filled("").starts_with('/'));
        }
        assert!(Text::known("a".repeat(LONGEST + 1)).plain().is_none());
    }
}
