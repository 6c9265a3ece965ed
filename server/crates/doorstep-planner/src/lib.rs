//! doorstep-planner.
