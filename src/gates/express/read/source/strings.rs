//! Methods of texts and lists.

use super::part::{Part, Subject};
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

impl Run<'_> {
    pub fn call_text(&mut self, owner: &Val, name: &Text, args: Vec<Spanned<Val>>) -> Val {
        let first = args.first().map(|arg| &arg.value);
        let Some(text) = owner.shown() else {
            if let (Val::Regex(_, flags), "test" | "exec") = (owner, &**name)
                && let Some(Val::Part(Part::Absent(subject))) = first
            {
                self.note(Event::Asked(subject.clone()));
                self.note(Event::Scheme(!flags.contains('i')));
                return Val::Bool(false);
            }
            if let (Val::Regex(pattern, _), "test", Some(Val::Text(text))) = (owner, &**name, first)
            {
                return test(pattern, text);
            }
            return Val::unknown("a pattern decides");
        };
        let given = first.and_then(|value| value.shown());
        let is = |truth: bool| Val::Bool(truth);
        let new = |text: &str| Val::Text(Text::from(text));
        match (&**name, given.as_deref()) {
            ("toString" | "valueOf" | "normalize", _) => new(&text),
            ("toLowerCase", _) => new(&text.to_lowercase()),
            ("toUpperCase", _) => new(&text.to_uppercase()),
            ("trim", _) => new(text.trim()),
            ("startsWith", Some(start)) => is(text.starts_with(start)),
            ("endsWith", Some(end)) => is(text.ends_with(end)),
            ("includes", Some(part)) => is(text.contains(part)),
            ("indexOf", Some(part)) => Val::Number(text.find(part).map_or(-1.0, |at| at as f64)),
            ("concat", Some(more)) => new(&(text + more)),
            ("split", Some(between)) => {
                let span = args[0].span;
                let parts: Vec<Spanned<Val>> = match between {
                    "" => (text.chars())
                        .map(|char| Spanned::new(new(&char.to_string()), span))
                        .collect(),
                    between => (text.split(between))
                        .map(|part| Spanned::new(new(part), span))
                        .collect(),
                };
                self.new_list(parts)
            }
            ("replace" | "replaceAll", _) => self.replace(&text, name, &args),
            ("slice" | "substring" | "substr", _) => slice(&text, &args),
            ("match", _) => match first {
                Some(Val::Regex(pattern, _)) => test(pattern, &text),
                _ => Val::unknown("a pattern decides"),
            },
            _ => Val::unknown(format!("`{name}` is not followed")),
        }
    }

    fn replace(&mut self, text: &str, name: &str, args: &[Spanned<Val>]) -> Val {
        match (
            args.first().map(|a| &a.value),
            args.get(1).map(|a| &a.value),
        ) {
            (Some(Val::Text(what)), Some(Val::Text(with))) => {
                let count = if name == "replace" { 1 } else { usize::MAX };
                Val::Text(Text::from(text.replacen(&**what, with, count)))
            }
            // `.replace(/\.js$/, '')`: an end that is plain.
            (Some(Val::Regex(pattern, _)), Some(Val::Text(with))) => {
                let end = pattern.strip_suffix('$').map(|end| end.replace('\\', ""));
                match end {
                    Some(end) if is_plain(&end) => match text.strip_suffix(end.as_str()) {
                        Some(start) => Val::Text(Text::from(format!("{start}{with}"))),
                        None => Val::Text(Text::from(text)),
                    },
                    _ => Val::unknown("a pattern decides"),
                }
            }
            _ => Val::unknown("what is replaced is not known"),
        }
    }

    /// The items of what can be walked over, if they are known.
    pub fn items_of(&mut self, value: &Val) -> Option<Vec<Spanned<Val>>> {
        match value {
            Val::List(id) => Some(self.list(*id).clone()),
            Val::Undefined | Val::Null => Some(Vec::new()),
            Val::Text(text) => Some(
                text.chars()
                    .map(|char| {
                        let char = Val::Text(Text::from(char.to_string()));
                        Spanned::new(char, Span::new(0, 0))
                    })
                    .collect(),
            ),
            _ => None,
        }
    }

    pub fn call_list(
        &mut self,
        id: ListId,
        name: &Text,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let items = self.list(id).clone();
        let function = args.first().map(|arg| arg.value.clone());
        match &**name {
            "push" => {
                const MOST: usize = 20_000;
                let list = &mut self.lists[id.0 as usize];
                if list.len() + args.len() <= MOST {
                    list.extend(args);
                }
                Val::Number(list.len() as f64)
            }
            "unshift" => {
                self.lists[id.0 as usize].splice(0..0, args);
                Val::List(id)
            }
            "forEach" | "map" | "filter" | "flatMap" | "some" | "every" | "find" | "reduce" => {
                match function {
                    Some(Val::Function(_) | Val::Bound(_) | Val::Outside(_) | Val::Global(_)) => {
                        self.over_list(name, items, args, span)
                    }
                    _ => Val::unknown("what is done with a list is not known"),
                }
            }
            "concat" => {
                let mut all = items;
                for arg in args {
                    match self
                        .items_of(&arg.value)
                        .filter(|_| arg.value.text().is_none())
                    {
                        Some(more) => all.extend(more),
                        None => all.push(arg),
                    }
                }
                self.new_list(all)
            }
            "slice" => {
                let from = number(&args, 0).unwrap_or(0.0).max(0.0) as usize;
                let to = number(&args, 1).map_or(items.len(), |to| {
                    if to < 0.0 {
                        items.len().saturating_sub((-to) as usize)
                    } else {
                        to as usize
                    }
                });
                let part = items.into_iter().take(to).skip(from).collect();
                self.new_list(part)
            }
            "reverse" => {
                let reversed = items.into_iter().rev().collect();
                self.new_list(reversed)
            }
            "sort" | "flat" | "values" | "entries" if &**name != "entries" => match &**name {
                "flat" => {
                    let flat = self.flat(items);
                    self.new_list(flat)
                }
                _ => Val::List(id),
            },
            "join" => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|item| item.value.shown()).collect();
                let between = function.and_then(|value| value.shown());
                match texts {
                    Some(texts) => {
                        let between = between.unwrap_or_else(|| ",".to_owned());
                        Val::Text(Text::from(texts.join(&between)))
                    }
                    None => Val::unknown("not all items are known"),
                }
            }
            "includes" | "indexOf" | "has" => self.contains(name, &items, function),
            "pop" => self.lists[id.0 as usize]
                .pop()
                .map_or(Val::Undefined, |item| item.value),
            "shift" if !items.is_empty() => self.lists[id.0 as usize].remove(0).value,
            _ => self.call_unknown(&format!("`{name}` is not followed"), args, span),
        }
    }

    fn contains(&mut self, name: &str, items: &[Spanned<Val>], what: Option<Val>) -> Val {
        let what = what.unwrap_or(Val::Undefined);
        let texts = || -> Option<Vec<Spanned<String>>> {
            let texts = items.iter().map(|item| {
                let text = item.value.text()?.to_string();
                Some(Spanned::new(text, item.span))
            });
            texts.collect()
        };
        match &what {
            Val::Part(Part::Absent(subject)) => {
                self.note(Event::Asked(subject.clone()));
                if let Some(texts) = texts() {
                    self.note(Event::Wanted(subject.clone(), texts));
                }
            }
            Val::Part(Part::Address(source)) => {
                if let Some(texts) = texts() {
                    let texts = texts.into_iter().map(|text| text.value).collect();
                    self.note(Event::Listed(*source, texts));
                }
                return Val::unknown("the address of the caller decides");
            }
            _ => {}
        }
        let mut found = Some(None);
        for (at, item) in items.iter().enumerate() {
            match item.value.same(&what) {
                Some(true) => {
                    found = Some(Some(at));
                    break;
                }
                Some(false) => {}
                None => {
                    found = None;
                    break;
                }
            }
        }
        match (found, name) {
            (Some(at), "indexOf") => Val::Number(at.map_or(-1.0, |at| at as f64)),
            (Some(at), _) => Val::Bool(at.is_some()),
            (None, _) => Val::unknown(reason_of(&what)),
        }
    }

    fn over_list(
        &mut self,
        name: &str,
        items: Vec<Spanned<Val>>,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let mut args = args.into_iter();
        let function = args.next().map_or(Val::Undefined, |arg| arg.value);
        let mut kept = Vec::new();
        let mut sum = args.next().map(|arg| arg.value);
        let (mut is_known, mut is_all) = (true, true);
        for (at, item) in items.into_iter().enumerate() {
            if self.steps_are_used_up() {
                break;
            }
            let item_span = item.span;
            let mut given = vec![item.clone(), Spanned::new(Val::Number(at as f64), span)];
            if name == "reduce" {
                let Some(before) = sum.take() else {
                    sum = Some(item.value);
                    continue;
                };
                given.insert(0, Spanned::new(before, span));
            }
            let value = self.call(function.clone(), given, span, None);
            match name {
                "reduce" => sum = Some(value),
                "map" => kept.push(Spanned::new(value, item_span)),
                "flatMap" => match self.items_of(&value) {
                    Some(items) => kept.extend(items),
                    None => kept.push(Spanned::new(value, item_span)),
                },
                "forEach" => {}
                _ => match value.truth() {
                    Some(true) if name == "find" && is_known => return item.value,
                    Some(true) if name == "some" => return Val::Bool(true),
                    // While a body is read, the rest tells what else is wanted.
                    Some(false) if name == "every" && self.log.is_none() => {
                        return Val::Bool(false);
                    }
                    Some(false) if name == "every" => is_all = false,
                    Some(true) => kept.push(item),
                    Some(false) => {}
                    None => {
                        is_known = false;
                        kept.push(item);
                    }
                },
            }
        }
        match name {
            "reduce" => sum.unwrap_or(Val::Undefined),
            "forEach" => Val::Undefined,
            // What is not known to be left out is kept.
            "map" | "flatMap" | "filter" => self.new_list(kept),
            "every" if !is_all => Val::Bool(false),
            _ if !is_known => Val::unknown("it depends on what is not known"),
            "find" => Val::Undefined,
            "some" => Val::Bool(false),
            _ => Val::Bool(true),
        }
    }

    /// What a text can do that is not there: it does not come to that, but it says what is wanted.
    pub fn call_absent(&mut self, subject: &Subject, name: &str, args: &[Spanned<Val>]) -> Val {
        let absent = Val::Part(Part::Absent(subject.clone()));
        let first = args.first().map(|arg| &arg.value);
        self.note_wanted(subject, name, args);
        match (name, first) {
            ("startsWith" | "includes" | "match" | "indexOf", Some(Val::Text(_))) => {
                self.note(Event::Asked(subject.clone()));
                self.note(Event::Scheme(true));
            }
            ("match", Some(Val::Regex(_, flags))) => {
                self.note(Event::Asked(subject.clone()));
                self.note(Event::Scheme(!flags.contains('i')));
            }
            ("replace", Some(Val::Text(_))) => self.note(Event::Scheme(true)),
            ("replace", Some(Val::Regex(_, flags))) => {
                self.note(Event::Scheme(!flags.contains('i')));
            }
            _ => {}
        }
        match (name, subject) {
            ("split", Subject::Header(header)) if header == "x-forwarded-for" => {
                Val::Part(Part::Address(super::part::Source::Forwarded))
            }
            _ => absent,
        }
    }
}

