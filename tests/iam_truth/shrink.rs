//! A case made smaller, as long as it still differs.

use serde_json::Value as Json;

use crate::case::Case;

/// The smallest case that can be had by leaving things out, one after the other.
pub fn shrink(mut case: Case, mut differs: impl FnMut(&Case) -> bool) -> Case {
    while let Some(smaller) = smaller(&case).into_iter().find(&mut differs) {
        case = smaller;
    }
    case
}

/// The case without each of its parts.
fn smaller(case: &Case) -> Vec<Case> {
    let mut all = Vec::new();
    let mut without = |change: &dyn Fn(&mut Case)| {
        let mut smaller = case.clone();
        change(&mut smaller);
        if smaller.told() != case.told() {
            all.push(smaller);
        }
    };
    without(&|case| case.boundary = None);
    without(&|case| case.session = None);
    without(&|case| case.policy = None);
    without(&|case| case.endpoint = None);
    without(&|case| case.control.clear());
    without(&|case| case.identity.clear());
    for at in 0..case.identity.len() {
        without(&|case| {
            case.identity.remove(at);
        });
    }
    for key in case.context.keys() {
        without(&|case| {
            case.context.remove(key);
        });
    }
    let count = policies(&mut case.clone()).len();
    for at in 0..count {
        let texts = policies(&mut case.clone()).remove(at).clone();
        for smaller in smaller_policies(&texts) {
            without(&|case| *policies(case).remove(at) = smaller.clone());
        }
    }
    all
}

fn policies(case: &mut Case) -> Vec<&mut Json> {
    let mut all: Vec<&mut Json> = case.identity.iter_mut().collect();
    all.extend(case.control.iter_mut().flatten());
    all.extend(&mut case.boundary);
    all.extend(&mut case.session);
    all.extend(&mut case.policy);
    all.extend(&mut case.endpoint);
    all
}

fn smaller_policies(policy: &Json) -> Vec<Json> {
    let mut all = Vec::new();
    let Some(statements) = policy["Statement"].as_array() else {
        // One statement is looked at as a list of one.
        let mut listed = policy.clone();
        listed["Statement"] = Json::Array(vec![policy["Statement"].clone()]);
        return smaller_policies(&listed);
    };
    for (at, statement) in statements.iter().enumerate() {
        let with = |statement: Option<Json>| {
            let mut smaller = policy.clone();
            let list = smaller["Statement"].as_array_mut().expect("a list");
            list.splice(at..=at, statement);
            smaller
        };
        if statements.len() > 1 {
            all.push(with(None));
        }
        for key in ["Action", "Resource", "Principal", "NotPrincipal"] {
            let list = statement[key]
                .as_array()
                .or(statement[key]["AWS"].as_array());
            for value in list.into_iter().flatten() {
                let mut smaller = statement.clone();
                match statement[key].is_array() {
                    true => smaller[key] = value.clone(),
                    false => smaller[key]["AWS"] = value.clone(),
                }
                all.push(with(Some(smaller)));
            }
        }
        for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
            let mut smaller = statement.clone();
            let conditions = smaller["Condition"].as_object_mut().expect("conditions");
            conditions.remove(operator);
            if conditions.is_empty() {
                smaller
                    .as_object_mut()
                    .expect("a statement")
                    .remove("Condition");
            }
            all.push(with(Some(smaller)));
            for (key, values) in keys.as_object().into_iter().flatten() {
                for value in values.as_array().into_iter().flatten() {
                    let mut smaller = statement.clone();
                    smaller["Condition"][operator][key] = value.clone();
                    all.push(with(Some(smaller)));
                }
            }
        }
    }
    all
}
