//! Texts of which one must stand in whatever a pattern matches: most locations with a pattern are
//! asked of paths that have none of them, and a search costs less than PCRE's preparations.

use bstr::{ByteSlice, Finder};
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};

use super::Regex;
use super::plain::hir;

/// More of them are no help.
const MOST: usize = 16;

/// In lower case if case does not count; `None` where nothing is known.
#[derive(Debug)]
pub struct Needles {
    texts: Option<Vec<Finder<'static>>>,
    caseless: bool,
}

impl Needles {
    pub fn may_match(&self, subject: &[u8]) -> bool {
        let Some(texts) = &self.texts else {
            return true;
        };
        match self.caseless {
            false => texts.iter().any(|text| text.find(subject).is_some()),
            true => {
                let lower = subject.to_ascii_lowercase();
                texts.iter().any(|text| text.find(&lower).is_some())
            }
        }
    }
}

/// The texts with which every match begins, or else those with which it ends. Without its lookaround
/// a pattern matches more than with it, so what must stand in those matches must stand in all.
pub fn of(regex: &Regex) -> Needles {
    let hir = Some(regex)
        .filter(|regex| !reads_otherwise(&regex.pattern))
        .and_then(hir);
    let texts = hir.and_then(|hir| {
        let of_kind = |kind: ExtractKind| {
            let mut extractor = Extractor::new();
            extractor.kind(kind).limit_total(MOST);
            usable(&extractor.extract(&hir))
        };
        of_kind(ExtractKind::Prefix).or_else(|| of_kind(ExtractKind::Suffix))
    });
    let finder = |mut text: Vec<u8>| {
        if regex.caseless {
            text.make_ascii_lowercase();
        }
        Finder::new(&text).into_owned()
    };
    Needles {
        texts: texts.map(|texts| texts.into_iter().map(finder).collect()),
        caseless: regex.caseless,
    }
}

/// Sets within sets, of which PCRE knows nothing: there it reads the same text as another class.
fn reads_otherwise(pattern: &[u8]) -> bool {
    let operators = ["&&", "--", "~~"];
    let is_nested = pattern
        .find_iter("[[")
        .any(|at| pattern.get(at + 2) != Some(&b':'));
    // A parenthesis in a set opens no group.
    let is_in_set = pattern.find_iter("(?").any(|at| {
        let before = &pattern[..at];
        before.rfind_byte(b'[') > before.rfind_byte(b']')
    });
    is_nested
        || is_in_set
        || operators
            .iter()
            .any(|operator| pattern.contains_str(operator))
}

fn usable(found: &Seq) -> Option<Vec<Vec<u8>>> {
    let literals = found.literals()?;
    // A slash stands in every path.
    let says_something = |text: &[u8]| !text.is_empty() && text != b"/";
    let all = literals
        .iter()
        .all(|literal| says_something(literal.as_bytes()));
    let texts = literals.iter().map(|literal| literal.as_bytes().to_vec());
    (!literals.is_empty() && all).then(|| texts.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pattern: &str, caseless: bool) -> Option<Vec<String>> {
        let needles = of(&Regex::new(pattern, caseless));
        let texts = needles.texts?;
        Some(
            texts
                .iter()
                .map(|text| text.needle().as_bstr().to_string())
                .collect(),
        )
    }

    #[test]
    fn what_every_match_has() {
        assert_eq!(texts(r"\.php$", false).unwrap(), [".php"]);
        assert_eq!(texts(r"/\.(?!well-known)", false).unwrap(), ["/."]);
        assert_eq!(texts(r"\.(?:CSS|js)$", true).unwrap(), [".css", ".js"]);
        assert_eq!(texts(r"^/(.*)$", false), None);
        assert_eq!(texts(r"(", false), None);
        assert_eq!(texts(r"[ab&&b]c", false), None);
        assert_eq!(texts(r"[a(?=)]c", false), None);
    }

    #[test]
    fn it_never_rules_out_a_match() {
        let patterns = [
            r"^/api/v\d+/",
            r"(?i)\.PNG$",
            r"/a|/b",
            r"\.(jpe?g|gif)$",
            r"x*$",
            r"[Bb]\.c",
        ];
        let subjects = [
            "/api/v1/x",
            "/x.png",
            "/b",
            "/x.jpeg",
            "",
            "/B.c",
            "/Api/v1/",
        ];
        for pattern in patterns {
            for caseless in [false, true] {
                let regex = Regex::new(pattern, caseless);
                let needles = of(&regex);
                for subject in subjects {
                    let built = regex.compiled().as_ref().unwrap();
                    if built.is_match(subject.as_bytes()).unwrap() {
                        assert!(needles.may_match(subject.as_bytes()), "{pattern} {subject}");
                    }
                }
            }
        }
    }
}
