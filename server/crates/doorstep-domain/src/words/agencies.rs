//! Words of agencies.

use super::words;
use crate::agency::EvaluationResult;

words!(EvaluationResult {
    Pass => "passed", "合格";
    Conditions => "passed with conditions", "有条件合格";
    Fail => "failed", "不合格";
});
