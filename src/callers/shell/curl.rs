//! curl, awscurl and wget by their arguments.

mod options;

use super::Variables;
use crate::callers::header::Header;
use crate::callers::model::{Body, Call, Client, Credentials, CredentialsMode, Place};
use crate::callers::signer::{AUTHORIZATION, Signer, signature};
use crate::callers::text::{Piece, Text};
use crate::callers::url::Url;
use crate::request::{Known, Reason};
use crate::source::Span;
use crate::syntax::shell::{Part, Word};
use options::{DIVERTING, LETTERS, SPEAKERS, name_of, takes_value};

/// The calls of one command.
pub fn calls(words: &[Word], variables: &Variables) -> Vec<Call> {
    let plain: Vec<Option<String>> = words.iter().map(Word::plain).collect();
    let found = plain.iter().enumerate().find_map(|(at, word)| {
        let name = word.as_deref()?.rsplit('/').next()?;
        Some((at, client(name)?))
    });
    let Some((at, client)) = found else {
        return Vec::new();
    };
    let before = plain[..at].iter().flatten();
    if before
        .into_iter()
        .any(|word| SPEAKERS.contains(&word.as_str()))
    {
        return Vec::new();
    }
    let span = words[at].span;
    let end = words.last().map_or(span, |word| word.span);
    // What stands behind it is another request, with options of its own.
    let is_next = |word: &Word| matches!(word.plain().as_deref(), Some("--next" | "-:"));
    let requests = words[at + 1..].split(is_next);
    let calls = requests.flat_map(|words| {
        let mut draft = Draft::new(client, variables);
        draft.read(words);
        draft.calls(span.to(end))
    });
    calls.collect()
}

fn client(name: &str) -> Option<Client> {
    Some(match name {
        "curl" => Client::Curl,
        "awscurl" => Client::Awscurl,
        "wget" => Client::Wget,
        _ => return None,
    })
}

/// A request as its arguments say it.
struct Draft<'v> {
    client: Client,
    variables: &'v Variables,
    method: Option<Known<String>>,
    urls: Vec<Vec<Url>>,
    headers: Vec<Header>,
    is_open: bool,
    body: Body,
    /// `-G`: what is given as data goes into the URL.
    is_query: bool,
    region: Option<Text>,
    service: Option<Text>,
    signs: Option<Span>,
}

impl<'v> Draft<'v> {
    fn new(client: Client, variables: &'v Variables) -> Self {
        Draft {
            client,
            variables,
            method: None,
            urls: Vec::new(),
            headers: Vec::new(),
            is_open: client == Client::Curl && variables.is_curl_wrapped,
            body: Body::None,
            is_query: false,
            region: None,
            service: None,
            signs: None,
        }
    }

    fn read(&mut self, words: &[Word]) {
        let mut words = words.iter();
        let mut only_urls = false;
        while let Some(word) = words.next() {
            let plain = word.plain();
            match plain.as_deref() {
                Some("--") => only_urls = true,
                Some("-" | "") => {}
                Some(text) if text.starts_with("--") && !only_urls => {
                    let (name, value) = match text[2..].split_once('=') {
                        Some((name, value)) => (name, Some(part_of(word, value))),
                        None => (&text[2..], None),
                    };
                    let takes = takes_value(self.client, name);
                    let value = match value {
                        None if takes => words.next().cloned(),
                        value => value,
                    };
                    self.option(name, value.as_ref());
                }
                Some(text) if text.starts_with('-') && !only_urls => {
                    self.letters(&text[1..], word, &mut words);
                }
                // `-H"$X"` and `--url=$X` begin with what is known.
                None if starts_with_dash(word) => self.open_option(word, &mut words),
                _ => self.url(word),
            }
        }
    }

    /// `-sSX POST`, `-XPOST`.
    fn letters(&mut self, letters: &str, word: &Word, words: &mut std::slice::Iter<'_, Word>) {
        if self.client == Client::Wget {
            // `-O -`, `-qO- URL`.
            if letters.ends_with(['O', 'o', 'T', 't', 'U', 'P']) {
                words.next();
            }
            return;
        }
        for (at, letter) in letters.char_indices() {
            // awscurl has fewer, and others of these.
            let takes = match self.client {
                Client::Awscurl => "XdHo".contains(letter),
                _ => LETTERS.contains(letter),
            };
            let rest = &letters[at + letter.len_utf8()..];
            if takes {
                let value = match rest.is_empty() {
                    true => words.next().cloned(),
                    false => Some(part_of(word, rest)),
                };
                self.option(name_of(letter), value.as_ref());
                return;
            }
            self.option(name_of(letter), None);
        }
    }

