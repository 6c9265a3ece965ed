//! doorstep-roads.
