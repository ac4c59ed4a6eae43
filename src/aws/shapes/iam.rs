//! Who may do what. Policies are encoded in the answers, and written as what they are.

use aws_sdk_iam::types::*;
use serde_json::Value;

use crate::aws::document::{Document, shape, words};
use crate::gates::aws::iam::decoded;

shape! {
    UserDetail {
        "Path" path,
        "UserName" user_name,
        "UserId" user_id,
        "Arn" arn,
        "UserPolicyList" user_policy_list,
        "GroupList" group_list,
        "AttachedManagedPolicies" attached_managed_policies,
        "PermissionsBoundary" permissions_boundary,
    }
    RoleDetail {
        "Path" path,
        "RoleName" role_name,
        "RoleId" role_id,
        "Arn" arn,
        "AssumeRolePolicyDocument" assume_role_policy_document => policy,
        "InstanceProfileList" instance_profile_list,
        "RolePolicyList" role_policy_list,
        "AttachedManagedPolicies" attached_managed_policies,
        "PermissionsBoundary" permissions_boundary,
    }
    InstanceProfile {
        "Arn" arn,
        "InstanceProfileName" instance_profile_name,
    }
    GroupDetail {
        "Path" path,
        "GroupName" group_name,
        "GroupId" group_id,
        "Arn" arn,
        "GroupPolicyList" group_policy_list,
        "AttachedManagedPolicies" attached_managed_policies,
    }
    ManagedPolicyDetail {
        "PolicyName" policy_name,
        "PolicyId" policy_id,
        "Arn" arn,
        "Path" path,
        "DefaultVersionId" default_version_id,
        "AttachmentCount" attachment_count,
        "PermissionsBoundaryUsageCount" permissions_boundary_usage_count,
        "PolicyVersionList" policy_version_list => in_force,
    }
    PolicyVersion {
        "Document" document => policy,
        "VersionId" version_id,
        "IsDefaultVersion" is_default_version,
    }
    PolicyDetail {
        "PolicyName" policy_name,
        "PolicyDocument" policy_document => policy,
    }
    AttachedPolicy {
        "PolicyName" policy_name,
        "PolicyArn" policy_arn,
    }
    AttachedPermissionsBoundary {
        "PermissionsBoundaryType" permissions_boundary_type,
        "PermissionsBoundaryArn" permissions_boundary_arn,
    }
}

words! { PermissionsBoundaryAttachmentType }

/// Percent-encoded as RFC 3986 says, and JSON below that; what is neither is kept as it is.
fn policy(text: &Option<String>) -> Option<Value> {
    let text = text.as_deref()?;
    let decoded = decoded(text);
    Some(serde_json::from_str(&decoded).unwrap_or_else(|_| Value::from(text)))
}

/// The other versions allow nothing.
fn in_force(versions: &Option<Vec<PolicyVersion>>) -> Option<Value> {
    let versions = versions.as_ref()?.iter();
    let default = versions.filter(|version| version.is_default_version);
    Some(default.filter_map(Document::document).collect())
}
