//! How deep a text may nest, before anything recurses over it.

/// How deep brackets may nest.
pub const MOST_BRACKETS: usize = 1_000;

/// How many operators and keywords may stand in a row without a bracket, comma or semicolon that
/// ends what they began: `!!!!a`, `a ? b : c ? d : …`, `if (a) {} else if (b) {} else …`.
pub const MOST_OPERATORS: usize = 20_000;

/// An upper bound of the depth to which a parser can recurse.
///
/// Strings and comments are not told from code, so it may be larger than the truth, and never
/// smaller: whoever opens a bracket in a string opens a level which costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    pub brackets: usize,
    pub operators: usize,
}

impl Depth {
    pub fn of(text: &[u8]) -> Depth {
        let mut open: Vec<usize> = Vec::new();
        let mut here = 0;
        let mut depth = Depth {
            brackets: 0,
            operators: 0,
        };
        let mut outer = 0;
        let mut word = 0;
        for (at, byte) in text.iter().enumerate() {
            if byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$' {
                continue;
            }
            if at > word && is_keyword(&text[word..at]) {
                here += 1;
            }
            word = at + 1;
            match byte {
                b'(' | b'[' | b'{' => {
                    open.push(here);
                    outer += here;
                    here = 0;
                    depth.brackets = depth.brackets.max(open.len());
                }
                b')' | b']' | b'}' => {
                    if let Some(before) = open.pop() {
                        outer -= before;
                        here = before;
                    }
                }
                b';' | b',' => here = 0,
                b'!' | b'~' | b'+' | b'-' | b'?' | b'=' | b'*' | b'<' | b'@' | b':' => here += 1,
                _ => {}
            }
            depth.operators = depth.operators.max(outer + here);
        }
        depth
    }

    pub fn is_too_deep(self) -> bool {
        self.brackets > MOST_BRACKETS || self.operators > MOST_OPERATORS
    }
}

/// Whether a word begins something that may nest without a bracket.
fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"if"
            | b"else"
            | b"for"
            | b"while"
            | b"do"
            | b"with"
            | b"typeof"
            | b"void"
            | b"delete"
            | b"await"
            | b"yield"
            | b"new"
            | b"async"
            | b"keyof"
            | b"infer"
            | b"extends"
            | b"readonly"
            | b"unique"
    )
}