    /// An option whose value is joined to it and not known as a whole.
    fn open_option(&mut self, word: &Word, words: &mut std::slice::Iter<'_, Word>) {
        let Some(Part::Known(first)) = word.parts.first() else {
            self.is_open = true;
            return;
        };
        let (name, value) = match first.strip_prefix("--") {
            Some(rest) => match rest.split_once('=') {
                Some((name, value)) => (name, value),
                None => return self.is_open = true,
            },
            None => match first
                .char_indices()
                .skip(1)
                .find(|(_, one)| LETTERS.contains(*one))
            {
                Some((at, letter)) => (name_of(letter), &first[at + letter.len_utf8()..]),
                None => {
                    words.next();
                    return self.is_open = true;
                }
            },
        };
        let mut parts = word.parts.clone();
        parts[0] = Part::Known(value.to_owned());
        self.option(
            name,
            Some(&Word {
                parts,
                ..word.clone()
            }),
        );
    }

    fn option(&mut self, name: &str, value: Option<&Word>) {
        let text = value.map(|word| self.variables.text(word));
        let span = value.map_or(Span::new(0, 0), |word| word.span);
        match name {
            "request" | "method" => {
                let plain = text.and_then(|text| text.plain());
                self.method = Some(match plain {
                    Some(plain) => Known::Is(plain.to_ascii_uppercase()),
                    None => Known::Unknown(Reason::new("the method is not known")),
                });
            }
            "head" => self.method = Some(Known::Is("HEAD".to_owned())),
            "get" => self.is_query = true,
            "header" => self.header(text.unwrap_or_default(), span),
            "json" => {
                self.body = Body::Json;
                self.header(Text::known("Content-Type: application/json"), span);
            }
            "form" | "form-string" => self.body = Body::Form,
            "upload-file" => {
                self.body = Body::Simple;
                self.method.get_or_insert(Known::Is("PUT".to_owned()));
            }
            _ if name.starts_with("data")
                || name.starts_with("post-")
                || name.starts_with("body-") =>
            {
                self.body = Body::Simple;
            }
            "user" => self.authorize(
                Text::known("Basic ").joined(Text::hole("credentials")),
                span,
            ),
            "oauth2-bearer" => {
                self.authorize(
                    Text::known("Bearer ").joined(text.unwrap_or_default()),
                    span,
                );
            }
            "aws-sigv4" => self.sign(text.unwrap_or_default(), span),
            "region" => self.region = text,
            "service" => self.service = text,
            // A file of more options.
            "config" => self.is_open = true,
            name if DIVERTING.contains(&name) => self.is_open = true,
            "url" => {
                if let Some(word) = value {
                    self.url(word);
                }
            }
            _ => {}
        }
    }

    /// `provider1[:provider2[:region[:service]]]`.
    fn sign(&mut self, text: Text, span: Span) {
        self.signs = Some(span);
        let text = text.filled("\0");
        let mut parts = text.split(':').skip(2);
        let mut part = || {
            let part = parts.next()?;
            (!part.is_empty() && !part.contains('\0')).then(|| Text::known(part))
        };
        self.region = part();
        self.service = part();
    }

    fn authorize(&mut self, value: Text, span: Span) {
        self.headers.push(Header {
            name: AUTHORIZATION.to_owned(),
            value,
            span,
            always: true,
        });
    }

    /// `Name: value`; of a file, or of what is not known, anything.
    fn header(&mut self, text: Text, span: Span) {
        let known = text.beginning();
        let Some((name, _)) = known.split_once(':') else {
            // `X-Empty;` has no value; without a colon it is none.
            self.is_open |= known.is_empty() || known.starts_with('@');
            return;
        };
        self.headers.push(Header {
            name: name.trim().to_owned(),
            value: behind(&text, name.len() + 1),
            span,
            always: true,
        });
    }

