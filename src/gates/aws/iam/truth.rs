//! Yes, no, and what cannot be known.

use crate::request::Reason;
use crate::source::Span;

/// Why something cannot be known, and the place on which it depends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub because: Reason,
    /// `None` for what has no place, such as a policy that was not fetched.
    pub span: Option<Span>,
}

impl Doubt {
    pub fn new(because: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Doubt {
            because: Reason::new(because),
            span: span.into(),
        }
    }
}

/// An answer in Kleene's logic of three values, with what made it true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth<T = ()> {
    Yes(T),
    No,
    Unknown(Doubt),
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        match holds {
            true => Truth::Yes(()),
            false => Truth::No,
        }
    }
}

impl<T> Truth<T> {
    pub fn unknown(because: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Truth::Unknown(Doubt::new(because, span))
    }

    pub fn is_yes(&self) -> bool {
        matches!(self, Truth::Yes(_))
    }

    pub fn is_no(&self) -> bool {
        matches!(self, Truth::No)
    }

    /// Both; of two doubts the first is told.
    pub fn and<U>(self, other: Truth<U>) -> Truth<T> {
        match (self, other) {
            (Truth::No, _) | (_, Truth::No) => Truth::No,
            (Truth::Unknown(doubt), _) | (_, Truth::Unknown(doubt)) => Truth::Unknown(doubt),
            (yes, Truth::Yes(_)) => yes,
        }
    }

    /// One of them; of two that hold the first is told.
    pub fn or(self, other: Truth<T>) -> Truth<T> {
        match (self, other) {
            (Truth::Yes(by), _) | (_, Truth::Yes(by)) => Truth::Yes(by),
            (Truth::Unknown(doubt), _) | (_, Truth::Unknown(doubt)) => Truth::Unknown(doubt),
            (Truth::No, Truth::No) => Truth::No,
        }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Truth<U> {
        match self {
            Truth::Yes(by) => Truth::Yes(f(by)),
            Truth::No => Truth::No,
            Truth::Unknown(doubt) => Truth::Unknown(doubt),
        }
    }

    /// A doubt that has no place yet gets this one.
    pub fn at(mut self, place: Span) -> Self {
        if let Truth::Unknown(doubt) = &mut self {
            doubt.span.get_or_insert(place);
        }
        self
    }
}

impl Truth {
    pub fn negated(self) -> Truth {
        match self {
            Truth::Yes(()) => Truth::No,
            Truth::No => Truth::Yes(()),
            unknown => unknown,
        }
    }

    /// One of them holds; not after the first that does.
    pub fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut all = Truth::No;
        for truth in truths {
            all = all.or(truth);
            if all.is_yes() {
                break;
            }
        }
        all
    }

    /// All of them hold; not after the first that does not.
    pub fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
        let mut all = Truth::Yes(());
        for truth in truths {
            all = all.and(truth);
            if all.is_no() {
                break;
            }
        }
        all
    }
}
