//! How each service of AWS says that the caller may not.

/// Status, the error's name for a header, and the body.
pub fn of(service: &str) -> (u16, &'static str, String) {
    match service {
        "ec2" => (
            403,
            "",
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message>\
             </Error></Errors></Response>"
                .to_owned(),
        ),
        "iam" | "elasticloadbalancing" | "cloudfront" => (
            403,
            "",
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>\
             </ErrorResponse>"
                .to_owned(),
        ),
        "wafv2" => (
            400,
            "",
            r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned(),
        ),
        _ => (
            403,
            "AccessDeniedException",
            r#"{"message":"no"}"#.to_owned(),
        ),
    }
}
