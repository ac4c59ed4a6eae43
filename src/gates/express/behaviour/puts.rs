//! Where a layer that recognises somebody puts what it knows of them: a property of the request, in
//! which later layers look.

use std::borrow::Cow;

use crate::gates::express::model::{Callee, Layer};
use crate::gates::express::value::Value;
use crate::request::Reason;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Puts {
    /// In this property, and what stands there then.
    At(String, Holds),
    /// Only the program knows where.
    Unknown(Reason),
}

/// What a property of the request holds, after somebody was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// The claims of the token.
    Claims,
    /// An object that has them under `payload`.
    Payload,
    /// A user's name and password.
    Password,
    /// What the application made of it.
    User,
    /// Whatever a line of the application has put there.
    Something,
}

impl Puts {
    /// express-jwt: `req.auth` since version 7, `req.user` before.
    pub fn express_jwt(layer: &Layer) -> Puts {
        let get = |key: &str| {
            let mut options = layer.args.iter();
            let value = options.find_map(|options| options.value.get(key));
            value.map(|value| &value.value)
        };
        // It is put on the response then.
        if let Some(result) = get("resultProperty") {
            return Puts::Unknown(result.reason());
        }
        let usual = match &layer.callee {
            Callee::Package {
                major: Some(..7), ..
            } => Some("user"),
            Callee::Package { major: Some(_), .. } => Some("auth"),
            // A name that it has since version 7.
            Callee::Package {
                member: Some(member),
                ..
            } if member == "expressjwt" => Some("auth"),
            _ => None,
        };
        let older = get("userProperty").filter(|_| usual == Some("user"));
        let named = get("requestProperty").or(older);
        match (named, usual) {
            (Some(named), _) if *named != Value::Undefined => at(named, Holds::Claims),
            (_, Some(usual)) => Puts::At(usual.to_owned(), Holds::Claims),
            (_, None) => {
                let because = "nothing says which version of express-jwt is installed";
                Puts::Unknown(Reason::new(because))
            }
        }
    }

    /// `passport.authenticate(strategy, options)`.
    pub fn passport(options: Option<&Value>) -> Puts {
        let named = options.and_then(|options| options.get("assignProperty"));
        match named {
            Some(named) => at(&named.value, Holds::User),
            None => Puts::At("user".to_owned(), Holds::User),
        }
    }

    /// The property with what is known of the caller: who looks there finds it.
    pub fn place(&self) -> Option<Cow<'_, str>> {
        match self {
            Puts::At(property, Holds::Claims | Holds::User) => Some(property.into()),
            Puts::At(property, Holds::Payload) => Some(format!("{property}.payload").into()),
            _ => None,
        }
    }
}

fn at(property: &Value, holds: Holds) -> Puts {
    match property {
        Value::Text(text) => Puts::At(text.clone(), holds),
        other => Puts::Unknown(other.reason()),
    }
}
