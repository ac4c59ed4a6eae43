//! Texts of which a part is only known when the program runs.

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
        Text(vec![Piece::Known(text.into())])
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
        for piece in other.0 {
            match (self.0.last_mut(), piece) {
                (Some(Piece::Known(text)), Piece::Known(more)) => text.push_str(&more),
                (_, piece) => self.0.push(piece),
            }
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
