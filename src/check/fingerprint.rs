//! The name of a finding that survives edits elsewhere in the file.

use crate::finding::Finding;
use crate::source::{Source, SourceMap, Span};

/// 32 hexadecimal digits from the rule, the source's name and the text of the primary line.
///
/// Line numbers take no part, and neither does white space, so that a finding keeps its name when
/// lines are added above it or a block is indented anew.
pub fn fingerprint(finding: &Finding, sources: &SourceMap) -> String {
    let span = finding.primary.span;
    let source = sources.at(span);
    let mut hash = Fnv::new();
    hash.field(finding.rule.as_bytes());
    hash.field(source.name.as_bytes());
    for word in primary_lines(source, span).split(|byte| byte.is_ascii_whitespace()) {
        if !word.is_empty() {
            hash.field(word);
        }
    }
    format!("{:032x}", hash.0)
}

/// The whole lines that a span touches.
fn primary_lines(source: &Source, span: Span) -> &[u8] {
    let text = &source.text[..];
    let start = ((span.start - source.base) as usize).min(text.len());
    let end = ((span.end - source.base) as usize).min(text.len());
    let from = text[..start]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let to = text[end..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(text.len(), |at| end + at);
    &text[from..to]
}

/// FNV-1a with 128 bits: small, the same on every machine and in every version. Nobody gains
/// anything by a collision here, so it need not be a cryptographic hash.
struct Fnv(u128);

impl Fnv {
    fn new() -> Self {
        Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Each field ends with a byte that no field holds, so that `ab`,`c` differs from `a`,`bc`.
    fn field(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().chain(&[0]) {
            self.0 ^= u128::from(*byte);
            self.0 = self
                .0
                .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Label, Severity};

    fn of(rule: &'static str, name: &str, text: &str, needle: &str) -> String {
        let mut sources = SourceMap::default();
        sources.add("before.conf", (*b"x").into()).unwrap();
        let id = sources.add(name, text.as_bytes().into()).unwrap();
        let at = sources.get(id).base + text.find(needle).unwrap() as u32;
        let finding = Finding {
            rule,
            severity: Severity::Error,
            confidence: Confidence::High,
            message: String::new(),
            primary: Label {
                span: Span::new(at, at + needle.len() as u32),
                text: String::new(),
            },
            related: vec![],
            witness: None,
            intent: None,
            help: String::new(),
        };
        fingerprint(&finding, &sources)
    }

    #[test]
    fn lines_above_and_indentation_do_not_matter() {
        let plain = of("r", "a.conf", "deny all;", "deny all;");
        assert_eq!(plain.len(), 32);
        assert_eq!(plain, of("r", "a.conf", "\n\n\t  deny   all;\r\n}", "deny"));
    }

    #[test]
    fn rule_file_and_line_matter() {
        let plain = of("r", "a.conf", "deny all;", "deny all;");
        assert_ne!(plain, of("s", "a.conf", "deny all;", "deny all;"));
        assert_ne!(plain, of("r", "b.conf", "deny all;", "deny all;"));
        assert_ne!(plain, of("r", "a.conf", "deny 10.0.0.0/8;", "deny"));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // From the reference vectors of draft-eastlake-fnv: the hash of no bytes, and of "a".
        let mut hash = Fnv::new();
        hash.0 ^= u128::from(b'a');
        hash.0 = hash
            .0
            .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        assert_eq!(
            format!("{:032x}", hash.0),
            "d228cb696f1a8caf78912b704e4a8964"
        );
    }
}
