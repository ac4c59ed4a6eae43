//! The circumstances of a request, and conditions on them.

use serde_json::{Map, Value as Json, json};

use super::Generator;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Text,
    /// A text that may come several times.
    Texts,
    Arn,
    Address,
    Number,
    Date,
    Bool,
}

/// Keys, what they hold in requests, and what policies compare them with.
pub const KEYS: [(&str, Type, &[&str], &[&str]); 17] = [
    (
        "aws:SourceIp",
        Type::Address,
        &["203.0.113.7", "198.51.100.9", "2001:db8::7"],
        ADDRESSES,
    ),
    (
        "aws:VpcSourceIp",
        Type::Address,
        &["10.0.0.7", "10.1.0.7"],
        ADDRESSES,
    ),
    (
        "aws:SourceVpce",
        Type::Text,
        &["vpce-1", "vpce-2"],
        &["vpce-1", "vpce-*", "VPCE-1", "vpce-?"],
    ),
    ("aws:SourceVpc", Type::Text, &["vpc-1"], &["vpc-1", "vpc-2"]),
    (
        "aws:UserAgent",
        Type::Text,
        &["curl/8.1", "a*b"],
        &["curl/*", "Curl/8.1", "*", "a${*}b", "a${?}b", ""],
    ),
    (
        "aws:Referer",
        Type::Text,
        &["https://shop.test/"],
        &["https://shop.test/*", "https://*.test/", "*shop*"],
    ),
    (
        "aws:RequestedRegion",
        Type::Text,
        &["eu-west-1", "us-east-1"],
        &["eu-west-1", "eu-*", "EU-WEST-1"],
    ),
    (
        "aws:PrincipalOrgID",
        Type::Text,
        &["o-1"],
        &["o-1", "o-2", "o-*"],
    ),
    (
        "aws:PrincipalTag/team",
        Type::Text,
        &["7", "Sales"],
        &["7", "sales", "Sales", "${aws:RequestedRegion}", "*"],
    ),
    (
        "aws:PrincipalArn",
        Type::Arn,
        &[
            "arn:aws:iam::111122223333:user/ann",
            "arn:aws:iam::111122223333:role/reader",
        ],
        ARNS,
    ),
    (
        "aws:SourceArn",
        Type::Arn,
        &[
            "arn:aws:sns:eu-west-1:111122223333:topic:a",
            "arn:aws:sns:eu-west-1:444455556666:b:111122223333:a",
            "arn:aws:s3:::orders",
        ],
        ARNS,
    ),
    (
        "aws:MultiFactorAuthAge",
        Type::Number,
        &["30", "300.5", "0"],
        &["30", "30.0", "300", "-1", "1000"],
    ),
    (
        "aws:CurrentTime",
        Type::Date,
        &["2026-03-01T12:00:00Z"],
        DATES,
    ),
    (
        "aws:TokenIssueTime",
        Type::Date,
        &["2026-03-01T11:00:00Z", "2026-02-28T23:59:59Z"],
        DATES,
    ),
    (
        "aws:SecureTransport",
        Type::Bool,
        &["true", "false"],
        &["true", "false"],
    ),
    (
        "aws:MultiFactorAuthPresent",
        Type::Bool,
        &["true", "false"],
        &["true", "false"],
    ),
    (
        "aws:TagKeys",
        Type::Texts,
        &["team", "cost", "Team"],
        &["team", "cost", "t*", "?eam"],
    ),
];

