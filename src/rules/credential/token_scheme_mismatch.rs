use crate::callers::{Header, Piece};
use crate::finding::{Confidence, Finding, Intent, Label, Witness};
use crate::gate::{Check, Course, Effect};
use crate::gates::express::Reads;
use crate::probes::BEARER;
use crate::trace::calls::Joined;

pub const ID: &str = "token-scheme-mismatch";

/// A client writes its token in a form that the app does not take.
pub fn check(joined: &Joined<'_>, findings: &mut Vec<Finding>) {
    findings.extend(judge(joined));
}

fn judge(joined: &Joined<'_>) -> Option<Finding> {
    let call = &joined.caller.call;
    let header = call.header("Authorization")?;
    let slip = slip(header)?;
    let origin = joined.origin();
    let sent = joined.as_sent(origin.as_deref());
    let course = joined.send(&sent).filter(Course::refuses)?;
    let culprit = course.culprit()?;
    let Effect::Refuses {
        check: Check::Credential,
        status,
        ..
    } = culprit.effect
    else {
        return None;
    };
    let reads = joined.app.reads(culprit.span)?;
    if !slip.is_wrong_for(reads) || course.is_conditional() {
        return None;
    }
    // The same request with the token as it should be.
    let mut right = sent.clone();
    right.headers.remove("Authorization");
    right.headers.push("Authorization", BEARER);
    let admitted = joined.send(&right).filter(Course::admits)?;
    if admitted.is_conditional() {
        return None;
    }
    // What comes of a token that is read and is none is the check's own affair.
    let answer = match (slip, reads) {
        (Slip::Doubled, Reads::Exact | Reads::SecondWord) => String::new(),
        _ => format!(": it answers {status}"),
    };
    let written = header.value.filled("<token>");
    Some(Finding {
        rule: ID,
        severity: joined.severity(&course),
        confidence: Confidence::High,
        message: format!(
            "{} {} sends `{written}`, which the app does not take for a token{answer}",
            sent.method,
            sent.url()
        ),
        primary: Label {
            span: header.span,
            text: slip.told().into(),
        },
        related: vec![Label {
            span: culprit.span,
            text: "takes `Bearer <token>`".into(),
        }],
        intent: Some(Intent {
            text: format!("the call goes to {}, with a token", joined.evidence()),
            span: Some(call.span),
        }),
        help: "send the scheme, one blank and the token: `Bearer ${token}`".into(),
        witness: Some(Witness {
            request: sent,
            course,
        }),
    })
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slip {
    NoBlank,
    Colon,
    Doubled,
    LowerCase,
    OtherScheme,
}

/// What stands before the one thing that is not known.
fn slip(header: &Header) -> Option<Slip> {
    let [Piece::Known(before), Piece::Hole { .. } | Piece::Env { .. }] = header.value.0.as_slice()
    else {
        return None;
    };
    let lower = before.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    match words.as_slice() {
        ["bearer"] if !before.ends_with(' ') => Some(Slip::NoBlank),
        ["bearer:"] => Some(Slip::Colon),
        ["bearer", "bearer"] => Some(Slip::Doubled),
        ["bearer"] if before == "bearer " => Some(Slip::LowerCase),
        ["jwt" | "token"] if before.ends_with(' ') => Some(Slip::OtherScheme),
        _ => None,
    }
}

impl Slip {
    /// Whether who reads a token so cannot take it.
    fn is_wrong_for(self, reads: Reads) -> bool {
        match self {
            Slip::NoBlank | Slip::Doubled => true,
            Slip::Colon => reads != Reads::SecondWord,
            Slip::LowerCase => reads == Reads::Exact,
            Slip::OtherScheme => matches!(reads, Reads::Exact | Reads::Bearer),
        }
    }

    fn told(self) -> &'static str {
        match self {
            Slip::NoBlank => "no blank stands between scheme and token",
            Slip::Colon => "the scheme has no colon",
            Slip::Doubled => "the scheme stands here twice",
            Slip::LowerCase => "the app compares the case of the scheme",
            Slip::OtherScheme => "is another scheme than the app's",
        }
    }
}
