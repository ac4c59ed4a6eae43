//! The status of an answer or an error: a number, or the name that packages give it.

use crate::gates::express::read::source::run::Run;
use crate::gates::express::read::source::val::*;

impl Run<'_> {
    /// A status as a number, or as the name that packages give it.
    pub fn status_number(&mut self, value: &Val) -> Option<u16> {
        match value {
            Val::Number(number) if (100.0..600.0).contains(number) => Some(*number as u16),
            Val::Text(text) => text
                .parse()
                .ok()
                .filter(|status| (100..600).contains(status)),
            Val::Outside(outside) => outside.path.last().and_then(|name| status_by_name(name)),
            _ => None,
        }
    }

    /// The status that an error carries.
    pub(super) fn status_of(&mut self, error: &Val) -> Option<u16> {
        match error {
            Val::Object(id) => {
                let keys = ["statusCode", "status", "httpCode", "code"];
                keys.iter().find_map(|key| {
                    let value = self.object(*id).get(key).cloned()?;
                    self.status_number(&value)
                })
            }
            Val::Outside(outside) => {
                let outside = outside.clone();
                let args = outside.args.iter().flatten();
                let given: Vec<Val> = args.map(|arg| arg.value.clone()).collect();
                let named = outside.path.last().and_then(|name| status_by_name(name));
                named.or_else(|| given.iter().find_map(|value| self.status_number(value)))
            }
            value => self.status_number(value),
        }
    }
}

/// `UNAUTHORIZED`, `Unauthorized`, `StatusCodes.UNAUTHORIZED`, `unauthorized`.
fn status_by_name(name: &str) -> Option<u16> {
    let name: String = (name.chars())
        .filter(|char| *char != '_')
        .flat_map(char::to_lowercase)
        .collect();
    let name = name.trim_end_matches("error").trim_end_matches("exception");
    Some(match name {
        "ok" => 200,
        "nocontent" => 204,
        "badrequest" => 400,
        "unauthorized" => 401,
        "forbidden" => 403,
        "notfound" => 404,
        "methodnotallowed" => 405,
        "conflict" => 409,
        "unprocessableentity" => 422,
        "toomanyrequests" => 429,
        "internalservererror" | "internalserver" => 500,
        _ => return None,
    })
}