fn number(args: &[Spanned<Val>], at: usize) -> Option<f64> {
    match args.get(at).map(|arg| &arg.value) {
        Some(Val::Number(number)) => Some(*number),
        _ => None,
    }
}

fn slice(text: &str, args: &[Spanned<Val>]) -> Val {
    let chars: Vec<char> = text.chars().collect();
    let place = |at: f64| {
        if at < 0.0 {
            chars.len().saturating_sub(-at as usize)
        } else {
            (at as usize).min(chars.len())
        }
    };
    if args.iter().any(|arg| !matches!(arg.value, Val::Number(_))) {
        return Val::unknown("which part is taken is not known");
    }
    let from = number(args, 0).map_or(0, place);
    let to = number(args, 1).map_or(chars.len(), place);
    let part: String = chars.iter().take(to).skip(from).collect();
    Val::Text(Text::from(part))
}

/// A pattern without an operator.
fn is_plain(pattern: &str) -> bool {
    pattern
        .chars()
        .all(|char| char.is_alphanumeric() || "._-/".contains(char))
}

/// Ends and starts are what file names are tested for.
fn test(pattern: &str, text: &str) -> Val {
    let bare = pattern.replace("\\.", ".").replace("\\/", "/");
    let (start, rest) = match bare.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, bare.as_str()),
    };
    let (end, word) = match rest.strip_suffix('$') {
        Some(word) => (true, word),
        None => (false, rest),
    };
    if !is_plain(word) || pattern.contains('.') && !pattern.contains("\\.") {
        return Val::unknown("a pattern decides");
    }
    Val::Bool(match (start, end) {
        (true, true) => text == word,
        (true, false) => text.starts_with(word),
        (false, true) => text.ends_with(word),
        (false, false) => text.contains(word),
    })
}
