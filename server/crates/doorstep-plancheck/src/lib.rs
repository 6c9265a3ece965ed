//! The independent checker of plans: re-derives every time, sum, rule and reason of a plan from its problem.
//!
//! It shares the shapes of [`doorstep_planner::model`] with the planner and no step of the search: where the search
//! joins parts in constant time, the checker walks each route from door to door. It must not know how a plan was made,
//! and it never repairs one. Start reading at [`check`].

mod day;
mod finding;
mod fits;
mod known;
mod reasons;
mod routes;
mod sums;
mod way;
mod whole;

pub use finding::{Code, Finding, Severity};

use doorstep_planner::model::{Plan, Problem};

/// Everything that is wrong with a plan, or that a supervisor must see; empty for a plan to rely on.
///
/// A plan that points outside its problem, or holds times outside any day, gets those findings alone. Reasons are judged
/// only where the routes hold, because they speak about the routes as planned.
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    known::check(problem, plan, &mut findings);
    if !findings.is_empty() {
        return findings;
    }
    for route in &plan.routes {
        routes::check(problem, route, &mut findings);
    }
    whole::check(problem, plan, &mut findings);
    sums::check(problem, plan, &mut findings);
    if findings.iter().all(|finding| finding.severity == Severity::Notice) {
        reasons::check(problem, plan, &mut findings);
    }
    findings
}