const ADDRESSES: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.7/32",
    "203.0.113.8/29",
    "198.51.100.0/24",
    "10.0.0.0/16",
    "10.1.2.3/15",
    "2001:db8::/32",
    "2001:DB8:1::/48",
    "128.0.0.0/1",
];
const ARNS: &[&str] = &[
    "arn:aws:iam::111122223333:user/ann",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:role/*",
    "arn:aws:*:*:111122223333:*",
    "arn:aws:sns:*:111122223333:topic:?",
    "arn:aws:sns:*:111122223333:a",
    "arn:aws:s3:::*",
    "arn:aws:iam::111122223333:user/${aws:username, 'ann'}",
    "arn:aws:iam::111122223333:user/${aws:username}",
];
const DATES: &[&str] = &[
    "2026-03-01T12:00:00Z",
    "2026-03-01T13:00:00+01:00",
    "2026-03-01",
    "2026-02-28T23:59:59Z",
    "2030-01-01T00:00:00Z",
    "2026-03",
    "2026-03-01T12:00Z",
    "2026-03-01T12:00:00.5Z",
];

const TEXT_TESTS: [&str; 6] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
];

impl Generator {
    pub fn context(&mut self, caller: Option<&str>) -> Map<String, Json> {
        let mut context = Map::new();
        for (key, kind, values, _) in KEYS {
            let signed = matches!(
                key,
                "aws:PrincipalArn" | "aws:PrincipalOrgID" | "aws:PrincipalTag/team"
            );
            if signed && caller.is_none() || !self.chance(60) {
                continue;
            }
            let value = match kind {
                // An empty list is something to the package.
                Type::Texts => (0..1 + self.below(2)).map(|_| *self.pick(values)).collect(),
                _ => json!(self.pick(values)),
            };
            context.insert(key.to_owned(), value);
        }
        let name = caller.and_then(|caller| caller.split_once(":user/"));
        if let Some(name) = name.and_then(|(_, path)| path.rsplit('/').next()) {
            context.insert("aws:username".into(), name.into());
        }
        context
    }

    pub fn conditions(&mut self) -> Json {
        let mut conditions = Map::new();
        for _ in 0..1 + self.below(2) {
            let operator_for = *self.pick(&KEYS);
            let operator = self.operator(operator_for.1);
            let mut keys = Map::new();
            self.key(&mut keys, &operator, operator_for);
            if self.chance(20) {
                let (_, kind, ..) = operator_for;
                let same: Vec<_> = KEYS
                    .into_iter()
                    .filter(|(_, other, ..)| *other == kind)
                    .collect();
                let other = *self.pick(&same);
                self.key(&mut keys, &operator, other);
            }
            conditions.insert(operator, Json::Object(keys));
        }
        Json::Object(conditions)
    }

    fn key(
        &mut self,
        keys: &mut Map<String, Json>,
        operator: &str,
        key: (&str, Type, &[&str], &[&str]),
    ) {
        let (name, _, requested, written) = key;
        let name = match self.below(8) {
            0 => name.to_uppercase().replace("AWS:", "aws:"),
            1 => name.to_lowercase(),
            _ => name.to_owned(),
        };
        if operator.starts_with("Null") {
            keys.insert(name, json!(self.pick(&["true", "false"])));
            return;
        }
        let count = 1 + self.below(3);
        // The package reads these only where there are wildcards.
        let plain = operator.to_lowercase().contains("equals");
        let special = |text: &&&str| plain && (text.contains("${*}") || text.contains("${?}"));
        let written: Vec<&str> = written
            .iter()
            .filter(|text| !special(text))
            .copied()
            .collect();
        let values = (0..count).map(|_| {
            let pool = match key.1 {
                // To the package a range is another thing than an address.
                Type::Address => &written,
                _ if self.chance(40) => requested,
                _ => &written,
            };
            let value = *self.pick(pool);
            match key.1 {
                Type::Bool if self.chance(30) => json!(value == "true"),
                _ => json!(value),
            }
        });
        let values = values.collect();
        keys.insert(name, self.one_or_several(values));
    }

    fn operator(&mut self, kind: Type) -> String {
        if self.chance(10) {
            return "Null".into();
        }
        let tests: &[&str] = match kind {
            Type::Text | Type::Texts => &TEXT_TESTS,
            Type::Arn => &[
                "ArnEquals",
                "ArnLike",
                "ArnNotEquals",
                "ArnNotLike",
                "StringLike",
                "StringNotEquals",
            ],
            Type::Address => &["IpAddress", "NotIpAddress"],
            Type::Number => &[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ],
            Type::Date => &[
                "DateEquals",
                "DateNotEquals",
                "DateLessThan",
                "DateLessThanEquals",
                "DateGreaterThan",
                "DateGreaterThanEquals",
            ],
            Type::Bool => &["Bool", "StringEquals"],
        };
        let test = *self.pick(tests);
        let set = match kind {
            Type::Texts => *self.pick(&["ForAllValues:", "ForAnyValue:"]),
            _ if self.chance(10) => *self.pick(&["ForAllValues:", "ForAnyValue:"]),
            _ => "",
        };
        // The package does not know of it with `ForAnyValue`.
        let suffix = match set {
            "ForAnyValue:" => "",
            _ if self.chance(20) => "IfExists",
            _ => "",
        };
        let name = format!("{set}{test}{suffix}");
        match self.chance(5) {
            true => name.to_lowercase(),
            false => name,
        }
    }
}
