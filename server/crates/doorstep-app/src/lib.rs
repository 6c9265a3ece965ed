//! doorstep-app.
