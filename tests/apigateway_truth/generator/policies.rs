//! Policies of callers and of APIs.

use serde_json::{Value as Json, json};

use super::Generator;

/// All APIs of the account, and those that no call is to.
const ALL: &str = "arn:aws:execute-api:us-east-1:000000000000:*";
const ELSEWHERE: &str = "arn:aws:execute-api:us-east-1:000000000000:ffffffff/*";

pub fn policy(statements: Json) -> Json {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

impl Generator {
    /// Says something about calls: of all, or of some.
    pub(super) fn identity(&mut self, effect: &str, is_broad: bool) -> Json {
        let narrow = [
            "arn:aws:execute-api:us-east-1:000000000000:*/prod/*",
            "arn:aws:execute-api:us-east-1:000000000000:*/*/GET/*",
            "arn:aws:execute-api:us-east-1:000000000000:*/prod/GET/orders",
            "arn:aws:execute-api:us-east-1:000000000000:<rest0>/*",
            "arn:aws:execute-api:us-east-1:000000000000:*/$default/*",
        ];
        let resource = match is_broad {
            true => ALL,
            false => self.pick(&narrow),
        };
        let action = self.pick(&["execute-api:Invoke", "execute-api:*", "*"]);
        policy(json!([{ "Effect": effect, "Action": action, "Resource": resource }]))
    }

    pub(super) fn elsewhere(&mut self) -> Json {
        let statements = [
            json!([]),
            json!([{ "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": ELSEWHERE }]),
            json!([{ "Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": "*" }]),
        ];
        match self.pick(&statements) {
            none if none.as_array().is_some_and(Vec::is_empty) => {
                policy(json!([{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" }]))
            }
            statements => policy(statements.clone()),
        }
    }

    /// What an API lets in: everybody, some addresses, some methods, some callers.
    pub(super) fn resource_policy(&mut self, label: &str) -> Option<Json> {
        if self.chance(25) {
            return None;
        }
        let mut statements = vec![self.allow(label)];
        if self.chance(30) {
            statements.push(self.allow(label));
        }
        if self.chance(40) {
            statements.push(self.deny(label));
        }
        Some(policy(statements.into()))
    }

    fn allow(&mut self, label: &str) -> Json {
        let mut statement = json!({
            "Effect": "Allow",
            "Principal": self.principal(),
            "Action": self.pick(&["execute-api:Invoke", "execute-api:*", "execute-api:invoke"]),
            "Resource": self.resource(label),
        });
        if self.chance(45) {
            statement["Condition"] = self.condition();
        }
        statement
    }

    fn deny(&mut self, label: &str) -> Json {
        json!({
            "Effect": "Deny",
            "Principal": "*",
            "Action": "execute-api:Invoke",
            "Resource": self.resource(label),
            "Condition": self.condition(),
        })
    }

    fn principal(&mut self) -> Json {
        match self.below(10) {
            0 => json!({ "AWS": "arn:aws:iam::000000000000:user/silent" }),
            1 => json!({ "AWS": "arn:aws:iam::000000000000:role/stranger" }),
            2 => json!({ "AWS": "arn:aws:iam::000000000000:root" }),
            3 => json!({ "AWS": "000000000000" }),
            4 => json!({ "AWS": "*" }),
            _ => json!("*"),
        }
    }

    /// In the short form or as an ARN.
    fn resource(&mut self, label: &str) -> Json {
        let rest = *self.pick(&[
            "*",
            "*",
            "prod/*",
            "*/GET/*",
            "*/POST/*",
            "prod/GET/orders",
            "*/GET/orders/*",
            "*/*/orders",
            "*/OPTIONS/*",
            "prod/GET/orders/{id}",
        ]);
        match self.below(4) {
            0 => json!(format!(
                "arn:aws:execute-api:us-east-1:000000000000:<{label}>/{rest}"
            )),
            1 => json!(format!("arn:aws:execute-api:*:*:*/{rest}")),
            2 => json!([
                format!("execute-api:/{rest}"),
                "execute-api:/prod/HEAD/never"
            ]),
            _ => json!(format!("execute-api:/{rest}")),
        }
    }

    fn condition(&mut self) -> Json {
        let addresses = json!(["127.0.0.7", "127.0.0.64/26"]);
        match self.below(8) {
            0 | 1 => json!({ "IpAddress": { "aws:SourceIp": addresses } }),
            2 | 3 => json!({ "NotIpAddress": { "aws:SourceIp": addresses } }),
            4 => json!({ "IpAddress": { "aws:SourceIp": "127.0.0.0/29" } }),
            5 => json!({ "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
            6 => json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-1a2b3c4d" } }),
            _ => json!({ "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::000000000000:user/*" } }),
        }
    }
}
