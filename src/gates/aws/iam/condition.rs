//! Whether a condition holds
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>).

mod compare;
mod date;

use crate::gates::aws::fields::{is_public, network};
use crate::request::{Known, Reason};

use super::context::{Context, Value};
use super::model::{Condition, Set, Test};
use super::truth::Truth;
use compare::Comparator;
pub use compare::{boolean, is_date, number};

impl Condition {
    /// Whether it holds; `variables` as in [`Policy::variables`](super::Policy::variables).
    pub fn holds(&self, context: &Context, variables: bool) -> Truth {
        let comparator = Comparator {
            test: self.operator.value.test,
            variables: variables.then_some(context),
        };
        let holds = match self.operator.value.test {
            Test::Null => self.is_null(context.get(&self.key.value)),
            _ => self.compare(context.get(&self.key.value), &comparator),
        };
        let texts = self.values.iter().filter_map(|text| text.value.known());
        match (holds, comparator.invalid(texts)) {
            // Nothing fits such a value; the documentation leaves open whether the others count.
            (Truth::Yes(()), Some(because)) => Truth::unknown(because, self.span),
            (holds, _) => holds.at(self.span),
        }
    }

    fn compare(&self, value: &Value, comparator: &Comparator) -> Truth {
        let operator = self.operator.value;
        let fits = |value: &String| self.fits(value, comparator);
        let values = match (value, operator.set) {
            (Value::Unknown(reason), _) => {
                return Truth::unknown(
                    format!("`{}` is not known: {reason}", self.key.value),
                    None,
                );
            }
            (Value::Hidden(reason), _) => return self.hidden(reason),
            (Value::Absent, _) => return self.missing().into(),
            (Value::One(value), None) => return fits(value),
            (Value::Many(_), None) => {
                return Truth::unknown(
                    format!(
                        "`{}` may have several values, which takes ForAllValues or ForAnyValue",
                        self.key.value
                    ),
                    None,
                );
            }
            (Value::One(value), Some(_)) => std::slice::from_ref(value),
            (Value::Many(values), Some(_)) => values,
        };
        // An empty string is as no value at all
        // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
        let nothing = values.iter().all(String::is_empty);
        match operator.set {
            Some(Set::ForAnyValue) if nothing => Truth::No,
            Some(Set::ForAnyValue) => Truth::any(values.iter().map(fits)),
            _ if nothing => Truth::Yes(()),
            _ => Truth::all(values.iter().map(fits)),
        }
    }

    /// Whether it holds for a request that does not have the key.
    fn missing(&self) -> bool {
        let operator = self.operator.value;
        match operator.set {
            _ if operator.if_exists => true,
            Some(Set::ForAllValues) => true,
            Some(Set::ForAnyValue) => false,
            None => operator.negated,
        }
    }

    /// What it comes to whether the key is missing or has an address of some private network.
    fn hidden(&self, reason: &Reason) -> Truth {
        let operator = self.operator.value;
        let fits_none = operator.test == Test::IpAddress && self.is_of_public_networks();
        match fits_none && self.missing() == operator.negated {
            true => operator.negated.into(),
            false => Truth::unknown(format!("`{}` is not known: {reason}", self.key.value), None),
        }
    }

    /// Whether all of its values are networks of IPv4 of which no part is private.
    pub fn is_of_public_networks(&self) -> bool {
        let mut values = self.values.iter();
        values.all(|text| {
            let net = text.value.known().and_then(|own| network(own));
            net.is_some_and(is_public)
        })
    }

    /// One of the values fits; none, for a negated operator
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>).
    fn fits(&self, value: &str, comparator: &Comparator) -> Truth {
        let fits = Truth::any(self.values.iter().map(|text| match &text.value {
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), text.span),
            Known::Is(own) => comparator.compare(own, value).at(text.span),
        }));
        match self.operator.value.negated {
            true => fits.negated(),
            false => fits,
        }
    }

    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null>
    fn is_null(&self, value: &Value) -> Truth {
        let missing = match value {
            Value::Absent => true,
            Value::Many(values) => values.is_empty(),
            Value::One(value) if value.is_empty() => {
                return Truth::unknown("whether an empty value is null is not documented", None);
            }
            Value::One(_) => false,
            Value::Unknown(reason) | Value::Hidden(reason) => {
                return Truth::unknown(
                    format!("`{}` is not known: {reason}", self.key.value),
                    None,
                );
            }
        };
        Truth::any(self.values.iter().map(|text| match &text.value {
            Known::Unknown(reason) => Truth::unknown(reason.0.clone(), text.span),
            Known::Is(own) => match compare::boolean(own) {
                Some(own) => (own == missing).into(),
                None => Truth::unknown(format!("`{own}` is neither true nor false"), text.span),
            },
        }))
    }
}
