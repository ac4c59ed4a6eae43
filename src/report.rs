//! How findings and explanations are shown: one file a format.
