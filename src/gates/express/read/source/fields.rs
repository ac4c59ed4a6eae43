//! What models let their fields be: the enumerations of schemas, which bound the roles that there
//! are.

use super::run::Run;
use super::val::*;
use crate::gates::express::model::Field;
use crate::source::{Span, Spanned};

/// How deep fields may stand in one another, and how many are looked at.
const DEEPEST: usize = 4;
const MOST: usize = 2_000;

impl Run<'_> {
    /// `new Schema({ … })` of mongoose, `sequelize.define('user', { … })`, `User.init({ … })`.
    pub fn note_schema(&mut self, outside: &Outside, args: &[Spanned<Val>]) {
        let member = outside.path.last().map_or("", |name| &**name);
        let fields = match (&*outside.package, member) {
            ("mongoose", "Schema") => args.first(),
            ("sequelize", "define") => args.get(1),
            ("sequelize", "init") => args.first(),
            _ => None,
        };
        if let Some(Val::Object(id)) = fields.map(|fields| &fields.value) {
            self.note_fields(*id, 0);
        }
    }

    fn note_fields(&mut self, id: ObjectId, depth: usize) {
        for entry in self.object(id).entries.clone() {
            if self.fields.len() >= MOST || depth > DEEPEST {
                return;
            }
            let inner = match &entry.value {
                Val::Object(inner) if self.object(*inner).get("type").is_none() => Some(*inner),
                _ => None,
            };
            match inner.filter(|inner| self.object(*inner).get("enum").is_none()) {
                Some(inner) => self.note_fields(inner, depth + 1),
                None => {
                    let values = self.values_of(&entry.value, 0);
                    self.fields.push(Field {
                        name: Spanned::new(entry.key.to_string(), entry.key_span),
                        values,
                    });
                }
            }
        }
    }

    /// The texts that a field may be; `None` where it may be more than is known.
    fn values_of(&mut self, field: &Val, depth: usize) -> Option<Vec<Spanned<String>>> {
        if depth > DEEPEST {
            return None;
        }
        match field {
            // A list of such.
            Val::List(id) => match self.list(*id).as_slice() {
                [one] => {
                    let one = one.value.clone();
                    self.values_of(&one, depth + 1)
                }
                _ => None,
            },
            Val::Object(id) => {
                let get = |run: &mut Self, key: &str| run.object(*id).get(key).cloned();
                if self.object(*id).is_open {
                    return None;
                }
                match (get(self, "enum"), get(self, "type")) {
                    (Some(values), _) => self.texts(&values),
                    (None, Some(of)) => self.values_of(&of, depth + 1),
                    _ => None,
                }
            }
            // `DataTypes.ENUM('a', 'b')`.
            Val::Outside(outside) if outside.path.last().is_some_and(|name| &**name == "ENUM") => {
                let args = outside.args.clone()?;
                match args.as_slice() {
                    [one] if one.value.text().is_none() => self.texts(&one.value),
                    args => texts_of(args),
                }
            }
            _ => None,
        }
    }

    /// A list of texts, `{ values: […] }`, or the values of an enumeration.
    fn texts(&mut self, values: &Val) -> Option<Vec<Spanned<String>>> {
        match values {
            Val::List(id) => texts_of(self.list(*id)),
            Val::Object(id) => match self.object(*id).get("values").cloned() {
                Some(values) => self.texts(&values),
                None if self.object(*id).is_open => None,
                None => {
                    let entries = &self.object(*id).entries;
                    let texts = entries
                        .iter()
                        .map(|entry| text_of(&entry.value, entry.span));
                    texts.collect()
                }
            },
            _ => None,
        }
    }
}

fn texts_of(items: &[Spanned<Val>]) -> Option<Vec<Spanned<String>>> {
    items
        .iter()
        .map(|item| text_of(&item.value, item.span))
        .collect()
}

fn text_of(value: &Val, span: Span) -> Option<Spanned<String>> {
    Some(Spanned::new(value.text()?.to_string(), span))
}
