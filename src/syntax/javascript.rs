//! JavaScript and TypeScript: bytes to a tree with spans, without types.
//!
//! The parser is oxc's, and nobody else knows of it. It recurses, so a text is looked at before
//! that: what nests too deep is refused, and the rest is parsed on a stack of its own that is
//! large enough for the depth that is allowed.

mod component;
mod depth;
mod lower;
mod tree;

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use crate::problem::Problem;
use crate::source::Span;
use depth::Depth;

pub use component::{is_component, script_of};
pub use tree::*;

/// Larger files are data or bundles.
pub const LARGEST: usize = 4 << 20;

/// For the deepest text that is allowed, measured with room to spare.
const STACK: usize = 256 << 20;

/// Up to here the stack of any thread will do.
const SHALLOW: Depth = Depth {
    brackets: 24,
    operators: 200,
};

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// With JSX, which plain files have, too.
    JavaScript,
    TypeScript,
    TypeScriptWithJsx,
    Json,
}

impl Dialect {
    pub fn of(name: &str) -> Option<Dialect> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension {
            "js" | "mjs" | "cjs" | "jsx" => Dialect::JavaScript,
            "ts" | "mts" | "cts" => Dialect::TypeScript,
            "tsx" => Dialect::TypeScriptWithJsx,
            "json" => Dialect::Json,
            _ => return None,
        })
    }

    fn source_types(self) -> &'static [SourceType] {
        const TSX: SourceType = SourceType::tsx();
        const TS: SourceType = SourceType::ts();
        // A file of Flow's types reads as TypeScript more often than not.
        const ALL: [SourceType; 3] = [
            SourceType::unambiguous().with_jsx(true),
            SourceType::tsx(),
            SourceType::script(),
        ];
        match self {
            Dialect::JavaScript => &ALL,
            Dialect::TypeScript => &[TS],
            Dialect::TypeScriptWithJsx => &[TSX],
            Dialect::Json => &[],
        }
    }
}

/// What is asked of the parser's diagnostics, whose type it does not name.
macro_rules! first {
    ($errors:expr) => {
        $errors.iter().next().map(|error| {
            let label = error.labels.first();
            (
                label.map(|l| l.offset() as usize),
                error.message.to_string(),
            )
        })
    };
}

/// Reads a text that lies at `base` in the address space.
///
/// # Errors
/// Where it does not parse, the first mistake; where it is too large or too deep, that.
pub fn parse(dialect: Dialect, base: u32, text: &[u8]) -> Result<Module, Problem> {
    let whole = Span::new(base, base + text.len() as u32);
    let start = Span::new(base, base);
    if text.len() > LARGEST {
        let message = format!("this file is larger than {} MB", LARGEST >> 20);
        return Err(Problem::note(start, message));
    }
    let depth = Depth::of(text);
    if depth.is_too_deep() {
        return Err(Problem::fatal(start, "this file nests too deep to be read"));
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return Err(Problem::note(start, "this file is not UTF-8"));
    };
    if depth.brackets <= SHALLOW.brackets && depth.operators <= SHALLOW.operators {
        return parse_here(dialect, whole, text);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || parse_here(dialect, whole, text));
        match thread.map(|thread| thread.join()) {
            Ok(Ok(parsed)) => parsed,
            _ => Err(Problem::note(start, "this file could not be parsed")),
        }
    })
}

fn parse_here(dialect: Dialect, whole: Span, text: &str) -> Result<Module, Problem> {
    let base = whole.start;
    let allocator = Allocator::default();
    if dialect == Dialect::Json {
        let parsed = Parser::new(&allocator, text, SourceType::mjs()).parse_expression();
        return match parsed {
            Ok(value) => Ok(lower::json(base, &value)),
            Err(errors) => Err(mistake(base, text.len(), first!(errors))),
        };
    }
    let mut first = None;
    for source_type in dialect.source_types() {
        let options = ParseOptions {
            allow_return_outside_function: true,
            preserve_parens: false,
            ..ParseOptions::default()
        };
        let parser = Parser::new(&allocator, text, *source_type).with_options(options);
        let parsed = parser.parse();
        if parsed.diagnostics.is_empty() && !parsed.panicked {
            return Ok(lower::module(base, &parsed.program));
        }
        first.get_or_insert_with(|| mistake(base, text.len(), first!(parsed.diagnostics)));
    }
    Err(first.unwrap_or_else(|| Problem::note(Span::new(base, base), "it does not parse")))
}

/// The first mistake: where it is, and what the parser says of it.
fn mistake(base: u32, length: usize, error: Option<(Option<usize>, String)>) -> Problem {
    let (at, message) = error.unwrap_or((None, "something is wrong here".to_owned()));
    let at = base + at.unwrap_or(0).min(length) as u32;
    let place = Span::new(at, at);
    let told = format!("this does not parse: {message}");
    match message.starts_with("Flow") {
        // Another language, which we do not read.
        true => Problem::note(place, told),
        false => Problem::fatal(place, told),
    }
}

#[cfg(test)]
mod tests;
