//! doorstep-rules.
