//! doorstep-log.