    fn url(&mut self, word: &Word) {
        let is_bare = !word.is_quoted
            && matches!(
                word.parts.as_slice(),
                [Part::Variable { .. } | Part::Open(_)]
            );
        let texts = self.variables.texts(word);
        let is_unset = |text: &Text| !text.0.iter().any(|piece| matches!(piece, Piece::Known(_)));
        // `curl $OPTIONS https://…`: anything may be in it.
        if is_bare && texts.iter().all(is_unset) && !speaks_of_url(word) {
            self.is_open = true;
            return;
        }
        // `"${OPTIONS[@]}"`, and options of other programs.
        let is_list = matches!(word.parts.as_slice(), [Part::Open(name)] if name.contains('[') || name == "an argument");
        if is_list {
            self.is_open = true;
            return;
        }
        if !texts.iter().any(may_be_url) {
            return;
        }
        let urls = texts.into_iter().map(|text| Url::of(&absolute(text)));
        self.urls.push(urls.collect());
    }

    fn calls(mut self, span: Span) -> Vec<Call> {
        let is_awscurl = self.client == Client::Awscurl;
        if self.signs.is_some() || is_awscurl {
            let usual = is_awscurl.then(|| Text::known("execute-api"));
            let text = signature(self.region.clone(), self.service.clone().or(usual));
            self.headers
                .retain(|header| !header.name.eq_ignore_ascii_case(AUTHORIZATION));
            self.authorize(text, self.signs.unwrap_or(span));
        }
        let method = match (&self.method, self.body) {
            (Some(method), _) => method.clone(),
            (None, Body::None) => Known::Is("GET".to_owned()),
            (None, _) if self.is_query => Known::Is("GET".to_owned()),
            (None, _) => Known::Is("POST".to_owned()),
        };
        let urls = std::mem::take(&mut self.urls).into_iter();
        urls.map(|urls| Call {
            span,
            through: None,
            client: self.client,
            place: Place::Elsewhere,
            method: method.clone(),
            signer: Signer::of(&self.headers, !self.is_open, &urls, span),
            urls,
            headers: self.headers.clone(),
            headers_complete: !self.is_open,
            credentials: CredentialsMode {
                mode: Known::Is(Credentials::Omit),
                span: None,
            },
            body: if self.is_query { Body::None } else { self.body },
        })
        .collect()
    }
}

fn starts_with_dash(word: &Word) -> bool {
    matches!(word.parts.first(), Some(Part::Known(text)) if text.starts_with('-'))
}

/// A variable that holds a URL, by its name.
fn speaks_of_url(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        Part::Variable { name, .. } => {
            let name = name.to_ascii_uppercase();
            let words = ["URL", "URI", "HOST", "ENDPOINT", "API", "BASE"];
            words.iter().any(|word| name.contains(word))
        }
        _ => false,
    })
}

/// A name without a dot is no host that anybody calls, and most likely an option's value.
fn may_be_url(text: &Text) -> bool {
    // `cf curl /v3/apps` is a command of another program.
    if text.beginning().starts_with('/') {
        return false;
    }
    text.plain().is_none_or(|plain| {
        let is_named = plain.contains(char::is_alphanumeric);
        is_named && (plain == "localhost" || plain.contains(['.', ':', '/']))
    })
}

/// A part of a word that is known as a whole.
fn part_of(word: &Word, text: &str) -> Word {
    Word {
        span: word.span,
        parts: vec![Part::Known(text.to_owned())],
        is_quoted: true,
    }
}

/// Without a scheme it is HTTP.
fn absolute(text: Text) -> Text {
    match text.0.first() {
        Some(Piece::Known(known)) if !known.contains("://") && !known.starts_with('/') => {
            Text::known("http://").joined(text)
        }
        _ => text,
    }
}

/// What stands behind the first bytes, which are known.
fn behind(text: &Text, mut bytes: usize) -> Text {
    let mut rest = Vec::new();
    for piece in &text.0 {
        match piece {
            Piece::Known(known) if bytes > 0 => {
                let cut = bytes.min(known.len());
                bytes -= cut;
                let known = known.get(cut..).unwrap_or_default();
                rest.push(Piece::Known(known.trim_start().to_owned()));
            }
            piece => rest.push(piece.clone()),
        }
    }
    Text::default().joined(Text(rest))
}
