//! The answer of a Lambda authorizer, kept from an earlier request of the same caller. Its policy is
//! held against each request that has the same values in the identity sources; an answer without a
//! policy goes for all of them
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html#http-api-lambda-authorizer.caching>).

#[derive(Clone, Debug)]
pub struct Kept {
    /// The authorizer's id.
    pub authorizer: String,
    /// The one ARN that its policy allows; `None` where it refused the caller.
    pub allows: Option<String>,
    /// The request that it was the answer to: `GET /orders`.
    pub asked: String,
}

impl Kept {
    /// What is wrong with a request for this ARN, if something is.
    pub fn refuses(&self, authorizer: &str, arn: &str) -> Option<String> {
        let asked = &self.asked;
        match &self.allows {
            Some(own) if own == arn => None,
            Some(_) => Some(format!(
                "the answer of {authorizer} that is kept allows {asked} alone"
            )),
            None => Some(format!(
                "the answer of {authorizer} that is kept refused {asked}"
            )),
        }
    }
}
